#!/usr/bin/python3
"""Draws what `driftwood surfaces` found: growth, scaling collapse and structure function of lines of several sizes.

usage: plot_surfaces.py FILE [--output DIR] [--format png|pdf|svg]

  left    W^2 against time for every size, with 2 standard errors; dashed: the known growth of an infinite line
  middle  the same divided by L^(2 alpha), against t / L^z, with the exponents that are known: one curve
  right   structure function of settled lines against the wave number, and the known 1 / k^2

Needs h5py, numpy and matplotlib (Debian: jobs/packages.sh plots). The picture is FILE's name with -collapse added, beside
it unless DIR says otherwise.
"""
import argparse
import os
import sys

try:
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.lines import Line2D

    import driftwood_reader as reader
    import driftwood_style as style
except ImportError as missing:
    sys.exit(f"plot_surfaces.py: {missing}; on Debian: jobs/packages.sh plots, and /usr/bin/python3 as interpreter")

KNOWN = {"color": "0.25", "linestyle": "--", "linewidth": 0.9}


def parse_arguments():
    parser = argparse.ArgumentParser(description="Draws what `driftwood surfaces` found.")
    parser.add_argument("file", metavar="FILE", help="the HDF5 file that driftwood surfaces wrote")
    parser.add_argument("--output", metavar="DIR", help="where the picture goes (default: beside FILE)")
    parser.add_argument("--format", choices=("png", "pdf", "svg"), default="png")
    return parser.parse_args()


def exponent_lines(names, file):
    symbols = {"roughness": r"\alpha", "growth": r"\beta", "dynamic": "z"}
    known = {"0.25": "1/4", "0.333333": "1/3", "0.5": "1/2", "1.5": "3/2", "2": "2"}
    for name, measured, error, exact in zip(names, file["measured"][()], file["measured_error"][()], file["exact"][()]):
        found = rf"{measured:.3f}\pm{error:.3f}" if np.isfinite(measured) else r"\mathrm{not\ measured}"
        yield rf"${symbols[name]}={found}$ (known: {known[f'{exact:.6g}']})"


def collapse_figure(file):
    names = reader.texts(file["exponent"])
    alpha, beta, z = file["exact"][()]
    sizes, times = file["size"][()], file["time"][()]
    squares, errors = file["squared_roughness"][()], file["squared_roughness_error"][()]
    colors = plt.get_cmap("viridis")(np.linspace(0.05, 0.85, len(sizes)))
    figure, (growth, collapse, structure) = plt.subplots(1, 3, figsize=(10.2, 3.4))
    for size, t, w2, error, color, amplitude in zip(sizes, times, squares, errors, colors, file["growth_amplitude"][()]):
        seen = np.isfinite(t)
        t, w2, error = t[seen], w2[seen], error[seen]
        growth.errorbar(t, w2, 2 * error, fmt="o", markersize=2, linewidth=0.7, color=color)
        collapse.errorbar(t / size**z, w2 / size ** (2 * alpha), 2 * error / size ** (2 * alpha), fmt="o", markersize=2,
                          linewidth=0.7, color=color)
    for panel, scale in ((growth, 1.0), (collapse, float(sizes[-1]))):
        t = np.geomspace(times[-1, 0], times[-1, np.isfinite(times[-1])][-1], 50)
        w2 = amplitude * t ** (2 * beta)
        inside = w2 < 1.3 * file["settled_known"][-1]
        panel.plot((t / scale**z)[inside], (w2 / scale ** (2 * alpha))[inside], **KNOWN)
    collapse.axhline(file["settled_known"][-1] / sizes[-1], **KNOWN)
    for k, s, error, color in zip(file["wave_number"][()], file["structure"][()], file["structure_error"][()], colors):
        structure.errorbar(k, s, 2 * error, fmt="o", markersize=2.4, linewidth=0.7, color=color)
    k = file["wave_number"][()]
    k = np.geomspace(np.nanmin(k), np.nanmax(k), 50)
    structure.plot(k, k ** -(1 + 2 * alpha), **KNOWN)
    for panel in (growth, collapse, structure):
        panel.set_xscale("log")
        panel.set_yscale("log")
    growth.set(title="growth from flat", xlabel="time $t$", ylabel="$W^2$")
    collapse.set(title="collapse with the known exponents", xlabel=r"$t\,/\,L^{z}$", ylabel=r"$W^2/L^{2\alpha}$")
    structure.set(title="settled lines", xlabel="wave number $k$", ylabel=r"$\langle|h_k|^2\rangle/L$")
    collapse.text(0.97, 0.03, "\n".join(exponent_lines(names, file)), transform=collapse.transAxes, ha="right", va="bottom",
                  fontsize=7.5)
    style.legend_below(figure, [
        Line2D([], [], color=color, marker="o", markersize=3, linestyle="", label=f"L = {size}")
        for size, color in zip(sizes, colors)] + [Line2D([], [], label="known", **KNOWN)])
    equation = "Edwards-Wilkinson" if float(file.attrs["nonlinearity"]) == 0 else "Kardar-Parisi-Zhang"
    figure.suptitle(rf"{equation} lines, $\lambda$ = {file.attrs['nonlinearity']}, {file.attrs['replicas']} replicas of each "
                    "size; bars: 2 standard errors", fontsize=10.5, x=0.01, ha="left")
    return figure


def draw(arguments):
    with reader.open_file(arguments.file, "surfaces") as file:
        figure = collapse_figure(file)
    output = arguments.output or os.path.dirname(os.path.abspath(arguments.file))
    os.makedirs(output, exist_ok=True)
    name = os.path.splitext(os.path.basename(arguments.file))[0]
    path = os.path.join(output, f"{name}-collapse.{arguments.format}")
    style.save(figure, path)
    return [path]


def main():
    return style.run_script("plot_surfaces.py", draw, parse_arguments(), (reader.ReadError, OSError))


if __name__ == "__main__":
    sys.exit(main())
