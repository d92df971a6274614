"""How driftwood's pictures look: one colour and line style a closure, the ensemble in black and grey, and the pieces that
several pictures share."""
import os
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

# Colour-blind safe (Okabe and Ito), with line styles for printing without colour: (colour, its dark end, style).
CLOSURES = {
    "joint": ("#7A3EB1", "#35184F", "-"),
    "fixed": ("#CC79A7", "#5E2A47", (0, (1, 1.2))),
    "mean_trajectory": ("#E69F00", "#6B3E00", (0, (5, 1.2, 1, 1.2))),
    "annealed": ("#009E73", "#00432F", (0, (4, 1.5))),
    "quenched": ("#D55E00", "#5C2300", "--"),
    "conditional": ("#0072B2", "#00263F", "-"),
    "self_consistent": ("#56B4E9", "#1A4A66", "-."),
}
OTHERS = [("#8C8C2B", "#3F3F10", ":")]
ENSEMBLE = "#222222"
HISTOGRAM = "#C4C4C4"
STRAY = "#8A8A8A"
MOST_STRAYS = 30  # lines that are drawn
TIME_LABEL = r"training time $t=\eta\,k$"
# 95 % of the ratios of a theory that is right lie between these, at any one snapshot (share/doc/equations.md section 6).
NULL_BAND = (0.5, 2.0)
QUANTILES = {0.5: ("-", 1.5), 0.16: ("--", 1.0), 0.84: ("--", 1.0), 0.025: (":", 1.0), 0.975: (":", 1.0)}

plt.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": 9, "axes.titlesize": 10, "axes.labelsize": 9, "legend.fontsize": 8.5,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.7, "lines.linewidth": 1.5,
    "xtick.labelsize": 8, "ytick.labelsize": 8, "xtick.major.width": 0.7, "ytick.major.width": 0.7,
    "legend.frameon": False, "mathtext.fontset": "dejavusans", "figure.dpi": 150, "savefig.dpi": 150,
    "pdf.fonttype": 42, "figure.constrained_layout.use": True,
})


def style(closure):
    """(colour, dark colour, line style) of a closure, always the same."""
    return CLOSURES.get(closure) or OTHERS[sum(map(ord, closure)) % len(OTHERS)]


def title_of(closure):
    return closure.replace("_", " ")


def symbol(tracked):
    """"W2[1,1]" -> W with indices, for axis labels."""
    layer, _, entry = tracked[1:].partition("[")
    return rf"$W_{{{layer}}}[{entry.rstrip(']')}]$"


def closure_lines(closures):
    return [Line2D([], [], color=style(c)[0], linestyle=style(c)[2], linewidth=2, label=title_of(c)) for c in closures]


def heading(figure, point, what):
    text = f"{what} — autoencoder {point.network}, {point.n_replicas():,} replicas"
    figure.suptitle(text + (f"\n{point.label}" if point.label else ""), fontsize=10.5, x=0.01, ha="left")


def legend_below(figure, handles):
    """One row of legend under the figure (save() makes room for it)."""
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.0, 0.0), ncol=len(handles), columnspacing=1.6)


def save(figure, path):
    figure.savefig(path, bbox_inches="tight", pad_inches=0.08)
    plt.close(figure)


def plain_log(axis):
    """Ticks with plain numbers on a logarithmic axis: 1, 2, 5, 10, .. or 1, 10, 100, .., whichever is enough."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 60 * low else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.set_minor_formatter(NullFormatter())


def short(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.2g}"


def draw_null(panel, orientation):
    """The line at 1 and the band in which a theory that is right would be."""
    span, line = (panel.axhspan, panel.axhline) if orientation == "horizontal" else (panel.axvspan, panel.axvline)
    span(*NULL_BAND, color="0.9", zorder=0, linewidth=0)
    line(1, color="0.35", linewidth=0.8, zorder=1)


def null_handle():
    return Patch(color="0.9", label="95 % of snapshots if the theory were exact")


def run_script(name, draw, arguments, failures):
    """What a script that draws does: pictures by draw(arguments), their names to the user; 4 where one of `failures` is raised."""
    try:
        written = draw(arguments)
    except failures as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 4
    print(f"{len(written)} pictures in {os.path.dirname(written[0])}:")
    for path in written:
        print("  " + os.path.basename(path))
    return 0
