#!/usr/bin/python3
"""Draws made-up runs with share/python/plot_run.py and looks at what comes out.

usage: plots_test.py SYNTHETIC_RUNS PYTHON_DIRECTORY
"""
import math
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np

SYNTHETIC_RUNS, PYTHON = sys.argv[1], sys.argv[2]
sys.path.insert(0, PYTHON)
sys.dont_write_bytecode = True
import matplotlib.image  # noqa: E402

import driftwood_curves as curves  # noqa: E402
import driftwood_figures as figures  # noqa: E402
import driftwood_reader as reader  # noqa: E402

LADDER = ["density", "snapshots", "coefficients", "moments", "ratio", "training"]
LARGEST_PICTURE = 350_000  # bytes


def plot(*arguments, script="plot_run.py"):
    """A script as a user runs it; a warning of numpy's or matplotlib's is a failure."""
    command = ["/usr/bin/python3", "-W", "error::RuntimeWarning", "-W", "error::UserWarning", f"{PYTHON}/{script}"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)


class Plots(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        subprocess.run([SYNTHETIC_RUNS, cls.directory.name], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def run_directory(self, name):
        return os.path.join(self.directory.name, name)

    def draw(self, run, *arguments, script="plot_run.py"):
        output = tempfile.mkdtemp(dir=self.directory.name)
        done = plot(self.run_directory(run), "--output", output, *arguments, script=script)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        return {name: os.path.join(output, name) for name in os.listdir(output)}

    def check_pictures(self, drawn, expected):
        self.assertEqual(sorted(drawn), sorted(name + ".png" for name in expected))
        for name, path in drawn.items():
            self.assertLess(os.path.getsize(path), LARGEST_PICTURE, name)
            pixels = matplotlib.image.imread(path)[..., :3]
            self.assertGreater(pixels.shape[1], 600, name)
            self.assertGreater(np.mean(pixels < 0.9), 0.005, f"{name} is blank")

    def test_a_sweep_with_a_failed_closure_a_diverged_replica_and_a_missing_point(self):
        expected = [f"point{point}-{name}" for point in (0, 1) for name in LADDER]
        self.check_pictures(self.draw("line"), [*expected, "sweep"])

    def test_two_tracked_weights_have_marginals_and_the_plane(self):
        names = [f"{name}-w{k}" for name in ("density", "snapshots") for k in (1, 2)]
        expected = [f"point0-{name}" for name in (*names, "plane", "moments", "ratio", "training")]
        self.check_pictures(self.draw("plane"), [*expected, "sweep"])

    def test_three_tracked_weights_have_every_plane_and_coefficients_along_every_axis(self):
        names = [f"{name}-w{k}" for name in ("density", "snapshots", "coefficients") for k in (1, 2, 3)]
        names += ["plane12", "plane13", "plane23", "moments", "ratio", "training"]
        self.check_pictures(self.draw("space"), [*(f"point0-{name}" for name in names), "sweep"])

    def test_a_point_that_was_only_trained_has_losses_and_weights(self):
        self.check_pictures(self.draw("trained"), ["point0-training"])

    def test_what_was_derived(self):
        closures = ("fixed", "conditional")
        names = ["couplings", "beta", "gamma", "flow", "fixed-points", "residual", "balance", "roughness",
                 *(f"heights-{name}" for name in closures)]
        drawn = self.draw("line", "--closures", *closures, script="plot_derive.py")
        self.check_pictures(drawn, [f"0c-{name}" for name in names])
        for run, arguments, reason in (("plane", (), "nothing is derived"), ("line", ("--closures", "x"), "no closure 'x'")):
            done = plot(self.run_directory(run), *arguments, script="plot_derive.py")
            self.assertEqual(done.returncode, 4)
            self.assertIn(reason, done.stderr)

    def test_one_point_can_be_asked_for(self):
        self.check_pictures(self.draw("line", "--points", "1"), [*(f"point1-{name}" for name in LADDER), "sweep"])

    def test_errors_name_the_file_and_the_reason(self):
        damaged = tempfile.mkdtemp(dir=self.directory.name)
        os.makedirs(f"{damaged}/points")
        empty = tempfile.mkdtemp(dir=self.directory.name)
        for run, reason in ((f"{damaged}/nowhere", "no such run directory"), (empty, "is it a run directory?"),
                            (damaged, "00.h5: cannot be read")):
            if run == damaged:
                with open(f"{damaged}/points/00.h5", "wb") as file:
                    file.write(b"no HDF5")
            done = plot(run)
            self.assertEqual(done.returncode, 4)
            self.assertIn(reason, done.stderr)
            self.assertNotIn("Traceback", done.stderr)

    def test_marginals_have_the_moments_that_the_file_states(self):
        # The plane's cells are stretched; those of space oblique, and half a standard deviation wide.
        for run, places in (("line", 3), ("plane", 2), ("space", 1)):
            for _, point in reader.Run(self.run_directory(run)).points():
                for axis in range(point.dimension):
                    edges, mass = point.marginal("conditional", 7, axis)
                    centre = (edges[1:] + edges[:-1]) / 2
                    self.assertAlmostEqual(mass.sum(), 1, places=12 if run != "space" else 7)  # the box ends at 6 widths
                    mean = (mass * centre).sum()
                    stated = point.of_closure("theory_mean", "conditional")[7, axis]
                    self.assertAlmostEqual(mean, stated, places=6 if run != "space" else 3)
                    width = np.sqrt((mass * (centre - mean) ** 2).sum())
                    self.assertAlmostEqual(width / point.of_closure("theory_std", "conditional")[7, axis], 1, places=places)

    def test_planes_of_oblique_cells_are_correlated_as_their_frame_says(self):
        _, point = reader.Run(self.run_directory("space")).points()[0]
        self.assertTrue(point.is_sheared())
        for axes, correlation in (((0, 1), 0.6), ((0, 2), -0.36), ((1, 2), 0.168)):
            first, second, density = point.plane("conditional", 7, *axes)
            mass = density * np.outer(np.gradient(first), np.gradient(second))
            mass /= mass.sum()
            a, b = (values - (mass.sum(axis=1 - k) * values).sum() for k, values in enumerate((first, second)))
            covariance = a @ mass @ b
            deviations = np.sqrt((mass.sum(axis=1) * a**2).sum() * (mass.sum(axis=0) * b**2).sum())
            self.assertAlmostEqual(covariance / deviations, correlation, delta=0.03)

    def test_the_drawn_density_lies_where_the_solved_one_does(self):
        _, point = reader.Run(self.run_directory("line")).points()[0]
        edges = np.linspace(0, 2, 2001)
        times, rows = figures.density_image(point, "conditional", 0, edges)
        for snapshot in (0, 4, 20):
            row = rows[np.argmin(np.abs(times - point.times[snapshot]))]
            self.assertEqual(row.max(), 1)
            peak = (edges[1:] + edges[:-1])[np.argmax(row)] / 2
            width = 0.001 * row.sum() / np.sqrt(2 * np.pi)  # of a normal density whose maximum is 1
            self.assertAlmostEqual(peak, point.of_closure("theory_mean", "conditional")[snapshot, 0], delta=0.01)
            self.assertAlmostEqual(width / point.of_closure("theory_std", "conditional")[snapshot, 0], 1, delta=0.03)

    def test_a_density_on_few_cells_is_drawn_as_the_curve_it_is(self):
        edges = np.linspace(-4.1, 3.9, 11)  # 0.8 standard deviations wide
        below = np.vectorize(lambda x: 0.5 * math.erfc(-x / math.sqrt(2)))(edges)
        w, p = curves.density_of((edges, np.diff(below)))
        normal = np.exp(-(w**2) / 2) / np.sqrt(2 * np.pi)
        inner = abs(w) < 2.5
        self.assertLess(np.max(abs(p - normal)[inner]) / normal.max(), 1e-3)
        two_peaks = np.array([0, 0.5, 0, 0, 0.5, 0, 0, 0, 0, 0])
        np.testing.assert_allclose(curves.density_of((edges, two_peaks))[1], two_peaks / 0.8)

    def test_a_plane_of_few_cells_is_drawn_as_the_surface_it_is(self):
        edges = np.linspace(-4.1, 3.9, 15)
        below = np.vectorize(lambda x: 0.5 * math.erfc(-x / math.sqrt(2)))(edges)
        centres, cells = (edges[1:] + edges[:-1]) / 2, np.diff(below) / np.diff(edges)
        for stretch in (1.0, 2.0):  # of the second axis
            w1, w2, p = curves.plane_of(centres, stretch * centres, np.outer(cells, cells / stretch))
            self.assertGreater(p.size, 50 * cells.size**2)
            normal = np.exp(-(w1[:, None] ** 2 + (w2 / stretch) ** 2) / 2) / (2 * np.pi * stretch)
            self.assertLess(np.max(abs(p - normal)) / normal.max(), 2e-3)

    def test_a_solve_that_failed_ends_where_it_failed(self):
        _, point = reader.Run(self.run_directory("line")).points()[1]
        self.assertEqual(point.closure_state("annealed"), "not converged")
        times, _ = figures.density_image(point, "annealed", 0, np.linspace(0, 2, 101))
        self.assertEqual(times[-1], point.times[9])
        self.assertIsNone(point.marginal("annealed", 10, 0))

    def test_contours_enclose_the_mass_they_claim(self):
        axis = np.linspace(-6, 6, 241)
        density = np.exp(-0.5 * (axis[:, None] ** 2 + axis[None, :] ** 2))
        for level, fraction in zip(curves.levels_of_mass(density, [0.95, 0.68]), (0.95, 0.68)):
            self.assertAlmostEqual(density[density >= level].sum() / density.sum(), fraction, delta=0.01)
        stretched = np.sinh(axis / 2)
        areas = np.outer(np.gradient(stretched), np.gradient(stretched))
        density = np.exp(-0.5 * (stretched[:, None] ** 2 + stretched[None, :] ** 2))
        for level, fraction in zip(curves.levels_of_mass(density, [0.95, 0.68], areas), (0.95, 0.68)):
            self.assertAlmostEqual(1 - level, fraction, delta=0.01)  # exp(-r^2 / 2) at r is the mass beyond r

    def test_quantiles_of_a_piecewise_uniform_distribution(self):
        edges, mass = np.array([0.0, 1.0, 2.0, 4.0]), np.array([0.5, 0.0, 0.5])
        np.testing.assert_allclose(reader.quantile(edges, mass, [0.25, 0.75]), [0.5, 3.0])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
