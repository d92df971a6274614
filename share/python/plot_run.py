#!/usr/bin/python3
"""Draws what a run found: does the Fokker-Planck theory describe how the weights evolve?

usage: plot_run.py RUN [--output DIR] [--points N ...] [--format png|pdf|svg]

For every point of the sweep, point<N>-...:
  density    the theory's density of each tracked weight over training time, one panel a closure, and the trained
             ensemble's quantiles on it; at its side the densities at the end against the ensemble's histogram
  snapshots  the same at a few times, linear and logarithmic
  moments    mean and standard deviation against time
  ratio      distance between theory and experiment over its sampling floor, weights and outputs
  plane      contours of the density of every two tracked weights, and replicas
  coefficients  drift and diffusion as `conditional` regressed them, with 95 % bands: of one tracked weight, or along the
             axes through the mean for three and four
  training   losses and weights of the replicas
and for the whole run: sweep, the ratios of all points and closures.

Needs h5py, numpy and matplotlib (Debian: jobs/packages.sh plots). The default DIR is RUN/plots.
"""
import argparse
import itertools
import os
import sys

try:
    import driftwood_figures as figures
    import driftwood_reader as reader
    import driftwood_style as style
except ImportError as missing:
    sys.exit(f"plot_run.py: {missing}; on Debian: jobs/packages.sh plots, and /usr/bin/python3 as interpreter")


def figures_of(point):
    """(name, figure) of everything there is to draw of a point, one after the other."""
    suffixes = [""] if point.dimension == 1 else [f"-w{k + 1}" for k in range(point.dimension)]
    if point.has_densities():
        for axis, suffix in enumerate(suffixes):
            yield "density" + suffix, figures.density_figure(point, axis)
            yield "snapshots" + suffix, figures.snapshots_figure(point, axis)
        for axes in itertools.combinations(range(point.dimension), 2):
            suffix = "".join(str(axis + 1) for axis in axes) if point.dimension > 2 else ""
            yield "plane" + suffix, figures.plane_figure(point, axes)
    if point.coefficients(0) is not None and point.dimension != 2:
        for axis, suffix in enumerate(suffixes):
            yield "coefficients" + suffix, figures.coefficients_figure(point, axis)
    if point.closures:
        yield "moments", figures.moments_figure(point)
        yield "ratio", figures.ratio_figure(point)
    yield "training", figures.training_figure(point)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Draws what a driftwood run found.")
    parser.add_argument("run", metavar="RUN", help="run directory")
    parser.add_argument("--output", metavar="DIR", help="where the pictures go (default: RUN/plots)")
    parser.add_argument("--points", metavar="N", nargs="+", type=int, help="only these points of the sweep (default: all)")
    parser.add_argument("--format", choices=("png", "pdf", "svg"), default="png")
    return parser.parse_args()


def draw(arguments):
    run = reader.Run(arguments.run)
    output = arguments.output or os.path.join(arguments.run, "plots")
    os.makedirs(output, exist_ok=True)
    written = []

    def save(name, figure):
        written.append(os.path.join(output, f"{name}.{arguments.format}"))
        style.save(figure, written[-1])

    for number, point in run.points():
        if arguments.points is None or number in arguments.points:
            for name, figure in figures_of(point):
                save(f"point{number}-{name}", figure)
    if os.path.exists(run.sweep_path):
        with run.sweep() as sweep:
            figure = figures.sweep_figure(sweep)
            if figure is not None:
                save("sweep", figure)
    if not written:
        raise reader.ReadError(f"{arguments.run}: it has no points {arguments.points}")
    return written


def main():
    return style.run_script("plot_run.py", draw, parse_arguments(), (reader.ReadError, OSError))


if __name__ == "__main__":
    sys.exit(main())
