#!/usr/bin/python3
"""How fast the theory's error falls with the learning rate.

usage: plot_slopes.py RUN [--output FILE] [--snapshot K]

For a sweep over training.learning_rate: the difference of the standard deviations of theory and ensemble, and of their means, in
units of the ensemble's standard deviation (root mean square over the tracked weights), against the learning rate, one line for
every closure and every other swept value. Bars are standard errors of the ensemble; a slope is fitted through what lies
above two of them, each point weighted by its error. Prints the table it draws.

Needs h5py, numpy and matplotlib (Debian: jobs/packages.sh plots). The default FILE is RUN/plots/slopes.png, the default K the last.
"""
import argparse
import os
import sys

try:
    import numpy as np

    import driftwood_reader as reader
    import driftwood_style as style
    from driftwood_style import plt
except ImportError as missing:
    sys.exit(f"plot_slopes.py: {missing}; on Debian: jobs/packages.sh plots, and /usr/bin/python3 as interpreter")

KEY = "training.learning_rate"


def errors(point, closure, snapshot):
    """(error of the standard deviation, its standard error, error of the mean, its standard error), in deviations."""
    n = point.n_replicas()
    std = point.file["ensemble_std"][snapshot]
    of = lambda name: point.of_closure(name, closure)[snapshot]
    rms = lambda values: float(np.sqrt(np.mean(values**2)))
    return (rms((of("theory_std") - std) / std), (2 * n) ** -0.5,
            rms((of("theory_mean") - point.file["ensemble_mean"][snapshot]) / std), n**-0.5)


def gather(run, snapshot):
    """{line: rows of (learning rate, *errors)}, ascending in the learning rate."""
    lines = {}
    for _, point in reader.Run(run).points():
        where = point.coordinates
        if KEY not in where:
            raise reader.ReadError(f"{run}: {KEY} is no axis of this sweep")
        rest = ", ".join(f"{reader.short_key(key)} {value}" for key, value in where.items() if key != KEY)
        for closure in point.closures:
            if point.closure_state(closure) == "ok":
                lines.setdefault(f"{closure}, {rest}" if rest else closure, []).append(
                    (float(where[KEY]), *errors(point, closure, snapshot)))
    return {line: np.array(sorted(rows)) for line, rows in lines.items()}


def slope(rate, error, noise):
    """(slope, its standard error) of ln error against ln rate, or None where fewer than two stand out of the noise."""
    use = error > 2 * noise
    if use.sum() < 2:
        return None
    x, y, sigma = np.log(rate[use]), np.log(error[use]), noise / error[use]
    weight = 1 / sigma**2
    x0 = np.average(x, weights=weight)
    spread = np.sum(weight * (x - x0) ** 2)
    return float(np.sum(weight * (x - x0) * y) / spread), float(spread**-0.5)


def draw(lines):
    figure, panels = plt.subplots(1, 2, figsize=(9.5, 4.2), sharex=True, layout="constrained")
    for number, (line, rows) in enumerate(lines.items()):
        colour = f"C{number}"
        for panel, column, title in ((panels[0], 1, "standard deviation"), (panels[1], 3, "mean")):
            rate, error, noise = rows[:, 0], rows[:, column], rows[0, column + 1]
            fitted = slope(rate, error, noise)
            text = f"{line}: slope {fitted[0]:.2f} $\\pm$ {fitted[1]:.2f}" if fitted else f"{line}: within the noise"
            panel.errorbar(rate, error, yerr=noise, fmt="o-", color=colour, label=text, markersize=4, capsize=2)
            panel.axhline(noise, color=style.STRAY, linewidth=0.8, linestyle=":")
            panel.set(xscale="log", yscale="log", xlabel=r"learning rate $\eta$", title=f"error of the {title}")
            print(f"{title:20s} {line:42s} " + "  ".join(f"{r:g}: {e:.5f}" for r, e in zip(rate, error)) +
                  f"  (noise {noise:.5f})  " + (f"slope {fitted[0]:.2f} +- {fitted[1]:.2f}" if fitted else "within the noise"))
    panels[0].set_ylabel("|theory - ensemble| / ensemble's deviation")
    for panel in panels:
        panel.legend(frameon=False, loc="best")
    return figure


def main():
    parser = argparse.ArgumentParser(description="Draws how the theory's error falls with the learning rate.")
    parser.add_argument("run", metavar="RUN", help="run directory of a sweep over training.learning_rate")
    parser.add_argument("--output", metavar="FILE", help="the picture (default: RUN/plots/slopes.png)")
    parser.add_argument("--snapshot", metavar="K", type=int, default=-1, help="which snapshot (default: the last)")
    arguments = parser.parse_args()
    try:
        figure = draw(gather(arguments.run, arguments.snapshot))
    except reader.ReadError as error:
        sys.exit(f"plot_slopes.py: {error}")
    output = arguments.output or os.path.join(arguments.run, "plots", "slopes.png")
    os.makedirs(os.path.dirname(output) or ".", exist_ok=True)
    figure.savefig(output, dpi=150)
    print("wrote " + output)


if __name__ == "__main__":
    main()
