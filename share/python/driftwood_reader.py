"""Opens driftwood's result files (share/doc/file-format.md) and answers the questions that plots ask of them.

    run = Run("run-iris")
    for number, point in run.points():
        print(number, point.label, point.ratio("weights_wasserstein1", "conditional")[-1])

Needs h5py and numpy only. For tables, xarray.open_dataset("run-iris/sweep.h5") is the better tool.
"""
import glob
import os

import h5py
import numpy as np

SCHEMA_VERSION = 2


class ReadError(Exception):
    """A file is absent or is not what it should be; the message names it."""


def open_file(path, kind):
    """An HDF5 file of driftwood's of this kind ("point", "sweep", "solve"), open for reading."""
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        reason = "there is no such file" if not os.path.exists(path) else f"cannot be read: {error}"
        raise ReadError(f"{path}: {reason}") from None
    found = (file.attrs.get("file_kind"), int(file.attrs.get("schema_version", -1)))
    if found != (kind, SCHEMA_VERSION):
        file.close()
        raise ReadError(f"{path}: is no driftwood {kind} file of schema version {SCHEMA_VERSION}, but {found}")
    return file


def texts(dataset):
    return [value.decode() if isinstance(value, bytes) else str(value) for value in dataset[()]]


def short_key(key):
    """"training.learning_rate" -> "learning rate\""""
    return key.strip().split(".")[-1].replace("_", " ")


def ratio(distance, floor):
    """Distance over sampling floor, NaN where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(floor > 0, distance / floor, np.nan)


def edges_of(centres, widths):
    """Cell edges, of cells that meet; widths None: equal cells."""
    if widths is None:
        widths = np.full(len(centres), centres[1] - centres[0])
    left = np.cumsum(widths) - widths
    left += np.mean(centres - widths / 2 - left)
    return np.append(left, left[-1] + widths[-1])


def marginals_of(centres, density, widths=None):
    """([(edges, mass) of every axis], {(first, second): (centres, centres, density)} of every pair of axes). `widths` of
    the cells along every axis; None: equal ones."""
    lines, planes = [], {}
    axes = range(len(centres))
    edges = [edges_of(centres[k], None if widths is None else widths[k]) for k in axes]
    mass = density
    for k in axes:
        mass = mass * np.diff(edges[k]).reshape([-1 if other == k else 1 for other in axes])
    mass = mass / mass.sum()
    for k in axes:
        lines.append((edges[k], mass.sum(axis=tuple(other for other in axes if other != k))))
    for a in axes:
        for b in range(a + 1, len(centres)):
            plane = mass.sum(axis=tuple(other for other in axes if other not in (a, b)))
            planes[a, b] = centres[a], centres[b], plane / np.outer(np.diff(edges[a]), np.diff(edges[b]))
    return lines, planes


class Point:
    """One sweep point's file: small things in memory, large ones read when asked for."""

    def __init__(self, path):
        self.path = path
        self.file = open_file(path, "point")
        self.id = str(self.file.attrs["id"])
        self.status = str(self.file.attrs["status"])
        self.tracked = texts(self.file["w"])
        self.times = self.file["time"][()]
        self.closures = texts(self.file["closure"]) if "closure" in self.file else []
        self._weights = {}
        self._marginals = {}

    @property
    def dimension(self):
        return len(self.tracked)

    @property
    def coordinates(self):
        """{key: value} of the swept keys, as text: {"training.learning_rate": "0.02"}."""
        return dict(entry.split(" = ") for entry in str(self.file.attrs["sweep_coordinates"]).split("; ") if entry)

    @property
    def label(self):
        """What makes this point different from the others of its sweep: "learning rate 0.02, batch size 8"."""
        return ", ".join(f"{short_key(key)} {value}" for key, value in self.coordinates.items())

    @property
    def network(self):
        return str(self.file.attrs.get("network.widths", "?"))

    def closure_state(self, closure):
        """"ok", or why the closure's solve failed."""
        return texts(self.file["closure_status"])[self.closures.index(closure)]

    def weights(self, axis):
        """Tracked weight `axis` of every replica, snapshot x replica; NaN once a replica has diverged."""
        if axis not in self._weights:
            self._weights[axis] = self.file["weights"][:, :, axis]
        return self._weights[axis]

    def loss(self):
        return self.file["loss"][()]

    def has_densities(self):
        return "density" in self.file

    def n_replicas(self):
        return int(self.file["n_replicas"][()])

    def of_closure(self, name, closure):
        """A closure's part of a variable, snapshot x the rest; None if the file has no such variable."""
        return self.file[name][self.closures.index(closure)] if name in self.file else None

    def ratio(self, name, closure):
        """Distance over floor at every snapshot, of e.g. "weights_wasserstein1"; None if it was not compared."""
        distance = self.of_closure(name, closure)
        return None if distance is None else ratio(distance, self.of_closure(name + "_floor", closure))

    def cells(self, closure, snapshot):
        """Cell centres of each axis, the density on them and the cells' widths, or None where the closure was not
        solved or the frame is sheared (fokker_planck.frame = full: the cells have no places along one weight)."""
        if not self.has_densities() or self.is_sheared():
            return None
        c = self.closures.index(closure)
        centres = [self.file[f"w{k + 1}_centre"][c, snapshot] for k in range(self.dimension)]
        inside = [np.isfinite(centre) for centre in centres]  # a smaller grid fills the first cells
        if not all(axis.any() for axis in inside):
            return None
        scale = np.diagonal(self.file["frame_scale"][c, snapshot])
        widths = [self.file[f"z{k + 1}_width"][:][i] * scale[k] for k, i in enumerate(inside)]
        density = self.file["density"][c, snapshot][np.ix_(*inside)]
        return [centre[i] for centre, i in zip(centres, inside)], density, widths

    def is_sheared(self):
        """Whether the file has marginals of its own, because its densities' cells are oblique."""
        return "marginal1" in self.file

    def marginal(self, closure, snapshot, axis):
        """Cell edges along one axis and the probability in each cell, or None where the closure was not solved."""
        found = self._all_marginals(closure, snapshot)
        return None if found is None else found[0][axis]

    def plane(self, closure, snapshot, first, second):
        """Cell centres along two axes (first < second) and the density in their plane, or None."""
        found = self._all_marginals(closure, snapshot)
        return None if found is None else found[1][first, second]

    def _all_marginals(self, closure, snapshot):
        """Marginals of every axis and every plane: a grid of many cells is read once."""
        if (closure, snapshot) not in self._marginals:
            if self.is_sheared():
                found = self._stored_marginals(self.closures.index(closure), snapshot)
            else:
                cells = self.cells(closure, snapshot)
                found = None if cells is None else marginals_of(*cells)
            self._marginals[closure, snapshot] = found
        return self._marginals[closure, snapshot]

    def _stored_marginals(self, c, snapshot):
        """The same from the file's own marginals."""
        def inside(name):
            values = self.file[name][c, snapshot]
            return values[np.isfinite(values)]

        edges = [inside(f"w{k + 1}_edge") for k in range(self.dimension)]
        if not all(len(axis) for axis in edges):
            return None
        middles = [(axis[1:] + axis[:-1]) / 2 for axis in edges]
        lines = [(axis, inside(f"marginal{k + 1}") * np.diff(axis)) for k, axis in enumerate(edges)]
        planes = {(i, j): (middles[i], middles[j],
                           self.file[f"marginal{i + 1}{j + 1}"][c, snapshot, : len(middles[i]), : len(middles[j])])
                  for i in range(self.dimension) for j in range(i + 1, self.dimension)}
        return lines, planes

    def coefficients(self, snapshot):
        """What the closure `conditional` regressed: its variables at one snapshot by name, without "conditional_"; None
        where it was not solved."""
        if "conditional_w" not in self.file:
            return None
        names = [name for name in self.file if name.startswith("conditional_")]
        return {name[len("conditional_"):]: self.file[name][snapshot] for name in names}

    def replica_coefficients(self, snapshot):
        """Drift (replica x w) and diffusion (replica x pairs) of every replica."""
        return self.file["drift"][snapshot], self.file["diffusion"][snapshot]


class Solve:
    """The file of a Fokker-Planck problem that `driftwood solve` wrote."""

    def __init__(self, path):
        self.path = path
        self.file = open_file(path, "solve")
        self.family = str(self.file.attrs["problem.family"])
        self.status = str(self.file.attrs["status"])
        self.message = str(self.file.attrs["message"])
        self.times = self.file["time"][()]
        self.dimension = self.file["w"].shape[0] if "w" in self.file else 0
        self.n_reached = int(np.isfinite(self.series("mass")).sum()) if self.has_densities() else 0

    def has_densities(self):
        return "density" in self.file

    def has_exact(self):
        return "exact_marginal1" in self.file or "exact_mean" in self.file

    def has_errors(self):
        return "l1_error" in self.file or "stationary_distance" in self.file or "mean_error" in self.file

    def has_absorption(self):
        return any(np.nanmax(values) > 0 for _, values in self.absorbed())

    def series(self, name):
        """A variable along the snapshots; None if the file has none."""
        return self.file[name][()] if name in self.file else None

    def grid_text(self):
        cells = " x ".join(str(n) for n in self.file["density"].shape[1:])
        return f"{cells} cells, {int(self.file['n_steps'][()])} steps"

    def mass(self):
        return self.series("mass")

    def mean(self):
        return self.series("mean")

    def std(self):
        return np.sqrt(np.diagonal(self.series("covariance"), axis1=1, axis2=2))

    def exact_moments(self, axis):
        """Exact mean and standard deviation of a coordinate against time; None where they are not known."""
        if "exact_mean" not in self.file:
            return None
        return self.series("exact_mean")[:, axis], np.sqrt(self.series("exact_covariance")[:, axis, axis])

    def absorbed(self):
        """(face, probability that has left through it against time) of every face."""
        if "absorbed" not in self.file:
            return []
        return list(zip(texts(self.file["face"]), self.file["absorbed"][()].T))

    def marginal(self, snapshot, axis):
        """Edges of the bins along one axis and the density in them."""
        edges = self.file[f"w{axis + 1}_edge"][snapshot]
        density = self.file[f"marginal{axis + 1}"][snapshot]
        return edges[np.isfinite(edges)], density[np.isfinite(density)]

    def exact_marginal(self, snapshot, axis):
        """The exact density at the bins' centres; None where it is not known."""
        name = f"exact_marginal{axis + 1}"
        if name not in self.file:
            return None
        exact = self.file[name][snapshot]
        return exact[np.isfinite(exact)] if np.isfinite(exact).any() else None

    def plane(self, snapshot, first, second):
        """Edges along two axes and the density in their plane."""
        edges = [self.marginal(snapshot, axis)[0] for axis in (first, second)]
        values = self.file[f"marginal{first + 1}{second + 1}"][snapshot]
        return edges, values[: len(edges[0]) - 1, : len(edges[1]) - 1]


class Run:
    """A run directory."""

    def __init__(self, directory):
        self.directory = directory
        if not os.path.isdir(directory):
            raise ReadError(f"{directory}: there is no such run directory")

    def points(self):
        """(number in the sweep, Point) of the points that have a file; numbered by id where sweep.h5 is missing."""
        paths = sorted(glob.glob(os.path.join(self.directory, "points", "*.h5")))
        if not paths:
            raise ReadError(f"{self.directory}: there are no points/*.h5 in it (is it a run directory?)")
        name = lambda path: os.path.basename(path)[: -len(".h5")]
        order = {name(path): i for i, path in enumerate(paths)}
        if os.path.exists(self.sweep_path):
            with self.sweep() as sweep:
                order = {identity: i for i, identity in enumerate(texts(sweep["point_id"]))}
        return [(order[name(path)], Point(path)) for path in sorted(paths, key=lambda path: order.get(name(path), 0))
                if name(path) in order]

    @property
    def sweep_path(self):
        return os.path.join(self.directory, "sweep.h5")

    def sweep(self):
        """sweep.h5, open."""
        return open_file(self.sweep_path, "sweep")


def quantile(edges, mass, levels):
    """Quantiles of the piecewise uniform distribution with `mass` between `edges`."""
    cumulative = np.concatenate([[0.0], np.cumsum(mass)])
    return np.interp(levels, cumulative / cumulative[-1], edges)
