#!/usr/bin/env python3
"""Compares the point files of a run directory with those of others.

usage: compare_runs.py RUN_A RUN_B... [--density-tolerance X]

The trained replicas (weights, loss, drift, diffusion) must be the same bit for bit; what PETSc computed (densities and all
that follows from them) must agree to the tolerance, relative to each variable's largest value. Exit status 1 and a line per
difference otherwise."""
import argparse
import glob
import os
import sys

import h5py
import numpy

BITWISE = ("weights", "loss", "test_loss", "parameters", "drift", "diffusion", "step", "time", "replica")
IGNORED = ("solve_seconds", "training_seconds", "point_seconds", "replica_steps_per_second", "n_steps", "n_rejected",
           "n_remaps", "n_linear_iterations", "max_mass_error", "min_density", "max_wall_mass",
           "time_step_error")


def differences(file_a, file_b, tolerance):
    names_a, names_b = set(file_a), set(file_b)
    for name in sorted(names_a ^ names_b):
        yield f"{name}: only in one of the files"
    for name in sorted(names_a & names_b):
        a, b = file_a[name], file_b[name]
        if not isinstance(a, h5py.Dataset) or name in IGNORED:
            continue
        if a.shape != b.shape or a.dtype != b.dtype:
            yield f"{name}: shape {a.shape} {a.dtype} against {b.shape} {b.dtype}"
            continue
        a, b = a[()], b[()]
        if name in BITWISE or a.dtype.kind != "f":
            if a.tobytes() != b.tobytes() and not (a.dtype.kind == "O" and (a == b).all()):
                yield f"{name}: not the same bits"
            continue
        if (numpy.isnan(a) != numpy.isnan(b)).any():
            yield f"{name}: NaN in different places"
            continue
        scale = max(numpy.nanmax(numpy.abs(a), initial=0.0), 1e-300)
        worst = numpy.nanmax(numpy.abs(a - b), initial=0.0) / scale
        if worst > tolerance:
            yield f"{name}: differs by {worst:.2e} of its largest value, allowed {tolerance:.0e}"


def compare(run_a, run_b, tolerance):
    """Prints the differences and returns their number."""
    files_a = sorted(os.path.basename(f) for f in glob.glob(f"{run_a}/points/*.h5"))
    files_b = sorted(os.path.basename(f) for f in glob.glob(f"{run_b}/points/*.h5"))
    if not files_a or files_a != files_b:
        print(f"{run_b}: different points: {files_a} against {files_b}")
        return 1
    n_differences = 0
    for name in files_a:
        with h5py.File(f"{run_a}/points/{name}") as a, h5py.File(f"{run_b}/points/{name}") as b:
            for text in differences(a, b, tolerance):
                print(f"{run_b}: {name}: {text}")
                n_differences += 1
    print(f"{len(files_a)} point files compared, {n_differences} differences")
    return n_differences


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run_a")
    parser.add_argument("run_b", nargs="+")
    parser.add_argument("--density-tolerance", type=float, default=1e-9)
    arguments = parser.parse_args()
    n_differences = sum(compare(arguments.run_a, run_b, arguments.density_tolerance) for run_b in arguments.run_b)
    return 1 if n_differences else 0


if __name__ == "__main__":
    sys.exit(main())
