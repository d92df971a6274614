#!/usr/bin/python3
"""Looks at files of `driftwood derive`.

usage: check_derive.py same FILE FILE           equal to round-off but for where and when they were made
       check_derive.py readable FILE            by xarray's engines, ncdump, h5dump
       check_derive.py surfaces FILE            likewise, a file of `driftwood surfaces`
       check_derive.py sound FILE               theory and ensemble agree for `fixed`, residuals fall, terms balance
       check_derive.py operators FILE NAME ...  these operators, in this order"""
import sys

import h5py
import numpy as np

import check_netcdf


def names(file, variable):
    return [value.decode() if isinstance(value, bytes) else str(value) for value in file[variable][()]]


def same(first, second):
    with h5py.File(first) as one, h5py.File(second) as other:
        assert set(one) == set(other), set(one) ^ set(other)
        for name in one:
            a, b = one[name][()], other[name][()]
            if a.dtype.kind != "f" or "CLASS" in one[name].attrs:
                assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f"), name
                continue
            scale = np.nanmax(np.abs(a)) if np.isfinite(a).any() else 1
            np.testing.assert_allclose(b, a, rtol=1e-6, atol=1e-7 * scale, err_msg=name)


def readable(path):
    check_netcdf.check_raw(path)
    check_netcdf.check_dumps(path)
    derived = check_netcdf.open_both(path)
    assert derived["coupling"].dims == ("source", "snapshot", "operator")
    assert "time" in derived["coupling"].coords


def surfaces(path):
    check_netcdf.check_raw(path)
    check_netcdf.check_dumps(path)
    assert check_netcdf.open_both(path)["squared_roughness"].dims == ("size", "moment")


def pulls(file, quantity, source):
    """In the ensemble's standard errors, snapshot x entries."""
    value, error = file[quantity][()], file[quantity + "_error"][0]
    return (value[source] - value[0]) / error


def sound(path):
    with h5py.File(path) as file:
        sources = names(file, "source")
        assert sources == ["ensemble", "fixed", "mean_trajectory"], sources
        assert names(file, "source_status") == ["ok"] * 3
        fixed, n_operators = sources.index("fixed"), len(names(file, "operator"))
        # One ensemble's snapshots are not independent, so the mean square of their pulls is about 1 with a spread as large
        # (chi squared of one number an entry): 3^2 is 3 standard errors. No pull beyond 4 (24 of them: 0.2 %).
        for quantity in ("coupling", "beta_function", "anomalous_dimension"):
            pull = pulls(file, quantity, fixed)
            assert np.isfinite(pull).all(), quantity
            assert np.mean(pull**2) < 9 and np.abs(pull).max() < 4, f"{quantity}: {pull}"
        assert (file["rank"][()] == n_operators).all()
        # A projection on more operators leaves less; n-point functions see what is left through smooth u_n only.
        tangent = file["tangent_residual"][fixed]
        assert (np.diff(tangent, axis=1) < 0).all(), tangent
        points = file["npoint_residual"][fixed]
        assert np.isfinite(points).all() and (points[..., -1] <= tangent[:, None, -1]).all(), points
        # The prediction leaves out what the tangent's residual says: a density moves by about its own change in the run,
        # d<O>/dt over the run, so its couplings are off by that part of it at most, beside the ensemble's own error.
        predicted, fitted = file["predicted_coupling"][fixed], file["coupling"][fixed]
        change = np.abs(np.diff(fitted, axis=0)).sum(axis=0)
        off = np.abs(predicted - fitted)[:, :2]
        assert (off <= tangent.max() * change[:2] + 3 * file["coupling_error"][0, :, :2]).all(), off
        # d_t h is a parabola's through three snapshots: its error is dt^2 / 6 d_t^3 h, with rates of about gamma.
        spacing = np.diff(file["time"][()]).max()
        rate = np.abs(file["anomalous_dimension"][fixed]).max() * 2 * n_operators
        balance = file["height_residual_norm"][fixed, 1:-1] / file["height_rate_norm"][fixed, 1:-1]
        assert np.isfinite(balance).all() and (balance < (spacing * rate) ** 2 / 6 + 0.1).all(), balance
        # The heights' cells are those above 1e-8 of the largest value.
        assert (file["height_mass"][fixed, 1:-1] > 1 - 1e-3).all(), file["height_mass"][fixed]
        # Heights under the ensemble's kernel: within its errors, and no rougher than sampling makes them (a ratio of two
        # spreads over some twenty independent kernels).
        pull = pulls(file, "kernel_height", fixed)
        assert np.nanmean(pull**2) < 9, pull
        roughness = file["height_roughness"][()]
        assert (roughness[fixed] < 2 * roughness[0]).all(), roughness
        assert (file["transformed_residual"][fixed, 1:-1] < 1).all(), file["transformed_residual"][fixed]
        rest, point = file["rest"][fixed], file["fixed_point_mean"][fixed]
        assert np.isfinite(point).all() and np.abs(point - rest).max() < 0.2 * file["field_scale"][-1], (rest, point)
        assert (file["stability_real"][fixed] < 0).all(), file["stability_real"][fixed]


def main():
    what, arguments = sys.argv[1], sys.argv[2:]
    if what == "operators":
        with h5py.File(arguments[0]) as file:
            assert names(file, "operator") == arguments[1:], names(file, "operator")
    else:
        {"same": same, "readable": readable, "sound": sound, "surfaces": surfaces}[what](*arguments)


main()
