#!/usr/bin/python3
"""Draws what `driftwood solve` found.

usage: plot_solve.py FILE [--output DIR] [--format png|pdf|svg]

  density   the marginal densities of every coordinate at a few times, with the exact ones where they are known; mean and
            width against time; the probability that is left and where the rest went; the errors
  plane     for two and more coordinates: the density in the plane of each pair, at a few times

Needs h5py, numpy and matplotlib (Debian: jobs/packages.sh plots). The pictures are FILE's name with -density and -plane
added, beside it unless DIR says otherwise.
"""
import argparse
import os
import sys

try:
    import driftwood_reader as reader
    import driftwood_solve_figures as figures
    import driftwood_style as style
except ImportError as missing:
    sys.exit(f"plot_solve.py: {missing}; on Debian: jobs/packages.sh plots, and /usr/bin/python3 as interpreter")


def parse_arguments():
    parser = argparse.ArgumentParser(description="Draws what driftwood solve found.")
    parser.add_argument("file", metavar="FILE", help="the HDF5 file that driftwood solve wrote")
    parser.add_argument("--output", metavar="DIR", help="where the pictures go (default: beside FILE)")
    parser.add_argument("--format", choices=("png", "pdf", "svg"), default="png")
    return parser.parse_args()


def draw(arguments):
    solve = reader.Solve(arguments.file)
    if not solve.has_densities():
        raise reader.ReadError(f"{arguments.file}: the solve failed before its first snapshot: {solve.message}")
    output = arguments.output or os.path.dirname(os.path.abspath(arguments.file))
    os.makedirs(output, exist_ok=True)
    name = os.path.splitext(os.path.basename(arguments.file))[0]
    written = []
    for what, figure in figures.figures_of(solve):
        written.append(os.path.join(output, f"{name}-{what}.{arguments.format}"))
        style.save(figure, written[-1])
    return written


def main():
    try:
        written = draw(parse_arguments())
    except (reader.ReadError, OSError) as error:
        print(f"plot_solve.py: {error}", file=sys.stderr)
        return 4
    for path in written:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
