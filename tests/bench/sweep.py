#!/usr/bin/env python3
"""A mixed sweep, planned and run: 100 points whose costs spread 100 : 1, on some ranks.

usage: sweep.py DRIFTWOOD [--ranks N] [--seconds S] [--points N] [--theory]

A few points tell first what a point costs and how that grows with its steps, so that the costs, not the steps, spread 100 : 1.
Prints how many of the ranks' seconds were spent on points (the efficiency of the scheduling, from status.tsv), the wall time
of the whole program, and what `driftwood plan` had predicted; also in processor time, which other programs on the machine
disturb less. --seconds is about how long all points take on one rank; --theory adds a closure with its solve and comparison
to each (it takes --seconds 300 or more)."""
import argparse
import json
import os
import resource
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SPREAD = 100
CONFIG = """[data]
file = {source}/share/datasets/iris.csv
[network]
widths = 4-1-1-4
[training]
replicas = 512
time = {times}
snapshots = 4
[closure]
names = {closures}
[fokker_planck]
cells = 128
"""


def write_config(path, times, closures):
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(source=os.path.join(HERE, "..", ".."), times=", ".join(f"{t:.6g}" for t in times),
                                 closures=closures))


def status_lines(run):
    """(state, seconds, group) of every line of status.tsv but its header."""
    with open(run + "/status.tsv", encoding="utf-8") as file:
        lines = [line.split("\t") for line in file][1:]
    return [(line[2], float(line[4]), line[3]) for line in lines]


def probed_times(driftwood, scratch, closures, n_points, seconds):
    """Training times of points whose costs are a log range, and take about so many seconds together."""
    config, run = scratch + "/probe.ini", scratch + "/probe"
    short, long = 20.0, 2000.0
    write_config(config, [long, 1.001 * long] + [short * (1 + 0.001 * i) for i in range(8)], closures)
    subprocess.run([driftwood, "run", config, "--output", run], check=True, stdout=subprocess.DEVNULL)
    took = sorted(seconds for state, seconds, _ in status_lines(run) if state == "done")
    # The least of each: what was in the way is no part of the work.
    slope = (took[-2] - took[0]) / (long - short)
    fixed = max(0.0, took[0] - slope * short)
    steps = [SPREAD ** (i / (n_points - 1)) for i in range(n_points)]
    unit = seconds / sum(steps)
    if unit < 1.2 * fixed:
        raise SystemExit(f"every point takes {fixed:.3f} s whatever its steps: --seconds {1.2 * fixed * sum(steps):.0f} or more")
    return [(unit * step - fixed) / slope for step in steps]


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
    closures = "conditional" if arguments.theory else "none"
    with tempfile.TemporaryDirectory() as scratch:
        config, run, rates = scratch + "/mixed.ini", scratch + "/run", scratch + "/rates"
        write_config(config, probed_times(arguments.driftwood, scratch, closures, arguments.points, arguments.seconds), closures)
        plan = subprocess.run([arguments.driftwood, "plan", config, "--ranks", str(arguments.ranks),
                               "--calibration", rates], check=True, stdout=subprocess.PIPE, text=True).stdout
        predicted, predicted_efficiency = planned_seconds(plan, arguments.ranks)
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
        subprocess.run(["mpirun", "-n", str(arguments.ranks), arguments.driftwood, "run", config, "--output", run,
                        "--calibration", rates], check=True, stdout=subprocess.DEVNULL)
        after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.time() - start
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        status = json.loads(subprocess.run([arguments.driftwood, "status", run, "--json"], check=True,
                                           stdout=subprocess.PIPE, text=True).stdout)
        done, groups = [], {}
        for state, seconds, group in status_lines(run):
            if state == "done":
                done.append(seconds)
                groups[group] = groups.get(group, 0) + seconds
        busiest = max(groups.values())
        print(f"points {len(done)}, the longest {max(done):.2f} s, the shortest {min(done):.3f} s: "
              f"{max(done) / min(done):.0f} : 1; ranks {arguments.ranks}")
        print(f"work {sum(done):.1f} rank-seconds, busiest rank {busiest:.1f} s, whole program {wall:.1f} s")
        print(f"efficiency of the hand-out {sum(done) / (arguments.ranks * max(busiest, max(done))):.3f}, "
              f"of the whole program {sum(done) / (arguments.ranks * wall):.3f} (planned {predicted_efficiency:.3f})")
        print(f"predicted {predicted:.1f} s: whole program / predicted = {wall / predicted:.3f}; "
              f"points took / predicted = {status['done_seconds'] / status['done_predicted_seconds']:.3f}")
        print(f"processor time of all ranks, start and end included, {processor:.1f} s: / predicted = "
              f"{processor / status['done_predicted_seconds']:.3f}")


if __name__ == "__main__":
    main()
