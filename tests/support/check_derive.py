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


def sound(path):
    with h5py.File(path) as file:
        sources = names(file, "source")
        assert sources == ["ensemble", "fixed", "mean_trajectory"], sources
        assert names(file, "source_status") == ["ok"] * 3
        ensemble, fixed = 0, sources.index("fixed")
        # Within the ensemble's errors; the learning rate's own O(eta^2) is below them.
        for quantity in ("coupling", "beta_function", "anomalous_dimension"):
            value, error = file[quantity][()], file[quantity + "_error"][ensemble]
            pulls = (value[fixed] - value[ensemble]) / error
            assert np.isfinite(pulls).all(), quantity
            assert np.sqrt(np.mean(pulls**2)) < 2 and np.abs(pulls).max() < 5, f"{quantity}: {pulls}"
        assert (file["rank"][()] == len(names(file, "operator"))).all()
        residual = file["tangent_residual"][fixed]
        assert (np.diff(residual, axis=1) < 0).all() and (residual[:, -1] < 0.1).all(), residual
        points = file["npoint_residual"][fixed]
        assert np.isfinite(points).all() and (np.median(points[..., -1]) < 0.1 * np.median(points[..., 0])), points
        predicted, fitted = file["predicted_coupling"][fixed], file["coupling"][fixed]
        assert np.abs(predicted - fitted)[:, :2].max() < 0.15, predicted - fitted
        balance = file["height_residual_norm"][fixed, 1:-1] / file["height_rate_norm"][fixed, 1:-1]
        assert np.isfinite(balance).all() and (balance < 0.5).all(), balance
        assert (file["height_mass"][fixed, 1:-1] > 0.9).all()


def main():
    what, arguments = sys.argv[1], sys.argv[2:]
    if what == "operators":
        with h5py.File(arguments[0]) as file:
            assert names(file, "operator") == arguments[1:], names(file, "operator")
    else:
        {"same": same, "readable": readable, "sound": sound, "surfaces": surfaces}[what](*arguments)


main()
