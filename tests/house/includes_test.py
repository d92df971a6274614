#!/usr/bin/python3
"""includes.py finds each kind of breach, and nothing where there is none."""
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
import includes  # noqa: E402


def breaches(path, text):
    return list(includes.breaches_in(Path(path), text))


class Includes(unittest.TestCase):
    def test_allowed_arrows_are_silent(self):
        for path, header in (("src/fp/a.cpp", '"driftwood/stats/b.hpp"'), ("include/driftwood/store/a.hpp", '"driftwood/h5/b.hpp"'),
                             ("src/app/a.cpp", '"driftwood/ensemble/b.hpp"'), ("src/mpi/a.cpp", "<mpi.h>"),
                             ("src/fp_solver/a.cpp", "<petscksp.h>"), ("src/core/a.cpp", "<vector>")):
            self.assertEqual(breaches(path, f"#include {header}\n"), [], path)

    def test_numerics_see_no_library(self):
        for module in includes.PURE:
            for header in ("mpi.h", "petscksp.h", "petsc.h", "hdf5.h", "H5public.h"):
                self.assertEqual(len(breaches(f"include/driftwood/{module}/a.hpp", f"\n#include <{header}>\n")), 1, header)

    def test_services_do_not_know_each_other(self):
        services = ("ensemble", "fp_solver", "store")
        for one in services:
            for other in services:
                expected = 0 if one == other else 1
                self.assertEqual(len(breaches(f"src/{one}/a.cpp", f'#include "driftwood/{other}/b.hpp"\n')), expected)

    def test_arrows_do_not_point_back(self):
        for path, other in (("src/core/a.cpp", "nn"), ("src/stats/a.cpp", "fp"), ("src/h5/a.cpp", "store"),
                            ("src/ensemble/a.cpp", "petsc"), ("src/results/a.cpp", "app")):
            self.assertEqual(breaches(path, f' #  include "driftwood/{other}/b.hpp"\n')[0][0], 1, path)

    def test_a_source_includes_its_own_header_first(self):
        path = Path("src/fp/a.cpp")
        self.assertEqual(includes.order_breach(path, '// a\n#include "driftwood/fp/a.hpp"\n#include <vector>\n'), "")
        self.assertNotEqual(includes.order_breach(path, '#include <vector>\n#include "driftwood/fp/a.hpp"\n'), "")
        self.assertNotEqual(includes.order_breach(path, "int x;\n"), "")

    def test_a_header_that_names_eigen_includes_it(self):
        self.assertTrue(includes.names_eigen_only("Eigen::VectorXd a;\n"))
        self.assertFalse(includes.names_eigen_only("#include <Eigen/Core>\nEigen::VectorXd a;\n"))
        self.assertFalse(includes.names_eigen_only("// Eigen::VectorXd\n"))

    def test_global_communicators_stay_in_main(self):
        self.assertEqual(len(breaches("src/store/a.cpp", "int x;\nf(MPI_COMM_WORLD);\n")), 1)
        self.assertEqual(len(breaches("src/fp_solver/a.cpp", "f(PETSC_COMM_WORLD);\n")), 1)
        self.assertEqual(breaches("src/main.cpp", "f(MPI_COMM_WORLD);\n"), [])
        self.assertEqual(len(breaches("src/main.cpp", "f(MPI_COMM_WORLD);\ng(MPI_COMM_WORLD);\n")), 1)

    def test_comments_do_not_count(self):
        self.assertEqual(breaches("src/core/a.cpp", "// MPI_COMM_WORLD\n/*\n#include <mpi.h>\n*/\n"), [])

    def test_a_module_that_is_not_in_the_plan_is_named(self):
        self.assertIn("no module attic", breaches("src/attic/a.cpp", "")[0][1])


if __name__ == "__main__":
    unittest.main()
