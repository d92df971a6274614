"""From cells and samples to what is drawn: histograms, curves through few cells, contours of a mass."""
import numpy as np

import driftwood_reader as reader

FEW_CELLS = 64  # fewer along an axis are drawn as a curve between their centres


def histogram(sample):
    """Density of the finite values of a sample: bin edges, heights. The bins' width follows the bulk (Freedman and
    Diaconis), whatever a few strays do."""
    finite = sample[np.isfinite(sample)]
    low, high = np.quantile(finite, [0.25, 0.75])
    width = max(2 * (high - low) / len(finite) ** (1 / 3), 1e-12)
    n = min(int(np.ceil((finite.max() - finite.min()) / width)) + 1, 5000)
    edges = finite.min() - width / 2 + width * np.arange(n + 1)
    return edges, np.histogram(finite, edges)[0] / (len(finite) * width)


def through_logarithms(x, centres, logarithms):
    """exp of the cubics through the cells' logarithms (the last axis) with the slopes of neighbours, at x."""
    i = np.clip(np.searchsorted(centres, x) - 1, 0, len(centres) - 2)
    h = centres[i + 1] - centres[i]
    t = (x - centres[i]) / h
    slopes = np.gradient(logarithms, centres, axis=-1)
    return np.exp((1 + 2 * t) * (1 - t) ** 2 * logarithms[..., i] + t * (1 - t) ** 2 * h * slopes[..., i]
                  + t**2 * (3 - 2 * t) * logarithms[..., i + 1] - t**2 * (1 - t) * h * slopes[..., i + 1])


def between_centres(edges, p, n_parts=16):
    """(x, density there) of positive densities in few cells along the last axis: a smooth curve with the cells' masses."""
    centres = (edges[1:] + edges[:-1]) / 2
    x = (edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(n_parts) + 0.5) / n_parts).ravel()
    logarithms = np.log(p)
    for _ in range(4):
        curve = through_logarithms(x, centres, logarithms)
        logarithms = logarithms + np.log(p / curve.reshape(*p.shape, n_parts).mean(axis=-1))
    return x, through_logarithms(x, centres, logarithms)


def density_of(marginal):
    """Places and the density there; on few cells between their centres as well: straight lines would cut peaks off."""
    edges, mass = marginal
    centres, p = (edges[1:] + edges[:-1]) / 2, mass / np.diff(edges)
    seen = np.flatnonzero(p > 1e-9 * p.max())
    if len(p) >= FEW_CELLS or len(seen) < 4 or np.any(np.diff(seen) != 1):
        return centres, p
    return between_centres(edges[seen[0]:seen[-1] + 2], p[seen])


def plane_of(w1, w2, density):
    """The same for the density in a plane of two weights, from the cells' centres."""
    if min(density.shape) < 4 or max(density.shape) >= FEW_CELLS:
        return w1, w2, density
    fine = np.maximum(density, 1e-9 * density.max())
    w2, fine = between_centres(reader.edges_of(w2, np.gradient(w2)), fine, 8)
    w1, fine = between_centres(reader.edges_of(w1, np.gradient(w1)), fine.T, 8)
    return w1, w2, fine.T


def levels_of_mass(density, fractions, areas=None):
    """Heights of the contours that enclose these fractions of the mass, ascending. `areas` of the cells; None: equal."""
    order = np.argsort(density, axis=None)[::-1]
    ordered = density.ravel()[order]
    masses = ordered if areas is None else ordered * areas.ravel()[order]
    enclosed = np.cumsum(masses) / masses.sum()
    levels = sorted({float(ordered[np.searchsorted(enclosed, fraction)]) for fraction in fractions})
    return [level for level in levels if level > 0]
