# A Spack package of driftwood. Reviewed against Spack's packaging guide; it was not run (no Spack on the machine that driftwood was
# made on). Put it into a repository of your own: REPO/packages/driftwood/package.py.
from spack.package import *


class Driftwood(CMakePackage):
    """Trains very many small autoencoders, solves the Fokker-Planck equation their weights should obey, and compares theory
    and experiment with error bars."""

    git = "https://example.org/driftwood.git"  # where your clone is

    license("BSD-3-Clause")

    version("main", branch="main")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    depends_on("petsc@3.18: +mpi+double~complex~int64")
    depends_on("slepc@3.18:")
    depends_on("hdf5@1.10: +mpi")
    depends_on("boost@1.71: +program_options+math+random")
    depends_on("eigen@3.4:")
    depends_on("random123")
    depends_on("googletest@1.12: +gmock", type="test")

    requires("%gcc@12:", "%clang@15:", policy="one_of", msg="driftwood needs a C++20 compiler")

    generator("ninja")

    def cmake_args(self):
        return [self.define("BUILD_TESTING", self.run_tests), self.define("DRIFTWOOD_WERROR", False)]
