#!/usr/bin/python3
"""Draws what `driftwood derive` found (share/doc/field-theory.md).

usage: plot_derive.py RUN [--output DIR] [--format png|pdf|svg] [--closures NAME ...]

For every file of RUN/derive, <id>-...:
  couplings  running couplings of the trained ensemble, with error bars, and of every closure; dotted: predicted by dg/dt = beta(g)
  beta       beta functions, likewise
  gamma      anomalous dimensions
  flow       two couplings against each other, and the fixed point
  fixed-points  where the flow of each time comes to rest, beside the ensemble, and its stability eigenvalues
  residual   what the operators leave out, against their number
  balance    the terms of the height's equation along the training
  roughness  the ensemble's height by a kernel density beside the closures', and how rough it is on top of them
  heights-.. for one tracked weight: the height and its terms at three times

Needs h5py, numpy and matplotlib (Debian: jobs/packages.sh plots). The default DIR is RUN/plots.
"""
import argparse
import glob
import os
import sys

try:
    import driftwood_derive_figures as figures
    import driftwood_reader as reader
    import driftwood_style as style
except ImportError as missing:
    sys.exit(f"plot_derive.py: {missing}; on Debian: jobs/packages.sh plots, and /usr/bin/python3 as interpreter")


def figures_of(derived):
    """(name, figure) of everything there is to draw, one after the other."""
    yield "couplings", figures.couplings_figure(derived)
    yield "beta", figures.beta_figure(derived)
    yield "gamma", figures.gamma_figure(derived)
    if not derived.closures:
        return
    yield "flow", figures.flow_figure(derived)
    yield "fixed-points", figures.fixed_points_figure(derived)
    yield "residual", figures.residual_figure(derived)
    yield "balance", figures.balance_figure(derived)
    yield "roughness", figures.roughness_figure(derived)
    if derived.has("profile_w"):
        for closure in derived.closures:
            yield f"heights-{closure}", figures.profile_figure(derived, closure)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Draws what `driftwood derive` found.")
    parser.add_argument("run", metavar="RUN", help="run directory")
    parser.add_argument("--output", metavar="DIR", help="where the pictures go (default: RUN/plots)")
    parser.add_argument("--format", choices=("png", "pdf", "svg"), default="png")
    parser.add_argument("--closures", metavar="NAME", nargs="+", help="only these (default: all)")
    return parser.parse_args()


def draw(arguments):
    paths = sorted(glob.glob(os.path.join(arguments.run, "derive", "*.h5")))
    if not paths:
        raise reader.ReadError(f"{arguments.run}: nothing is derived (driftwood derive {arguments.run})")
    output = arguments.output or os.path.join(arguments.run, "plots")
    os.makedirs(output, exist_ok=True)
    written = []
    for path in paths:
        derived = figures.Derived(path)
        if arguments.closures:
            derived.keep(arguments.closures)
        for name, figure in figures_of(derived):
            written.append(os.path.join(output, f"{os.path.basename(path)[:-3]}-{name}.{arguments.format}"))
            style.save(figure, written[-1])
    return written


def main():
    return style.run_script("plot_derive.py", draw, parse_arguments(), (reader.ReadError, OSError))


if __name__ == "__main__":
    sys.exit(main())
