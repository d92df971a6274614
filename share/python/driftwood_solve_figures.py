"""The pictures that plot_solve.py draws of a solved Fokker-Planck problem."""
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from driftwood_style import ENSEMBLE, legend_below

MOST_CURVES = 6
MOST_PANELS = 5
FACES = ["#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#8C8C2B", "#0072B2", "#999999"]


def chosen_snapshots(solve, most):
    """At most so many of the snapshots that were reached, the first and the last among them."""
    return np.unique(np.linspace(0, solve.n_reached - 1, min(most, solve.n_reached)).round().astype(int))


def colours(n):
    return plt.get_cmap("viridis")(np.linspace(0.05, 0.88, n))


def name_of(solve, axis):
    return "$w$" if solve.dimension == 1 else f"$w_{axis + 1}$"


def bulk(edges, density, tail=1e-4):
    """The range of w that holds all mass but the tail on either side."""
    cumulative = np.cumsum(density * np.diff(edges))
    if cumulative[-1] <= 0:
        return edges[0], edges[-1]
    low, high = np.searchsorted(cumulative / cumulative[-1], [tail, 1 - tail])
    return edges[low], edges[min(high + 1, len(edges) - 1)]


def limits(solve, axis, snapshots, tail=1e-4):
    ranges = np.array([bulk(*solve.marginal(s, axis), tail) for s in snapshots])
    low, high = ranges[:, 0].min(), ranges[:, 1].max()
    pad = 0.03 * (high - low)
    return low - pad, high + pad


def draw_marginals(panel, solve, axis):
    snapshots = chosen_snapshots(solve, MOST_CURVES)
    heights = []
    for s, colour in zip(snapshots, colours(len(snapshots))):
        edges, density = solve.marginal(s, axis)
        panel.stairs(density, edges, color=colour, linewidth=1.6, label=f"$t$ = {solve.times[s]:.4g}")
        heights.append(density.max())
        exact = solve.exact_marginal(s, axis)
        if exact is not None:
            panel.plot((edges[:-1] + edges[1:]) / 2, exact, color=ENSEMBLE, linewidth=0.8, linestyle=(0, (3, 2)))
    # A start that is much narrower than all that follows does not flatten the rest.
    if len(heights) > 2 and heights[0] > 3 * max(heights[1:]):
        panel.set_ylim(0, 1.6 * max(heights[1:]))
    else:
        panel.set_ylim(0, 1.05 * max(heights))
    panel.set_xlim(*limits(solve, axis, snapshots))
    panel.set_xlabel(name_of(solve, axis))
    panel.set_ylabel("density")
    panel.legend(loc="best")


def draw_moments(panel, solve, axis):
    """Mean and one standard deviation on either side, against time."""
    mean, std = solve.mean()[:, axis], solve.std()[:, axis]
    panel.fill_between(solve.times, mean - std, mean + std, color="#0072B2", alpha=0.18, linewidth=0)
    panel.plot(solve.times, mean, color="#0072B2")
    exact = solve.exact_moments(axis)
    if exact is not None:
        for values in (exact[0], exact[0] - exact[1], exact[0] + exact[1]):
            panel.plot(solve.times, values, color=ENSEMBLE, linewidth=0.8, linestyle=(0, (3, 2)))
    panel.set_xlabel("time $t$")
    panel.set_ylabel(f"{name_of(solve, axis)}: mean $\\pm$ std")


def draw_mass(panel, solve):
    panel.plot(solve.times, solve.mass(), color="#0072B2", label="left")
    for colour, (face, values) in zip(FACES, solve.absorbed()):
        if np.nanmax(values) > 0:
            panel.plot(solve.times, values, color=colour, label=f"out at {face}")
    panel.set_ylim(-0.03, 1.05)
    panel.set_xlabel("time $t$")
    panel.set_ylabel("probability")
    panel.legend(loc="best")


def draw_errors(panel, solve):
    labels = {"l1_error": "L1 error", "mean_error": "error of the mean", "covariance_error": "error of the covariance",
              "stationary_distance": "L1 distance to the stationary density"}
    for (name, label), colour in zip(labels.items(), ["#0072B2", "#E69F00", "#009E73", "#CC79A7"]):
        values = solve.series(name)
        if values is not None and np.nanmax(values) > 0:
            panel.plot(solve.times, np.where(values > 0, values, np.nan), color=colour, label=label)
    panel.set_yscale("log")
    panel.set_xlabel("time $t$")
    panel.legend(loc="best")


def heading(figure, solve, what):
    figure.suptitle(f"{what} — {solve.family.replace('_', ' ')}, {solve.grid_text()}", fontsize=10.5, x=0.01, ha="left")


def density_figure(solve):
    extra = [draw for draw, is_there in ((draw_mass, solve.has_absorption()), (draw_errors, solve.has_errors()))
             if is_there]
    n_rows = solve.dimension + (1 if extra else 0)
    figure, panels = plt.subplots(n_rows, 2, figsize=(8.6, 2.7 * n_rows), squeeze=False)
    for axis in range(solve.dimension):
        draw_marginals(panels[axis, 0], solve, axis)
        draw_moments(panels[axis, 1], solve, axis)
    for panel, draw in zip(panels[-1], extra):
        draw(panel, solve)
    if len(extra) == 1:
        panels[-1, 1].set_axis_off()
    heading(figure, solve, "Density")
    if solve.has_exact():
        legend_below(figure, [Line2D([], [], color=ENSEMBLE, linewidth=0.8, linestyle=(0, (3, 2)), label="exact")])
    return figure


def draw_plane(panel, solve, snapshot, pair):
    edges, values = solve.plane(snapshot, *pair)
    peak = values.max()
    panel.pcolormesh(*edges, values.T / peak if peak > 0 else values.T, cmap="Blues", vmin=0, vmax=1, rasterized=True)
    centres = [(e[:-1] + e[1:]) / 2 for e in edges]
    if peak > 0:
        panel.contour(*centres, values.T / peak, levels=[1e-3, 1e-2, 0.1, 0.5], colors="#00263F", linewidths=0.5)
    panel.set_title(f"$t$ = {solve.times[snapshot]:.4g}")


def plane_figure(solve):
    pairs = [(k, l) for k in range(solve.dimension) for l in range(k + 1, solve.dimension)]
    snapshots = chosen_snapshots(solve, MOST_PANELS)
    figure, panels = plt.subplots(len(pairs), len(snapshots), figsize=(2.1 * len(snapshots) + 0.5, 2.0 * len(pairs) + 0.5),
                                  sharex="row", sharey="row", squeeze=False)
    for row, pair in zip(panels, pairs):
        for panel, snapshot in zip(row, snapshots):
            draw_plane(panel, solve, snapshot, pair)
            panel.set_xlabel(name_of(solve, pair[0]))
        row[0].set_xlim(*limits(solve, pair[0], snapshots, 1e-3))
        row[0].set_ylim(*limits(solve, pair[1], snapshots, 1e-3))
        row[0].set_ylabel(name_of(solve, pair[1]))
    heading(figure, solve, "Density in the plane, contours at 0.5, 0.1, 0.01, 0.001 of the peak")
    return figure


def figures_of(solve):
    """(name, figure) of everything there is to draw."""
    yield "density", density_figure(solve)
    if solve.dimension > 1:
        yield "plane", plane_figure(solve)
