#!/usr/bin/env python3
"""A mixed sweep, planned and run: 100 points whose costs spread 100 : 1, on some ranks.

usage: sweep.py DRIFTWOOD [--ranks N] [--seconds S] [--points N] [--theory]

Prints how many of the ranks' seconds were spent on points (the efficiency of the scheduling, from status.tsv, between the first
point's start and the last one's end), the wall time of the whole program, and what `driftwood plan` had predicted. --seconds is
about how long all points take on one rank; --theory adds a closure with its solve and comparison to each."""
import argparse
import datetime
import json
import os
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIG = """[data]
file = {source}/share/datasets/iris.csv
[network]
widths = 4-1-1-4
[training]
replicas = 2048
time = logrange({low}, {high}, {points})
snapshots = 6
[closure]
names = {closures}
"""


def planned_seconds(text, ranks):
    """The column `time` of the plan's line for so many ranks."""
    units = {"s": 1, "min": 60, "h": 3600}
    for line in text.splitlines():
        words = line.split()
        if len(words) > 4 and words[0] == str(ranks) and words[2] == "x":
            words = words[4:]
            seconds = 0
            while words[1] in units:
                seconds += float(words[0]) * units[words[1]]
                words = words[2:]
            return seconds, float(words[0])
    raise SystemExit("no line for these ranks in the plan:\n" + text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("driftwood")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--theory", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        config, run = scratch + "/mixed.ini", scratch + "/run"
        # 2048 replicas take about 0.12 ms a step of learning rate 0.02; the mean of a log range 1..100 is 21.5 % of its end.
        high = arguments.seconds / arguments.points / 0.215 / 0.12e-3 * 0.02
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(source=os.path.join(HERE, "..", ".."), low=high / 100, high=high,
                                     points=arguments.points, closures="conditional" if arguments.theory else "none"))
        rates = scratch + "/rates"
        plan = subprocess.run([arguments.driftwood, "plan", config, "--ranks", str(arguments.ranks),
                               "--calibration", rates], check=True, stdout=subprocess.PIPE, text=True).stdout
        predicted, predicted_efficiency = planned_seconds(plan, arguments.ranks)
        start = time.time()
        subprocess.run(["mpirun", "-n", str(arguments.ranks), arguments.driftwood, "run", config, "--output", run,
                        "--calibration", rates], check=True, stdout=subprocess.DEVNULL)
        wall = time.time() - start
        lines = [line.split("\t") for line in open(run + "/status.tsv", encoding="utf-8")][1:]
        done = [float(line[4]) for line in lines if line[2] == "done"]
        status = json.loads(subprocess.run([arguments.driftwood, "status", run, "--json"], check=True,
                                           stdout=subprocess.PIPE, text=True).stdout)
        # status.tsv counts seconds; the span is that of the busiest group.
        groups = {}
        for line in lines:
            if line[2] == "done":
                groups[line[3]] = groups.get(line[3], 0) + float(line[4])
        busiest = max(groups.values())
        span = (datetime.datetime.fromisoformat(lines[-1][0].rstrip("Z")) -
                datetime.datetime.fromisoformat(lines[0][0].rstrip("Z"))).total_seconds()
        print(f"points {len(done)}, the longest {max(done):.2f} s, the shortest {min(done):.3f} s, ranks {arguments.ranks}")
        print(f"work {sum(done):.1f} rank-seconds, busiest rank {busiest:.1f} s, span {span:.0f} s, whole program {wall:.1f} s")
        print(f"efficiency of the hand-out {sum(done) / (arguments.ranks * max(busiest, max(done))):.3f}, "
              f"of the whole program {sum(done) / (arguments.ranks * wall):.3f} (planned {predicted_efficiency:.3f})")
        print(f"predicted {predicted:.1f} s: whole program / predicted = {wall / predicted:.3f}; "
              f"points took / predicted = {status['done_seconds'] / status['done_predicted_seconds']:.3f}")


if __name__ == "__main__":
    main()
