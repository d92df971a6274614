#!/usr/bin/python3
"""Weak scaling of `driftwood train`: two ranks with twice the replicas against one rank, in one run.

usage: weak_scaling.py DRIFTWOOD [--rounds N] [--replicas N] [--time T]

Each round trains one rank's replicas, then two ranks' twice as many, and takes the wall time of the training from the
result files (that of the slowest rank). Noise of a shared machine only adds to a time, so the smallest times count. Where
other programs take the cores away, wall times mean nothing; processor times still do. They are those of the whole job less
those of a job that trains for two steps.
"""
import argparse
import glob
import os
import resource
import subprocess
import sys
import tempfile

import h5py

CONFIG = """
[data]
source = gaussian
samples = 1024
features = 16
[network]
widths = 16-8-2-2-8-16
tracked_layer = 3
[training]
batch_size = 32
snapshots = 2
[closure]
names = none
"""


def trained(driftwood, directory, ranks, replicas, time):
    """Wall seconds of the training, and processor seconds of the whole job."""
    output = tempfile.mkdtemp(dir=directory)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["mpirun", "-n", str(ranks), driftwood, "train", f"{directory}/config.ini", "--output", output,
                    f"--training.replicas={replicas}", f"--training.time={time}"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    (point,) = glob.glob(f"{output}/points/*.h5")
    with h5py.File(point) as file:
        wall = float(file["training_seconds"][()])
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("driftwood")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--replicas", type=int, default=1024, help="of one rank")
    parser.add_argument("--time", type=float, default=50)
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    wall = {1: [], 2: []}
    processor = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as directory:
        with open(f"{directory}/config.ini", "w") as file:
            file.write(CONFIG)
        for number in range(arguments.rounds):
            for ranks in (1, 2):
                replicas = ranks * arguments.replicas
                _, start = trained(arguments.driftwood, directory, ranks, replicas, 0.04)
                seconds, whole = trained(arguments.driftwood, directory, ranks, replicas, arguments.time)
                wall[ranks].append(seconds)
                processor[ranks].append(whole - start)
            print(f"round {number + 1}: one rank {wall[1][-1]:.2f} s (processor {processor[1][-1]:.2f}), "
                  f"two ranks {wall[2][-1]:.2f} s (processor {processor[2][-1]:.2f})", flush=True)
    print(f"two ranks and twice the replicas take {min(wall[2]) / min(wall[1]):.3f} of one rank's time, "
          f"and {min(processor[2]) / min(processor[1]) / 2:.3f} of its processor time a replica")
    return 0


if __name__ == "__main__":
    sys.exit(main())
