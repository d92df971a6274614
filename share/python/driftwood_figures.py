"""The pictures that plot_run.py draws. Every *_figure function takes a point (or a sweep) and returns a matplotlib figure."""
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

import driftwood_reader as reader
from driftwood_curves import density_of, histogram, levels_of_mass, plane_of
from driftwood_style import (ENSEMBLE, HISTOGRAM, MOST_STRAYS, QUANTILES, STRAY, TIME_LABEL, closure_lines, draw_null, heading,
                             legend_below, null_handle, plain_log, short, style, symbol, title_of)


def sample_quantiles(sample, levels):
    """Quantiles over the replicas that did not diverge, level x snapshot."""
    return np.nanquantile(sample, levels, axis=1)


def core_range(point, axis):
    """The range of w that the picture is about: the bulk of the replicas and of every theory at all times."""
    low, high = sample_quantiles(point.weights(axis), [0.005, 0.995])
    low, high = [low.min()], [high.max()]
    for closure in point.closures:
        for snapshot in range(len(point.times)):
            marginal = point.marginal(closure, snapshot, axis)
            if marginal is not None:
                a, b = reader.quantile(*marginal, [0.025, 0.975])
                low.append(a)
                high.append(b)
    low, high = min(low), max(high)
    strays = point.weights(axis)[-1, stray_replicas(point, axis)]
    if len(strays) and max(high, strays.max()) - min(low, strays.min()) < 2 * (high - low):
        low, high = min(low, strays.min()), max(high, strays.max())
    pad = 0.06 * (high - low)
    return low - pad, high + pad


def stray_replicas(point, axis):
    """Numbers of the replicas that end far from all others: more than 6 widths from the median, the width that of the
    bulk."""
    last = point.weights(axis)[-1]
    low, median, high = np.nanquantile(last, [0.16, 0.5, 0.84])
    with np.errstate(invalid="ignore"):
        return np.flatnonzero(np.abs(last - median) > 3 * (high - low))


# --- density over time -----------------------------------------------------------------------------------------------


def density_image(point, closure, axis, w_edges, n_between=6):
    """Density on time x w, each time scaled to its maximum. Between snapshots the quantiles move on straight lines, as
    the ensemble's quantiles are drawn: a narrow density that moves fast stays narrow in the picture."""
    levels = np.concatenate([[0], np.logspace(-7, -2, 60), np.linspace(0.0125, 0.9875, 391), 1 - np.logspace(-2, -7, 60),
                             [1]])
    known = []
    for snapshot in range(len(point.times)):
        marginal = point.marginal(closure, snapshot, axis)
        if marginal is None:
            break
        known.append(reader.quantile(*marginal, levels))
    times, rows = [], []
    for s, start in enumerate(known):
        end = known[s + 1] if s + 1 < len(known) else start
        for part in np.arange(n_between) / n_between if s + 1 < len(known) else [0.0]:
            places = (1 - part) * start + part * end
            row = np.diff(np.interp(w_edges, places, levels, left=0, right=1))
            times.append((1 - part) * point.times[s] + part * point.times[min(s + 1, len(known) - 1)])
            rows.append(row / max(row.max(), 1e-300))
    return np.array(times), np.array(rows)


def draw_map(panel, point, closure, axis, limits):
    colour, dark, _ = style(closure)  # light enough everywhere for the ensemble's black lines
    shades = LinearSegmentedColormap.from_list(closure, ["white", colour])
    w_edges = np.linspace(*limits, 700)
    times, rows = density_image(point, closure, axis, w_edges)
    if len(times) > 1:
        steps = np.diff(times) / 2
        edges = np.concatenate([times[:1], times[:-1] + steps, times[-1:]])
        panel.pcolormesh(edges, w_edges, rows.T, cmap=shades, vmin=0, vmax=1, rasterized=True)
    for level, values in zip(QUANTILES, sample_quantiles(point.weights(axis), list(QUANTILES))):
        line, width = QUANTILES[level]
        panel.plot(point.times, values, color=ENSEMBLE, linestyle=line, linewidth=width)
    strays = point.weights(axis)[:, stray_replicas(point, axis)[:MOST_STRAYS]]
    panel.plot(point.times, strays, color=STRAY, linewidth=0.5)
    panel.set(xlim=(point.times[0], point.times[-1]), ylim=limits, xlabel=TIME_LABEL)
    panel.set_title(title_of(closure), color=dark, fontweight="bold", loc="left")
    if len(times) and times[-1] < point.times[-1]:
        panel.axvspan(times[-1], point.times[-1], color="0.93", zorder=0)
    say_how_well(panel, point, closure, axis)


def say_how_well(panel, point, closure, axis):
    """One line in the panel: the verdict in numbers, or why there is none."""
    state = point.closure_state(closure)
    values = point.ratio("weights_wasserstein1", closure)
    if state != "ok":
        text = f"solve failed: {state}"
    elif values is None or not np.isfinite(values[:, axis]).any():
        return
    else:
        text = f"distance / floor: {short(values[-1, axis])} at the end,\nat most {short(np.nanmax(values[:, axis]))}"
    # Stray replicas run below the bulk: between them there is room.
    height = 0.5 if len(stray_replicas(point, axis)) else 0.04
    panel.text(0.97, height, text, transform=panel.transAxes, ha="right", va="bottom", fontsize=8,
               bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 2})


def draw_side(panel, point, closure, axis):
    """The last snapshot, turned: histogram and theory along the map's axis of w."""
    last = len(point.times) - 1
    edges, heights = histogram(point.weights(axis)[last])
    panel.stairs(heights, edges, orientation="horizontal", fill=True, color=HISTOGRAM)
    marginal = point.marginal(closure, last, axis)
    if marginal is not None:
        w, p = density_of(marginal)
        panel.plot(np.where(p > 0.003 * p.max(), p, np.nan), w, color=style(closure)[0], linewidth=1.6)
    panel.set_xlim(0, 1.4 * heights.max())
    panel.tick_params(labelleft=False, left=False, labelbottom=False, bottom=False)
    panel.spines[["left", "bottom"]].set_visible(False)
    panel.set_title(f"$t={point.times[-1]:g}$", fontsize=8.5, color="0.3")


def outside_note(point, axis, limits):
    last = point.weights(axis)[-1]
    outside = last[np.isfinite(last) & ((last < limits[0]) | (last > limits[1]))]
    if len(outside) == 0:
        return ""
    return (f"{len(outside)} replicas ({100 * len(outside) / len(last):.2g} %) end outside the picture, "
            f"between {outside.min():.3g} and {outside.max():.3g} (see snapshots).")


def density_figure(point, axis):
    n = len(point.closures)
    figure = plt.figure(figsize=(0.9 + 2.75 * max(n, 2), 3.9))
    figure.set_constrained_layout_pads(w_pad=0.02, wspace=0.0)
    panels = figure.subplots(1, 2 * n, sharey=True, squeeze=False, gridspec_kw={"width_ratios": [4, 1.1] * n})[0]
    limits = core_range(point, axis)
    for i, closure in enumerate(point.closures):
        draw_map(panels[2 * i], point, closure, axis, limits)
        draw_side(panels[2 * i + 1], point, closure, axis)
    panels[0].set_ylabel(f"weight {symbol(point.tracked[axis])}")
    heading(figure, point, f"Theory's density of {symbol(point.tracked[axis])} and the trained ensemble")
    handles = [Patch(color="#999999", label="theory: $p(w,t)$ / its maximum at $t$"),
               Line2D([], [], color=ENSEMBLE, linewidth=1.5, label="ensemble: median"),
               Line2D([], [], color=ENSEMBLE, linestyle="--", linewidth=1, label="68 %"),
               Line2D([], [], color=ENSEMBLE, linestyle=":", linewidth=1, label="95 %"),
               Patch(color=HISTOGRAM, label="histogram at the end")]
    if len(stray_replicas(point, axis)):
        handles.append(Line2D([], [], color=STRAY, linewidth=0.7, label="stray replicas"))
    legend_below(figure, handles)
    note = outside_note(point, axis, limits)
    if note:
        figure.text(0.99, -0.06, note, ha="right", fontsize=8, color="0.35")
    return figure


# --- densities at a few times ----------------------------------------------------------------------------------------


def chosen_snapshots(point):
    """Four snapshots that tell the story: early, on the way, late, the end."""
    wanted = point.times[0] + (point.times[-1] - point.times[0]) * np.array([0.05, 0.2, 0.5, 1.0])
    return sorted({max(1, int(np.argmin(np.abs(point.times - t)))) for t in wanted} & set(range(len(point.times))))


def draw_closures(panel, point, snapshot, axis):
    for closure in point.closures:
        marginal = point.marginal(closure, snapshot, axis)
        if marginal is not None:
            colour, _, line = style(closure)
            panel.plot(*density_of(marginal), color=colour, linestyle=line, linewidth=1.7)


def point_at_absent(panel, point, snapshot, axis):
    """Arrows in the closure's colour at the edge beyond which its density lies."""
    low, high = panel.get_xlim()
    for i, closure in enumerate(point.closures):
        marginal = point.marginal(closure, snapshot, axis)
        if marginal is None:
            continue
        median = float(reader.quantile(*marginal, 0.5))
        if low <= median <= high:
            continue
        side, marker = (0.01, "<") if median < low else (0.99, ">")
        panel.plot([side], [0.93 - 0.09 * i], marker=marker, color=style(closure)[0], markersize=6, clip_on=False,
                   transform=panel.transAxes)


def snapshots_figure(point, axis):
    chosen = chosen_snapshots(point)
    figure = plt.figure(figsize=(0.6 + 2.8 * max(len(chosen), 2), 4.9))
    panels = figure.subplots(2, len(chosen), squeeze=False)
    for column, snapshot in enumerate(chosen):
        sample = point.weights(axis)[snapshot]
        sample = sample[np.isfinite(sample)]
        edges, heights = histogram(sample)
        low, high = np.quantile(sample, [0.005, 0.995])
        for row in panels[:, column]:
            row.stairs(heights, edges, fill=True, color=HISTOGRAM)
            draw_closures(row, point, snapshot, axis)
        linear, logarithmic = panels[:, column]
        linear.set(xlim=(low - 0.6 * (high - low), high + 0.6 * (high - low)), ylim=(0, 1.5 * heights.max()))
        linear.set_title(f"$t={point.times[snapshot]:.3g}$", loc="left")
        point_at_absent(linear, point, snapshot, axis)
        one_replica = 1 / (len(sample) * (edges[1] - edges[0]))
        logarithmic.set(yscale="log", ylim=(0.3 * one_replica, 30 * heights.max()), xlim=full_range(point, snapshot, axis),
                        xlabel=f"weight {symbol(point.tracked[axis])}")
    panels[0, 0].set_ylabel(r"density $p(w)$, linear")
    panels[1, 0].set_ylabel(r"density $p(w)$, logarithmic")
    heading(figure, point, f"Densities of {symbol(point.tracked[axis])} during training")
    legend_below(figure, [Patch(color=HISTOGRAM, label="ensemble: histogram"), *closure_lines(point.closures)])
    return figure


def full_range(point, snapshot, axis):
    """From the outermost replica, or the far tail of a theory, to the other end."""
    sample = point.weights(axis)[snapshot]
    ends = [np.nanmin(sample), np.nanmax(sample)]
    for closure in point.closures:
        marginal = point.marginal(closure, snapshot, axis)
        if marginal is not None:
            ends.extend(reader.quantile(*marginal, [1e-4, 1 - 1e-4]))
    pad = 0.05 * (max(ends) - min(ends)) + 1e-12
    return min(ends) - pad, max(ends) + pad


# --- curves against time ---------------------------------------------------------------------------------------------


def draw_moment(panel, point, name, axis):
    panel.plot(point.times, point.file[f"ensemble_{name}"][:, axis], color=ENSEMBLE, linewidth=4, alpha=0.35)
    for closure in point.closures:
        colour, _, line = style(closure)
        panel.plot(point.times, point.of_closure(f"theory_{name}", closure)[:, axis], color=colour, linestyle=line)
    panel.set(xlim=(point.times[0], point.times[-1]), xlabel=TIME_LABEL)


def moments_figure(point):
    d = point.dimension
    figure = plt.figure(figsize=(8.2, 0.7 + 2.7 * d))
    panels = figure.subplots(d, 2, squeeze=False)
    for axis, (mean, std) in enumerate(panels):
        draw_moment(mean, point, "mean", axis)
        draw_moment(std, point, "std", axis)
        std.set_yscale("log")
        plain_log(std.yaxis)
        mean.set_ylabel(f"mean of {symbol(point.tracked[axis])}")
        std.set_ylabel(f"standard deviation of {symbol(point.tracked[axis])}")
    heading(figure, point, "Mean and width")
    legend_below(figure, [Line2D([], [], color=ENSEMBLE, linewidth=4, alpha=0.35, label="ensemble"),
                          *closure_lines(point.closures)])
    return figure


def ratio_figure(point):
    columns = [(f"weight {symbol(name)}", "weights_wasserstein1", axis) for axis, name in enumerate(point.tracked)]
    columns.append(("network outputs, sliced", "outputs_sliced_wasserstein1", None))
    figure = plt.figure(figsize=(0.8 + 3.6 * len(columns), 3.5))
    panels = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
    for panel, (title, name, axis) in zip(panels, columns):
        draw_null(panel, "horizontal")
        for closure in point.closures:
            values = point.ratio(name, closure)
            if values is None:
                continue
            colour, _, line = style(closure)
            panel.plot(point.times, values if axis is None else values[:, axis], color=colour, linestyle=line, marker="o",
                       markersize=2.2)
        panel.set(yscale="log", xlim=(point.times[0], point.times[-1]), xlabel=TIME_LABEL)
        panel.set_title(title, loc="left")
    panels[0].set_ylabel("Wasserstein-1 distance / sampling floor")
    low, high = panels[0].get_ylim()
    panels[0].set_ylim(min(low, 0.3), max(high, 4))
    plain_log(panels[0].yaxis)
    heading(figure, point, "Theory against experiment")
    legend_below(figure, [*closure_lines(point.closures), null_handle()])
    return figure


# --- planes of two tracked weights ---------------------------------------------------------------------------------------------


def draw_plane(panel, point, closure, snapshot, axes, limits):
    replicas = np.stack([point.weights(k)[snapshot] for k in axes])
    shown = replicas[:, :1500]
    panel.plot(*shown, linestyle="none", marker=".", markersize=1.6, color=ENSEMBLE, alpha=0.35, rasterized=True,
               markeredgewidth=0)
    plane = point.plane(closure, snapshot, *axes)
    if plane is not None:
        w1, w2, density = plane_of(*plane)
        levels = levels_of_mass(density, [0.95, 0.68], np.outer(np.gradient(w1), np.gradient(w2)))
        colour, dark, _ = style(closure)
        if levels:
            shades = [(*to_rgb(colour), alpha) for alpha in (0.2, 0.45)][-len(levels):]
            panel.contourf(w1, w2, density.T, [*levels, np.inf], colors=shades)
            panel.contour(w1, w2, density.T, levels, colors=[dark], linewidths=[0.9, 1.4][: len(levels)])
    panel.set(xlim=limits[0], ylim=limits[1])


def plane_limits(point, snapshot, axis):
    low, high = np.nanquantile(point.weights(axis)[snapshot], [0.003, 0.997])
    pad = 0.35 * (high - low)
    return low - pad, high + pad


def plane_figure(point, axes):
    """`axes`: which two of the tracked weights, in ascending order."""
    chosen = chosen_snapshots(point)[-3:]
    n = len(point.closures)
    figure = plt.figure(figsize=(0.8 + 2.6 * n, 0.7 + 2.3 * len(chosen)))
    panels = figure.subplots(len(chosen), n, sharex="row", sharey="row", squeeze=False)
    for row, snapshot in zip(panels, chosen):
        limits = [plane_limits(point, snapshot, axis) for axis in axes]
        for panel, closure in zip(row, point.closures):
            draw_plane(panel, point, closure, snapshot, axes, limits)
        row[0].set_ylabel(f"$t={point.times[snapshot]:.3g}$\n{symbol(point.tracked[axes[1]])}")
    for panel, closure in zip(panels[0], point.closures):
        panel.set_title(title_of(closure), color=style(closure)[1], fontweight="bold", loc="left")
    for panel in panels[-1]:
        panel.set_xlabel(symbol(point.tracked[axes[0]]))
    both = " and ".join(symbol(point.tracked[axis]) for axis in axes)
    heading(figure, point, f"Density of {both}")
    legend_below(figure, [Line2D([], [], color="0.3", linewidth=1.2, label="theory: contours around 68 % and 95 %"),
                          Line2D([], [], color=ENSEMBLE, linestyle="none", marker=".", label="replicas")])
    return figure


# --- what `conditional` regressed ------------------------------------------------------------------------------------


def on_line(point, found, axis):
    """The nodes on the line along an axis (for one tracked weight: all), in ascending order of its weight."""
    n = len(found["w"]) // point.dimension
    return slice(axis * n, (axis + 1) * n)


def draw_regression(panel, w, value, band, carried, colour):
    panel.fill_between(w, value - band, value + band, color=colour, alpha=0.25, linewidth=0)
    panel.plot(w, value, color=colour, linewidth=0.9, linestyle=":")
    panel.plot(w, np.where(carried, value, np.nan), color=colour, linewidth=1.7)


def coefficients_figure(point, axis):
    """Regressed drift and diffusion of one tracked weight along its own axis, at a few times."""
    chosen = chosen_snapshots(point)
    figure = plt.figure(figsize=(0.8 + 2.8 * max(len(chosen), 2), 4.9))
    panels = figure.subplots(2, len(chosen), squeeze=False, sharex="col")
    pair = sum(point.dimension - k for k in range(axis))  # of the weight with itself, in the packed upper triangle
    colour, _, _ = style("conditional")
    for (top, bottom), snapshot in zip(panels.T, chosen):
        found = point.coefficients(snapshot)
        line = on_line(point, found, axis)
        w, carried = found["w"][line, axis], found["carried"][line] > 0
        of_replicas = [values[:, k] for values, k in zip(point.replica_coefficients(snapshot), (axis, pair))]
        for panel, name, k, own in ((top, "drift", axis, of_replicas[0]), (bottom, "diffusion", pair, of_replicas[1])):
            panel.plot(point.weights(axis)[snapshot][:1500], own[:1500], linestyle="none", marker=".", markersize=1.6,
                       color=ENSEMBLE, alpha=0.35, markeredgewidth=0, rasterized=True)
            draw_regression(panel, w, found[name][line, k], found[name + "_band"][line, k], carried, colour)
            low, high = np.nanquantile(own, [0.002, 0.998])
            pad = 0.3 * (high - low) + 0.05 * abs(high) + 1e-12
            panel.set_ylim(low - pad, high + pad)
        top.set_title(f"$t={point.times[snapshot]:.3g}$, {100 * found['explained'][axis]:.3g} % explained", loc="left",
                      fontsize=9)
        bottom.set_xlabel(f"weight {symbol(point.tracked[axis])}")
    panels[0, 0].set_ylabel(f"drift of {symbol(point.tracked[axis])}")
    panels[1, 0].set_ylabel("diffusion")
    heading(figure, point, f"What conditional regressed, along {symbol(point.tracked[axis])}")
    legend_below(figure, [Line2D([], [], color=colour, linewidth=1.7, label="regression, carried by replicas"),
                          Line2D([], [], color=colour, linewidth=0.9, linestyle=":", label="continued beyond them"),
                          Patch(color=colour, alpha=0.25, label="95 % band"),
                          Line2D([], [], color=ENSEMBLE, linestyle="none", marker=".", label="replicas")])
    return figure


# --- the training itself ---------------------------------------------------------------------------------------------


def draw_fan(panel, times, sample, colour):
    """Median, 68 % and 95 % of the replicas against time."""
    with np.errstate(invalid="ignore"):
        low95, low68, median, high68, high95 = sample_quantiles(sample, [0.025, 0.16, 0.5, 0.84, 0.975])
    panel.fill_between(times, low95, high95, color=colour, alpha=0.18, linewidth=0)
    panel.fill_between(times, low68, high68, color=colour, alpha=0.3, linewidth=0)
    panel.plot(times, median, color=colour)
    panel.set(xlim=(times[0], times[-1]), xlabel=TIME_LABEL)


def training_figure(point):
    n_panels = 1 + point.dimension
    columns = min(n_panels, 3)
    rows = -(-n_panels // columns)
    figure = plt.figure(figsize=(0.5 + 3.4 * columns, 0.7 + 2.6 * rows))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    draw_fan(panels[0], point.times, point.loss(), ENSEMBLE)
    panels[0].set(yscale="log", ylabel="loss over the data set")
    plain_log(panels[0].yaxis)
    for axis, (panel, name) in enumerate(zip(panels[1:], point.tracked)):
        draw_fan(panel, point.times, point.weights(axis), "#0072B2")
        panel.set_ylabel(f"weight {symbol(name)}")
    for panel in panels[n_panels:]:
        panel.set_visible(False)
    heading(figure, point, "Training")
    legend_below(figure, [Line2D([], [], color="0.3", label="median of the replicas"), Patch(color="0.3", alpha=0.48, label="68 %"),
                          Patch(color="0.3", alpha=0.18, label="95 %")])
    return figure


# --- the whole sweep -------------------------------------------------------------------------------------------------


def swept_labels(sweep):
    """One label a point, from the coordinates that the sweep varies."""
    swept = [name for name in sweep if str(sweep[name].attrs.get("long_name", "")).startswith("swept option ")]
    columns = []
    for name in swept:
        values = sweep[name][()]
        shown = reader.texts(sweep[name]) if values.dtype.kind == "O" else [f"{value:g}" for value in values]
        columns.append([f"{reader.short_key(name)} {value}" for value in shown])
    columns.sort(key=lambda column: sum(a != b for a, b in zip(column, column[1:])))  # the slowest axis first
    columns = [column for column in columns if len(set(column)) > 1]
    return [", ".join(parts) for parts in zip(*columns)] if columns else [f"point {i}" for i in sweep["point"][()]]


def draw_sweep(panel, sweep, name, closures):
    """For every point and closure: a dot at the median over the snapshots, a bar to the worst one."""
    ratios = reader.ratio(sweep[name][()], sweep[name + "_floor"][()])
    ratios = ratios.reshape(*ratios.shape[:2], -1)
    draw_null(panel, "vertical")
    for c, closure in enumerate(closures):
        for p in range(len(ratios)):
            values = ratios[p, c][np.isfinite(ratios[p, c])]
            if len(values) == 0:
                continue
            y = p + 0.17 * (c - (len(closures) - 1) / 2)
            colour = style(closure)[0]
            panel.plot([np.median(values), values.max()], [y, y], color=colour, linewidth=1.6, alpha=0.6)
            panel.plot(np.median(values), y, "o", color=colour, markersize=5.5)
            panel.plot(values.max(), y, "|", color=colour, markersize=6)
    panel.set(xscale="log", xlabel="Wasserstein-1 distance / sampling floor")
    low, high = panel.get_xlim()
    panel.set_xlim(min(low, 0.3), max(high, 4))
    plain_log(panel.xaxis)
    for p, status in enumerate(reader.texts(sweep["status"])):
        if not np.isfinite(ratios[p]).any():
            panel.text(2.4, p, status, va="center", fontsize=8.5, style="italic", color="0.35")


def sweep_figure(sweep):
    """Ratios of all points and closures; None for a sweep without closures."""
    closures = reader.texts(sweep["closure"]) if "closure" in sweep else []
    if not closures or "weights_wasserstein1" not in sweep:
        return None
    labels = swept_labels(sweep)
    names = [("weights", "weights_wasserstein1"), ("network outputs, sliced", "outputs_sliced_wasserstein1")]
    names = [(title, name) for title, name in names if name in sweep]
    figure = plt.figure(figsize=(2.4 + 3.8 * len(names), 1.3 + 0.85 * len(labels)))
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for panel, (title, name) in zip(panels, names):
        draw_sweep(panel, sweep, name, closures)
        panel.set_title(title, loc="left")
    panels[0].set_yticks(range(len(labels)), labels)
    panels[0].set_ylim(len(labels) - 0.5, -0.5)
    figure.suptitle("Theory against experiment, all points", fontsize=10.5, x=0.01, ha="left")
    legend_below(figure, [*(Line2D([], [], color=style(c)[0], marker="o", label=title_of(c)) for c in closures), null_handle(),
                          Line2D([], [], color="0.3", marker="o", label="median of snapshots, bar to the worst")])
    return figure
