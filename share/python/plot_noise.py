#!/usr/bin/python3
"""A map of a sweep over batch size and temperature: where the noise matters, and when the density splits.

usage: plot_noise.py RUN [--output FILE] [--closure NAME] [--axis N]

For every point, at the end of the training and for tracked weight N (from 1): the standard deviation; the part of the replicas below
0 (the second basin of a network whose neighbouring layers may change their signs together), theory and ensemble; the number of
the solved density's modes (maxima above 2 % of the largest, between which it falls below half of the smaller); the theory's
Wasserstein-1 distance over its sampling floor at the worst snapshot. Prints the table it draws.

Needs h5py, numpy and matplotlib (Debian: jobs/packages.sh plots). The default FILE is RUN/plots/noise.png.
"""
import argparse
import os
import sys

try:
    import numpy as np

    import driftwood_reader as reader
    from driftwood_style import plt
except ImportError as missing:
    sys.exit(f"plot_noise.py: {missing}; on Debian: jobs/packages.sh plots, and /usr/bin/python3 as interpreter")

KEYS = ("training.temperature", "training.batch_size")
COLUMNS = (("ensemble_std", "standard deviation, ensemble", "%.3f"), ("theory_std", "the same, theory", "%.3f"),
           ("ensemble_below", "replicas with w < 0", "%.4f"), ("theory_below", "the same, theory", "%.4f"),
           ("modes", "modes of the solved density", "%d"), ("ratio", "worst W1 / floor", "%.1f"))


def n_modes(mass):
    """Maxima that stand apart: above 2 % of the largest, with less than half of the smaller one between two."""
    peaks = [i for i in range(1, len(mass) - 1)
             if mass[i] >= mass[i - 1] and mass[i] > mass[i + 1] and mass[i] > 0.02 * mass.max()]
    apart = []
    for peak in peaks:
        if not apart or mass[apart[-1]:peak].min() < 0.5 * min(mass[apart[-1]], mass[peak]):
            apart.append(peak)
        elif mass[peak] > mass[apart[-1]]:
            apart[-1] = peak
    return len(apart)


def measure(point, closure, axis):
    edges, mass = point.marginal(closure, -1, axis)
    weights = point.weights(axis)[-1]
    weights = weights[np.isfinite(weights)]
    return {"ensemble_std": weights.std(), "theory_std": point.of_closure("theory_std", closure)[-1, axis],
            "ensemble_below": (weights < 0).mean(),
            "theory_below": np.interp(0, edges, np.concatenate([[0], np.cumsum(mass)])),
            "modes": n_modes(mass), "ratio": point.ratio("weights_wasserstein1", closure)[:, axis].max()}


def gather(run, closure, axis):
    """{(temperature, batch size): measures}."""
    table = {}
    for _, point in reader.Run(run).points():
        where = point.coordinates
        if set(KEYS) - set(where):
            raise reader.ReadError(f"{run}: the sweep's axes must be {KEYS[0]} and {KEYS[1]}")
        if closure not in point.closures:
            raise reader.ReadError(f"{point.path}: closure {closure} was not solved")
        if point.closure_state(closure) == "ok":
            table[float(where[KEYS[0]]), int(where[KEYS[1]])] = measure(point, closure, axis)
    return table


def draw(table, name):
    temperatures = sorted({key[0] for key in table})
    batches = sorted({key[1] for key in table})
    figure, panels = plt.subplots(3, 2, figsize=(8.5, 8), layout="constrained")
    for panel, (column, title, form) in zip(panels.flat, COLUMNS):
        values = np.array([[table[t, b][column] if (t, b) in table else np.nan for b in batches] for t in temperatures])
        positive = values[np.isfinite(values) & (values > 0)]
        logarithmic = column not in ("modes", "ratio") and positive.size > 0
        shown = np.log10(np.where(values > 0, values, positive.min() / 3)) if logarithmic else values
        panel.imshow(shown, cmap="cividis", aspect="auto", origin="lower")
        middle = (np.nanmin(shown) + np.nanmax(shown)) / 2
        for (row, i), value in np.ndenumerate(values):
            if np.isfinite(value):
                panel.text(i, row, form % value, ha="center", va="center", color="k" if shown[row, i] > middle else "w")
        panel.set_xticks(range(len(batches)), [str(b) for b in batches])
        panel.set_yticks(range(len(temperatures)), [f"{t:g}" for t in temperatures])
        panel.set_title(title)
    for panel in panels[-1]:
        panel.set_xlabel("batch size $B$")
    for panel in panels[:, 0]:
        panel.set_ylabel("temperature $T$")
    figure.suptitle(f"{name}, at the end of the training")
    return figure


def report(table):
    print("temperature  batch size  " + "  ".join(column for column, _, _ in COLUMNS))
    for (temperature, batch), values in sorted(table.items()):
        print(f"{temperature:11g}  {batch:10d}  " +
              "  ".join((form % values[column]).rjust(len(column)) for column, _, form in COLUMNS))


def main():
    parser = argparse.ArgumentParser(description="Draws a map over batch size and temperature.")
    parser.add_argument("run", metavar="RUN", help="run directory of a sweep over the two")
    parser.add_argument("--output", metavar="FILE", help="the picture (default: RUN/plots/noise.png)")
    parser.add_argument("--closure", metavar="NAME", default="conditional")
    parser.add_argument("--axis", metavar="N", type=int, default=1, help="tracked weight, from 1")
    arguments = parser.parse_args()
    try:
        table = gather(arguments.run, arguments.closure, arguments.axis - 1)
    except reader.ReadError as error:
        sys.exit(f"plot_noise.py: {error}")
    if not table:
        sys.exit(f"plot_noise.py: {arguments.run}: no point was solved")
    report(table)
    output = arguments.output or os.path.join(arguments.run, "plots", "noise.png")
    os.makedirs(os.path.dirname(output) or ".", exist_ok=True)
    draw(table, arguments.closure).savefig(output, dpi=150)
    print("wrote " + output)


if __name__ == "__main__":
    main()
