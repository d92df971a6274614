#!/usr/bin/python3
"""Opens driftwood files as users do and compares what the readers see: xarray by both engines, h5py, ncdump, h5dump.

usage: check_netcdf.py RUN_DIRECTORY     (points/*.h5, points/*.xdmf, sweep.h5, points.h5)
"""
import glob
import subprocess
import sys
import warnings
from xml.etree import ElementTree

import h5py
import numpy as np
import xarray as xr

with warnings.catch_warnings():  # Debian's netCDF4 complains of its numpy when it is first imported
    warnings.simplefilter("ignore")
    import netCDF4  # noqa: F401

warnings.simplefilter("error")  # a reader's complaint is a failure
warnings.filterwarnings("ignore", category=DeprecationWarning)


def same(a, b):
    """Whether two arrays are equal, NaN and empty ones included."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if a.dtype.kind == "f":
        return np.array_equal(a, b, equal_nan=True)
    return [str(x) for x in a.ravel()] == [str(x) for x in b.ravel()]


def check_raw(path):
    """Every dataset of the flat file against the conventions, by h5py."""
    with h5py.File(path) as file:
        for name, item in file.items():
            assert isinstance(item, h5py.Dataset), f"{path}: {name} is not a dataset"
            if "CLASS" in item.attrs and b"This is a netCDF dimension but" in bytes(item.attrs["NAME"]):
                continue
            assert item.attrs["units"], f"{path}: {name} has no units"
            assert item.attrs["long_name"], f"{path}: {name} has no long_name"
            for k in range(item.ndim):
                if "CLASS" not in item.attrs:
                    assert len(item.dims[k]) == 1, f"{path}: {name} has no scale on dimension {k}"
                    assert item.dims[k][0].shape[0] == item.shape[k], f"{path}: {name}: wrong scale on {k}"
            if item.nbytes >= 1 << 16 and item.dtype.kind in "fi":
                assert item.fletcher32 and item.shuffle and item.compression == "gzip", f"{path}: {name} has no filters"


def open_both(path):
    """The file as xarray sees it, the same by both engines."""
    with xr.open_dataset(path, engine="h5netcdf") as one, xr.open_dataset(path, engine="netcdf4") as other:
        assert list(one.sizes.items()) and dict(one.sizes) == dict(other.sizes), f"{path}: {one.sizes} {other.sizes}"
        assert set(one.variables) == set(other.variables), f"{path}: {set(one.variables) ^ set(other.variables)}"
        assert set(one.coords) == set(other.coords), f"{path}: {set(one.coords) ^ set(other.coords)}"
        for name in one.variables:
            assert one[name].dims == other[name].dims, f"{path}: {name}"
            assert same(one[name].values, other[name].values), f"{path}: {name} differs between the engines"
            assert one[name].dtype.kind not in "mM", f"{path}: {name} was taken for a date or a time span"
        assert {k: str(v) for k, v in one.attrs.items()} == {k: str(v) for k, v in other.attrs.items()}, path
        return one.load()


def check_dumps(path):
    header = subprocess.run(["ncdump", "-h", path], check=True, capture_output=True, text=True).stdout
    assert "phony_dim" not in header, f"{path}: ncdump finds a dimension without a name"
    subprocess.run(["h5dump", "-H", path], check=True, capture_output=True)


def check_point(path):
    point = open_both(path)
    assert point.attrs["file_kind"] == "point" and point.attrs["training.learning_rate"]
    assert point["weights"].dims == ("snapshot", "replica", "w")
    assert "time" in point["weights"].coords and "step" in point["loss"].coords
    assert all(str(name).startswith("W2[") for name in point["w"].values)
    if "density" in point:
        d = point.sizes["w"]
        assert point["density"].dims == ("closure", "snapshot", *(f"cell{k + 1}" for k in range(d)))
        closure = str(point["closure"].values[0])
        assert point["density"].sel(closure=closure).shape[0] == point.sizes["snapshot"]
        assert "w1_centre" in point["density"].coords
        assert same(point["ensemble_mean"].values, point["weights"].mean("replica").values) or np.allclose(
            point["ensemble_mean"], point["weights"].mean("replica"), rtol=0, atol=1e-12)


def check_sweep(path, n_readable):
    sweep = open_both(path)
    assert sweep.attrs["file_kind"] == "sweep"
    assert list(sweep["point"].values) == list(range(sweep.sizes["point"]))
    assert sweep["learning_rate"].dtype.kind == "f" and "learning_rate" in sweep["weights_wasserstein1"].coords
    assert (sweep["status"] != "missing").sum() == n_readable
    for k, (status, file) in enumerate(zip(sweep["status"].values, sweep["point_file"].values)):
        row = sweep["theory_mean"].isel(point=k)
        assert (status == "missing") == bool(row.isnull().all())
        if status != "missing":  # the name leads to the file, from wherever the sweep is opened
            with xr.open_dataset(path.replace("sweep.h5", str(file))) as point:
                assert point.attrs["id"] == sweep["point_id"].values[k]
                for closure in point["closure"].values:
                    mine = row.sel(closure=closure).values[: point.sizes["snapshot"], : point.sizes["w"]]
                    assert same(mine, point["theory_mean"].sel(closure=closure).values)


def check_links(path, n_readable):
    with h5py.File(path) as links:
        assert len(links["points"]) == n_readable
        for identity, point in links["points"].items():
            assert point.attrs["id"] == identity and "weights" in point


def check_xdmf(path):
    """Every array the XDMF file speaks of exists, with the shape it says, and holds numbers."""
    grids = ElementTree.parse(path).findall(".//Grid[@GridType='Uniform']")
    assert grids, f"{path}: no grids"
    for grid in grids:
        for slab in grid.findall(".//DataItem[@ItemType='HyperSlab']"):
            selection, source = slab.findall("DataItem")
            start, stride, count = np.array(selection.text.split(), int).reshape(3, -1)
            assert (stride == 1).all()
            file, name = source.text.split(":")
            with h5py.File(path.rsplit("/", 1)[0] + "/" + file) as point:
                assert list(point[name].shape) == [int(n) for n in source.get("Dimensions").split()]
                part = point[name][tuple(slice(a, a + n) for a, n in zip(start, count))]
            assert part.size == np.prod([int(n) for n in slab.get("Dimensions").split()])
            assert np.isfinite(part).all(), f"{path}: {name}"


def main(run):
    points = sorted(glob.glob(f"{run}/points/*.h5"))
    assert points, f"no point files in {run}"
    for path in [*points, f"{run}/sweep.h5"]:
        check_raw(path)
        check_dumps(path)
    for path in points:
        check_point(path)
    check_sweep(f"{run}/sweep.h5", len(points))
    check_links(f"{run}/points.h5", len(points))
    for path in glob.glob(f"{run}/points/*.xdmf"):
        check_xdmf(path)
    print(f"{len(points)} point files and sweep.h5 read the same everywhere")


if __name__ == "__main__":
    main(sys.argv[1])
