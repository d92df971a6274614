#!/usr/bin/python3
"""How fast the theory's error falls with the learning rate.

usage: plot_slopes.py RUN [--output FILE] [--snapshot K]

For a sweep over training.learning_rate: the difference of the standard deviations of theory and ensemble, and of their means, in
units of the ensemble's standard deviation (root mean square over the tracked weights), against the learning rate, one line for
every closure and every other swept value; where fokker_planck.cells is swept too, theory is that of the two finest grids
extrapolated to infinitely many cells (error of second order). Bars are standard errors of the ensemble; a slope is fitted through what lies
above two of them, each point weighted by its error. Prints the table it draws, the
same of the worst weight, and the largest ratios of distances to their sampling floors.

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


GRID = "fokker_planck.cells"


def moments(point, closure, snapshot):
    """Of the theory and of the ensemble: (mean, standard deviation) each, per tracked weight."""
    return np.array([[point.of_closure("theory_mean", closure)[snapshot], point.of_closure("theory_std", closure)[snapshot]],
                     [point.file["ensemble_mean"][snapshot], point.file["ensemble_std"][snapshot]]])


def errors(solved, n):
    """(error of the standard deviation, its standard error, error of the mean, its standard error, both errors of the worst
    weight), in deviations. `solved`: moments on grids of so many cells."""
    grids = sorted(solved)[-2:]
    (mean, std), (ensemble_mean, ensemble_std) = solved[grids[-1]]
    if len(grids) == 2:
        coarse = solved[grids[0]][0]
        part = 1 / ((grids[1] / grids[0]) ** 2 - 1)
        mean, std = mean + part * (mean - coarse[0]), std + part * (std - coarse[1])
    of_std, of_mean = abs(std - ensemble_std) / ensemble_std, abs(mean - ensemble_mean) / ensemble_std
    rms = lambda values: float(np.sqrt(np.mean(values**2)))
    return rms(of_std), (2 * n) ** -0.5, rms(of_mean), n**-0.5, float(of_std.max()), float(of_mean.max())


def print_ratios(run):
    print("\nlargest distance / floor in all snapshots: sliced W1 of the weights, W1 of the worst weight, sliced W1 of the outputs; "
          "least p of the weights")
    for _, point in reader.Run(run).points():
        for closure in point.closures:
            if point.closure_state(closure) == "ok":
                ratios = [np.nanmax(point.ratio(name, closure)) for name in
                          ("weights_sliced_wasserstein1", "weights_wasserstein1", "outputs_sliced_wasserstein1")]
                where = ", ".join(f"{reader.short_key(key)} {value}" for key, value in point.coordinates.items())
                print(f"{closure}, {where:70s} " + "  ".join(f"{ratio:7.2f}" for ratio in ratios) +
                      f"  {point.of_closure('weights_p_value', closure).min():.2f}")


def gather(run, snapshot):
    """{line: rows of (learning rate, *errors)}, ascending in the learning rate."""
    lines = {}
    for _, point in reader.Run(run).points():
        where = point.coordinates
        if KEY not in where:
            raise reader.ReadError(f"{run}: {KEY} is no axis of this sweep")
        rest = ", ".join(f"{reader.short_key(key)} {value}" for key, value in where.items() if key not in (KEY, GRID))
        for closure in point.closures:
            if point.closure_state(closure) == "ok":
                rates = lines.setdefault(f"{closure}, {rest}" if rest else closure, {})
                solved, _ = rates.setdefault(float(where[KEY]), ({}, point.n_replicas()))
                solved[int(where.get(GRID, "0"))] = moments(point, closure, snapshot)
    return {line: np.array([(rate, *errors(*of_rate)) for rate, of_rate in sorted(rates.items())])
            for line, rates in lines.items()}


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


def verdict(rate, error, noise, plus_minus):
    fitted = slope(rate, error, noise)
    if fitted:
        return f"slope {fitted[0]:.2f} {plus_minus} {fitted[1]:.2f}"
    return "one above the noise" if np.any(error > 2 * noise) else "within the noise"


def draw(lines):
    figure, panels = plt.subplots(1, 2, figsize=(9.5, 3.8 + 0.2 * len(lines)), sharex=True, layout="constrained")
    for number, (line, rows) in enumerate(lines.items()):
        colour = f"C{number}"
        for panel, column, title in ((panels[0], 1, "standard deviation"), (panels[1], 3, "mean")):
            rate, error, noise = rows[:, 0], rows[:, column], rows[0, column + 1]
            panel.errorbar(rate, error, yerr=noise, fmt="o-", color=colour, markersize=4, capsize=2,
                           label=f"{line}: {verdict(rate, error, noise, '±')}")
            panel.axhline(noise, color=style.STRAY, linewidth=0.8, linestyle=":")
            panel.set(xscale="log", yscale="log", xlabel=r"learning rate $\eta$", title=f"error of the {title}")
            for of_which, values in (("", error), (", worst weight", rows[:, 5 + (column == 3)])):
                print(f"{title + of_which:34s} {line:42s} " + "  ".join(f"{r:g}: {e:.5f}" for r, e in zip(rate, values)) +
                      f"  (noise {noise:.5f})  {verdict(rate, values, noise, '+-')}")
    panels[0].set_ylabel("|theory - ensemble| / ensemble's deviation")
    for panel in panels:
        panel.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), fontsize="small")
        rates = sorted({rate for rows in lines.values() for rate in rows[:, 0]})
        panel.set_xticks(rates, [f"{rate:g}" for rate in rates])
        panel.minorticks_off()
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
    print_ratios(arguments.run)
    figure.savefig(output, dpi=150)
    print("wrote " + output)


if __name__ == "__main__":
    main()
