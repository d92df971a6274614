#!/usr/bin/python3
"""Looks at files of `driftwood solve`.

usage: check_solve.py readable FILE          opens and reads the same everywhere, and its parts fit together
       check_solve.py accurate FILE BOUND    its L1 errors are below the bound, its mass is kept
       check_solve.py same FILE FILE BOUND   the same densities, to the bound in L1
       check_solve.py same_products FILE FILE  the same entropies, currents and rates
       check_solve.py relaxed FILE           a double well near equilibrium: falling free energy, no current, its rates
       check_solve.py not_relaxed FILE       rates that do not converge beside a solve that is done
       check_solve.py failed FILE            a failed solve: the reason, and what was reached
       check_solve.py passage FILE           absorbing walls: 1 - mass has left through the faces, as it should
       check_solve.py tabulate FILE          writes a file of coefficients: the double well with diffusion 0.2
"""
import sys

import h5py
import numpy as np

sys.dont_write_bytecode = True


def readable(path):
    from check_netcdf import check_dumps, check_raw, open_both

    check_raw(path)
    check_dumps(path)
    data = open_both(path)
    assert data.attrs["file_kind"] == "solve" and data.attrs["status"] == "done" and data.attrs["git_commit"]
    assert data.attrs["problem.drift_matrix"] == "1, 0.8, -0.8, 0.6", data.attrs["problem.drift_matrix"]
    assert dict(data.sizes)["cell1"] == 40 and dict(data.sizes)["cell2"] == 48, data.sizes
    widths = [np.diff(data[f"w{k}_edge"].values, axis=1) for k in (1, 2)]
    mass = np.einsum("sij,si,sj->s", data["density"].values, *widths)
    assert np.allclose(mass, data["mass"], atol=1e-12) and np.allclose(mass, 1, atol=1e-11), mass
    assert np.allclose(data["density"], data["marginal12"], rtol=1e-9, atol=1e-12)
    for k in (1, 2):
        assert np.allclose((data[f"marginal{k}"] * widths[k - 1]).sum(f"cell{k}"), 1, atol=1e-11)
        mean = (data[f"marginal{k}"] * data[f"w{k}_centre"] * widths[k - 1]).sum(f"cell{k}")
        assert np.allclose(mean, data["mean"].sel(w=f"w{k}"), atol=1e-10)
    assert np.allclose(data["mean"], data["exact_mean"], atol=0.02)


def accurate(path, bound):
    with h5py.File(path) as file:
        assert (file["l1_error"][()] < float(bound)).all(), file["l1_error"][()]
        assert (np.abs(file["mass_error"][()]) < 1e-11).all(), file["mass_error"][()]


def same(one, other, bound):
    with h5py.File(one) as a, h5py.File(other) as b:
        assert np.array_equal(a["time"][()], b["time"][()])
        assert np.allclose(a["w1_edge"][()], b["w1_edge"][()], rtol=0, atol=float(bound)), "edges"
        volume = np.diff(a["w1_edge"][()], axis=1)
        if "w2_edge" in a:
            volume = volume[:, :, None] * np.diff(a["w2_edge"][()], axis=1)[:, None, :]
        distance = np.abs((a["density"][()] - b["density"][()]) * volume).reshape(len(a["time"]), -1).sum(axis=1)
        assert (distance <= float(bound)).all(), distance


def same_products(one, other):
    with h5py.File(one) as a, h5py.File(other) as b:
        for name in ("entropy", "free_energy", "moment_defect", "largest_current", "current", "relaxation_rate",
                     "relaxation_frequency", "stationary_density", "distance_to_stationary_density"):
            scale = np.nanmax(np.abs(a[name][()]))
            assert np.allclose(a[name][()], b[name][()], rtol=0, atol=1e-6 * scale, equal_nan=True), name
        assert (np.diff(a["free_energy"][()]) < 0).all(), a["free_energy"][()]
        assert a["current"].shape == (3, 40, 48, 2), a["current"].shape
        norm = np.linalg.norm(a["current"][()], axis=-1).reshape(3, -1).max(axis=1)
        assert np.allclose(norm, a["largest_current"][()], rtol=1e-12), norm
        # The rates are the eigenvalues of the drift matrix, up to the Chang-Cooper flux's error.
        exact = np.linalg.eigvals(np.array([[1, 0.8], [-0.8, 0.6]]))
        found = a["relaxation_rate"][()] + 1j * a["relaxation_frequency"][()]
        assert np.allclose(found[:2], sorted(exact, key=lambda x: -x.imag), atol=0.05), found


def relaxed(path):
    with h5py.File(path) as file:
        assert file.attrs["relaxation_status"] == "converged"
        assert (np.diff(file["free_energy"][()]) < 0).all(), file["free_energy"][()]
        assert file["largest_current"][-1] < 2e-3 < file["largest_current"][0], file["largest_current"][()]
        assert file["distance_to_stationary_density"][()] < 0.02, file["distance_to_stationary_density"][()]
        edges = file["w1_edge"][-1]
        w, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
        exact = np.exp(-((w**2 - 1) ** 2) / 4 / 0.2)
        exact /= (exact * width).sum()
        assert np.abs((file["stationary_density"][()] - exact) * width).sum() < 1e-3
        # The Fokker-Planck operator on the same axis, made symmetric: an independent discretisation.
        half = np.exp(-((edges[1:-1] ** 2 - 1) ** 2) / 4 / 0.2)
        weight = np.exp(-((w**2 - 1) ** 2) / 4 / 0.2)
        hop = 0.2 * half / width[0] ** 2
        matrix = np.diag((np.append(hop, 0) + np.insert(hop, 0, 0)) / weight)
        off = -hop / np.sqrt(weight[1:] * weight[:-1])
        rates = np.linalg.eigvalsh(matrix + np.diag(off, 1) + np.diag(off, -1))[1:4]
        assert np.allclose(file["relaxation_rate"][()], rates, rtol=5e-3), (file["relaxation_rate"][()], rates)
        assert (file["relaxation_frequency"][()] == 0).all() and (file["relaxation_residual"][()] < 1e-6).all()


def not_relaxed(path):
    with h5py.File(path) as file:
        assert file.attrs["status"] == "done" and file.attrs["relaxation_status"] == "not converged"
        assert "converge" in file.attrs["relaxation_message"] and "l1_error" in file


def failed(path):
    with h5py.File(path) as file:
        assert file.attrs["status"] == "failed" and file.attrs["solver_status"] == "wall reached", dict(file.attrs)
        reached = np.isfinite(file["mass"][()]) if "mass" in file else np.zeros(1, bool)
        assert not reached.all(), "all snapshots were reached"


def passage(path):
    with h5py.File(path) as file:
        mass, absorbed = file["mass"][()], file["absorbed"][()]
        assert absorbed.shape == (5, 2) and (np.diff(absorbed, axis=0) > 0).all(), absorbed
        assert np.allclose(mass + absorbed.sum(axis=1), 1, atol=1e-12), mass + absorbed.sum(axis=1)
        assert (np.abs(file["mass_error"][()]) < 1e-3).all() and (file["l1_error"][()] < 2e-3).all()
        assert 0.1 < mass[-1] < 0.2, mass  # of the series: 0.1259
        assert np.allclose(file["survival"][()], mass, atol=1e-12)
        assert (file["first_passage_density"][1:] > 0).all()
        # v = D = 0.5 from 0.4 between 0 and 1.5: up with (1 - e^-x) / (1 - e^-l), in (l up - x) / v
        up = (1 - np.exp(-0.4)) / (1 - np.exp(-1.5))
        assert np.allclose(file["splitting_probability"][()], [1 - up, up], atol=2e-3)
        assert abs(file["mean_first_passage_time"][()] - (1.5 * up - 0.4) / 0.5) < 0.03
        rate = 0.5 * (np.pi / 1.5) ** 2 + 0.5**2 / (4 * 0.5)
        assert abs(file["relaxation_rate"][0] / rate - 1) < 1e-3
        assert file["first_passage_tail_rate"][()] == file["relaxation_rate"][0]


def tabulate(path):
    w = np.linspace(-3, 3, 121)
    with h5py.File(path, "w") as file:
        file["time"] = [0.0]
        file["w1"] = w
        file["drift"] = (w - w**3)[None, :, None]
        file["diffusion"] = np.full((1, len(w), 1), 0.2)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
