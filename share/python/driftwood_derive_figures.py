"""Pictures of what `driftwood derive` found: one function a picture, each taking a Derived."""
import re

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

import driftwood_reader as reader
import driftwood_style as style

TERMS = {"rate": ("#222222", r"$\partial_t h$"), "diffusion": ("#0072B2", r"$D\,\partial\partial h$"),
         "growth": ("#D55E00", r"$D\,(\partial h)^2$"), "advection": ("#009E73", r"$(2\,\partial D-b)\,\partial h$"),
         "source": ("#CC79A7", r"$\partial\partial D-\partial b$"), "residual": ("#8C8C8C", "residual")}
SECOND = 1  # the first snapshot is the start, whose neighbours are missing


class Derived:
    """One file of RUN/derive, in memory."""

    def __init__(self, path):
        with reader.open_file(path, "derive") as file:
            self.attributes = dict(file.attrs)
            self.sources = reader.texts(file["source"])
            self.status = reader.texts(file["source_status"])
            self.operators = reader.texts(file["operator"])
            self.tracked = reader.texts(file["w"])
            self.times = file["time"][()]
            self.truncations = file["truncation"][()]
            self.field_centre, self.field_scale = file["field_centre"][()], file["field_scale"][()]
            self._values = {name: item[()] for name, item in file.items()
                            if item.ndim >= 2 and item.shape[:2] == (len(self.sources), len(self.times))}

    def of(self, name, source):
        """snapshot x the quantity's own dimensions."""
        return self._values[name][self.sources.index(source)]

    def keep(self, closures):
        """Only these from now on. Throws ReadError for one that is not there."""
        for name in closures:
            if name not in self.closures:
                raise reader.ReadError(f"there is no closure '{name}', but {', '.join(self.closures) or 'none'}")
        self.status = ["ok" if name in closures else "not asked for" for name in self.sources]

    def has(self, name):
        return name in self._values

    @property
    def closures(self):
        """Those that are there."""
        return [name for name, status in zip(self.sources[1:], self.status[1:]) if status == "ok"]

    def title(self, what):
        label = str(self.attributes.get("sweep_coordinates", "")).replace("; ", ", ")
        return f"{what} — autoencoder {self.attributes.get('network.widths', '?')}" + (f"\n{label}" if label else "")


def _panels(n, width=2.7, height=2.2, columns=4):
    columns = min(n, columns)
    rows = -(-n // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(width * columns + 0.6, height * rows + 0.7), squeeze=False)
    for extra in axes.flat[n:]:
        extra.set_visible(False)
    return figure, list(axes.flat[:n])


def _operator_label(name):
    """u1^2 u2 as mathematics."""
    return "$" + re.sub(r"\^(\d+)", r"^{\1}", re.sub(r"([a-z])(\d)(?!\d)", r"\1_\2", name)).replace(" ", r"\,") + "$"


def _head(figure, derived, what):
    figure.suptitle(derived.title(what), fontsize=10.5, x=0.01, ha="left")


def _limits(panel, lines):
    """Most of what the lines show: a coupling that is not determined must not hide the others."""
    values = np.concatenate([np.ravel(line) for line in lines])
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return
    low, high = np.quantile(values, [0.03, 0.97])
    margin = 0.25 * (high - low) + 1e-9 * (1 + abs(high))
    panel.set_ylim(low - margin, high + margin)


def _make_room(panel, ensemble, others):
    """Where a closure leaves the ensemble by orders of magnitude: linear as far as the ensemble goes, logarithmic beyond."""
    largest = np.nanmax(np.abs(ensemble))
    values = np.concatenate([np.ravel(other) for other in others] or [np.zeros(1)])
    values = values[np.isfinite(values)]
    if largest > 0 and len(values) and np.abs(values).max() > 20 * largest:
        panel.set_yscale("symlog", linthresh=1.5 * largest, linscale=2)
        low, high = min(values.min(), np.nanmin(ensemble)), max(values.max(), np.nanmax(ensemble))
        panel.set_ylim(min(1.5 * low, -0.5 * largest), max(1.5 * high, 0.5 * largest))


def _series(derived, name, per, symbol, what):
    """The ensemble with error bars, the closures as lines; one panel for each entry of `per`."""
    figure, panels = _panels(len(per))
    for k, (panel, label) in enumerate(zip(panels, per)):
        ensemble = derived.of(name, "ensemble")[:, k]
        error = derived.of(name + "_error", "ensemble")[:, k]
        panel.errorbar(derived.times, ensemble, 2 * error, fmt="o", markersize=2.4, color=style.ENSEMBLE, linewidth=0.8,
                       zorder=3)
        shown = [ensemble]
        for closure in derived.closures:
            line = derived.of(name, closure)[:, k]
            color, dark, dashes = style.style(closure)
            panel.plot(derived.times, line, color=color, linestyle=dashes)
            shown.append(line)
            if name == "coupling":
                panel.plot(derived.times, derived.of("predicted_coupling", closure)[:, k], color=dark, linewidth=0.8,
                           linestyle=(0, (1, 2)))
        _limits(panel, shown)
        _make_room(panel, ensemble, shown[1:])
        panel.set_title(label)
        panel.set_xlabel(style.TIME_LABEL)
    panels[0].set_ylabel(symbol)
    handles = [Line2D([], [], color=style.ENSEMBLE, marker="o", markersize=3, linewidth=0.8,
                      label="trained ensemble, 2 standard errors")] + style.closure_lines(derived.closures)
    if name == "coupling":
        handles.append(Line2D([], [], color="0.3", linewidth=0.8, linestyle=(0, (1, 2)),
                              label=r"predicted by $\dot g=\beta(g)$"))
    style.legend_below(figure, handles)
    _head(figure, derived, what)
    return figure


def couplings_figure(derived):
    return _series(derived, "coupling", [_operator_label(name) for name in derived.operators], "coupling $g_a$",
                   "Running couplings")


def beta_figure(derived):
    return _series(derived, "beta_function", [_operator_label(name) for name in derived.operators], r"$\beta_a$",
                   "Beta functions")


def gamma_figure(derived):
    return _series(derived, "anomalous_dimension", derived.tracked, r"$\gamma$", "Anomalous dimension")


def flow_figure(derived):
    """Where the couplings go in the plane of two even operators, and the fixed points they head for."""
    last = len(derived.operators) - 1
    pair = (1, 3) if last >= 3 and len(derived.tracked) == 1 else (max(last - 1, 0), last)
    figure, panels = _panels(len(derived.closures), 3.0, 2.8)
    for panel, closure in zip(panels, derived.closures):
        color, dark, _ = style.style(closure)
        couplings = derived.of("coupling", closure)[:, list(pair)]
        ensemble = derived.of("coupling", "ensemble")[:, list(pair)]
        fixed = derived.of("fixed_point", closure)[:, list(pair)]
        panel.plot(ensemble[:, 0], ensemble[:, 1], "o", markersize=2.2, color=style.HISTOGRAM)
        panel.plot(couplings[:, 0], couplings[:, 1], color=color)
        panel.plot(couplings[:1, 0], couplings[:1, 1], "o", markersize=5, color=color)
        found = fixed[np.isfinite(fixed[:, 0])]
        if len(found):
            panel.plot(found[-1:, 0], found[-1:, 1], "*", markersize=11, color=dark)
        _limits(panel, [couplings[:, 1], ensemble[:, 1], found[-1:, 1]])
        xs = np.concatenate([couplings[:, 0], ensemble[:, 0], found[-1:, 0]])
        xs = xs[np.isfinite(xs)]
        if len(xs):
            low, high = np.quantile(xs, [0.03, 0.97])
            panel.set_xlim(low - 0.25 * (high - low) - 1e-9, high + 0.25 * (high - low) + 1e-9)
        panel.set_title(style.title_of(closure))
        panel.set_xlabel(f"coupling of {derived.operators[pair[0]]}")
    panels[0].set_ylabel(f"coupling of {derived.operators[pair[1]]}")
    style.legend_below(figure, [
        Line2D([], [], color="0.4", marker="o", markersize=5, label="closure, from the first snapshot"),
        Line2D([], [], color=style.HISTOGRAM, marker="o", markersize=3, linestyle="", label="trained ensemble"),
        Line2D([], [], color="0.2", marker="*", markersize=10, linestyle="", label="fixed point, last one found")])
    _head(figure, derived, "Flow of couplings")
    return figure


def fixed_points_figure(derived):
    """Above: where density and ensemble are, and the fixed point of each time's flow, both with their widths. Below: the
    eigenvalues of d beta / d g at it. First weight."""
    count = len(derived.closures)
    figure, axes = plt.subplots(2, count, figsize=(3.6 * count + 0.6, 4.9), squeeze=False, sharex="col")
    centre, width = derived.field_centre[:, 0], derived.field_scale[:, 0]
    for (top, bottom), closure in zip(axes.T, derived.closures):
        color, dark, _ = style.style(closure)
        mean, std = (derived.of("fixed_point_" + name, closure)[:, 0] for name in ("mean", "std"))
        top.fill_between(derived.times, centre - width, centre + width, color=style.HISTOGRAM, alpha=0.5, linewidth=0)
        top.plot(derived.times, centre, color=style.ENSEMBLE, linewidth=1.0)
        top.plot(derived.times, derived.of("rest", closure)[:, 0], "x", color=dark, markersize=5, markeredgewidth=0.8)
        top.errorbar(derived.times, mean, std, fmt="o", markersize=2.6, color=color, linewidth=1.2, zorder=3)
        found = np.isfinite(mean)
        top.set_title(f"{style.title_of(closure)}: {found.sum()} of {len(found)} times")
        values = derived.of("stability_real", closure)
        bottom.axhline(0, color="0.6", linewidth=0.7)
        bottom.plot(derived.times, values, "o", markersize=2.6, color=color)
        if not found.any():
            bottom.text(0.5, 0.6, "no fixed point where the drift is known", transform=bottom.transAxes, ha="center")
        bottom.set_xlabel(style.TIME_LABEL)
        bottom.set_xlim(derived.times[0], derived.times[-1])
    axes[0, 0].set_ylabel(style.symbol(derived.tracked[0]))
    axes[1, 0].set_ylabel(r"eigenvalues of $\partial\beta/\partial g$ (1/time)")
    style.legend_below(figure, [
        Line2D([], [], color=style.ENSEMBLE, linewidth=1.0, label="trained ensemble: mean, one standard deviation"),
        Line2D([], [], color="0.4", marker="o", markersize=4, linewidth=1.2, label="fixed point: mean, standard deviation"),
        Line2D([], [], color="0.2", marker="x", linestyle="", markersize=5, label="rest of the drift")])
    _head(figure, derived, "Fixed points of the flow, drift frozen at each time")
    return figure


def residual_figure(derived):
    """What the operators leave out, against their number: of the density's change, and of the n-point functions."""
    figure, panels = _panels(len(derived.closures), 3.0, 2.6)
    for panel, closure in zip(panels, derived.closures):
        color, dark, dashes = style.style(closure)
        tangent = derived.of("tangent_residual", closure)
        if np.isfinite(tangent).any():
            panel.plot(derived.truncations, np.nanmedian(tangent, axis=0), color=color, marker="o", markersize=4)
            panel.fill_between(derived.truncations, np.nanquantile(tangent, 0.1, axis=0),
                               np.nanquantile(tangent, 0.9, axis=0), color=color, alpha=0.18, linewidth=0)
        points = derived.of("npoint_residual", closure)
        for order in range(points.shape[1]):
            if np.isfinite(points[:, order]).any():
                panel.plot(derived.truncations, np.nanmedian(points[:, order], axis=0), color=dark, linewidth=0.9,
                           linestyle=(0, (1 + 2 * order, 1.5)), marker=f"${order + 1}$", markersize=6)
        panel.set_yscale("log")
        panel.set_title(style.title_of(closure))
        panel.set_xlabel("operators")
        panel.set_xticks(derived.truncations)
    panels[0].set_ylabel("relative residual")
    style.legend_below(figure, [
        Line2D([], [], color="0.4", marker="o", markersize=4,
               label="tangent: median over the snapshots, 10 to 90 %"),
        Line2D([], [], color="0.2", linewidth=0.9, marker="$n$", markersize=6, label="n-point functions: medians")])
    _head(figure, derived, "What the couplings leave out")
    return figure


def balance_figure(derived):
    """Norms of the terms of (8.1) along the training."""
    figure, panels = _panels(len(derived.closures), 3.0, 2.6)
    for panel, closure in zip(panels, derived.closures):
        for term, (color, label) in TERMS.items():
            panel.plot(derived.times, derived.of(f"height_{term}_norm", closure), color=color, label=label,
                       linestyle="--" if term == "residual" else "-")
        panel.set_yscale("log")
        panel.set_title(style.title_of(closure))
        panel.set_xlabel(style.TIME_LABEL)
    panels[0].set_ylabel(r"norm in $L^2(p)$")
    style.legend_below(figure, [Line2D([], [], color=color, linestyle="--" if term == "residual" else "-", label=label)
                                for term, (color, label) in TERMS.items()])
    _head(figure, derived, r"Balance of the height $h=\ln p$ (8.1)")
    return figure


def profile_figure(derived, closure):
    """The height at three times, and the terms that move it."""
    count = len(derived.times)
    chosen = sorted({SECOND, max(SECOND, count // 4), max(SECOND, count - 2)})
    figure, axes = plt.subplots(2, len(chosen), figsize=(3.0 * len(chosen) + 0.6, 4.6), squeeze=False)
    for column, snapshot in enumerate(chosen):
        w = derived.of("profile_w", closure)[snapshot]
        height = derived.of("height", closure)[snapshot]
        seen = np.isfinite(height) & (height > np.nanmax(height) - 12) if np.isfinite(height).any() else np.isfinite(height)
        top, bottom = axes[:, column]
        top.plot(w[seen], height[seen], color=style.style(closure)[0])
        top.set_title(f"t = {derived.times[snapshot]:.3g}")
        for term, (color, _) in TERMS.items():
            if term != "residual":
                bottom.plot(w[seen], derived.of(f"height_{term}", closure)[snapshot][seen], color=color)
        bottom.axhline(0, color="0.7", linewidth=0.6)
        bottom.set_xlabel(style.symbol(derived.tracked[0]))
    axes[0, 0].set_ylabel(r"height $h=\ln p$")
    axes[1, 0].set_ylabel("terms of (8.1)")
    style.legend_below(figure, [Line2D([], [], color=color, label=label) for term, (color, label) in TERMS.items()
                                if term != "residual"])
    _head(figure, derived, f"Height and what moves it, {style.title_of(closure)}")
    return figure


def roughness_figure(derived):
    """The first weight's heights at three times, all under the ensemble's kernel, and how rough the ensemble's are on top of
    each closure's."""
    count = len(derived.times)
    figure, panels = _panels(4, 3.0, 2.7)
    for panel, snapshot in zip(panels, sorted({0, count // 4, count - 1})):
        w = derived.of("kernel_w", "ensemble")[snapshot]
        height = derived.of("kernel_height", "ensemble")[snapshot]
        error = derived.of("kernel_height_error", "ensemble")[snapshot]
        panel.errorbar(w, height, 2 * error, fmt="o", markersize=2.2, linewidth=0.7, color=style.ENSEMBLE, zorder=3)
        for closure in derived.closures:
            color, _, dashes = style.style(closure)
            panel.plot(w, derived.of("kernel_height", closure)[snapshot], color=color, linestyle=dashes)
        if np.isfinite(height).any():
            panel.set_ylim(np.nanmin(height) - 2, np.nanmax(height) + 1)
        panel.set_title(f"t = {derived.times[snapshot]:.3g}")
        panel.set_xlabel(style.symbol(derived.tracked[0]))
    panels[0].set_ylabel(r"height $\ln p$, smoothed")
    rough = panels[3]
    rough.plot(derived.times, derived.of("height_roughness", "ensemble"), color="0.4", linestyle=(0, (1, 1)))
    for closure in derived.closures:
        color, _, dashes = style.style(closure)
        rough.plot(derived.times, derived.of("height_roughness", closure), color=color, linestyle=dashes)
    rough.set_yscale("log")
    rough.set_title("roughness on top of the closure")
    rough.set_xlabel(style.TIME_LABEL)
    handles = [Line2D([], [], color=style.ENSEMBLE, marker="o", markersize=3, linewidth=0.8,
                      label="trained ensemble, 2 standard errors")] + style.closure_lines(derived.closures)
    handles.append(Line2D([], [], color="0.4", linestyle=(0, (1, 1)), label="roughness of sampling alone"))
    style.legend_below(figure, handles)
    _head(figure, derived, "Heights of the ensemble and of the closures")
    return figure
