#!/usr/bin/python3
"""Who includes whom: every include follows an arrow of the plan, the numerics see no MPI, PETSc or HDF5, the global
communicators appear only where the program starts and ends, a source includes its own header first, which shows that the
header compiles alone, and a public header that names Eigen includes it, which a precompiled header would hide.

usage: includes.py SOURCE_DIR      exit status 1 and a line for each breach, file:line first
"""
import re
import sys
from pathlib import Path

PURE = {"core", "sweep", "data", "nn", "stats", "fp", "analysis", "results"}

# module: the other modules that it may include. No service includes another; only app joins them.
ARROWS = {
    "core": set(),
    "sweep": {"core"},
    "data": {"core"},
    "nn": {"core", "data"},
    "stats": {"core"},
    "fp": {"core", "data", "nn", "stats"},
    "analysis": {"core", "data", "nn", "stats", "fp"},
    "results": PURE - {"results"},
    "mpi": {"core"},
    "petsc": {"core", "mpi"},
    "h5": {"core"},
    "ensemble": PURE | {"mpi"},
    "fp_solver": PURE | {"mpi", "petsc"},
    "store": PURE | {"mpi", "h5"},
}
ARROWS["app"] = set(ARROWS)
ARROWS["large_arrays.cpp"] = set()  # beside main.cpp: of the programs, not of a module

# Library headers, and the modules that may see them.
LIBRARIES = {
    "MPI": (re.compile(r"mpi(\.h|/)"), {"mpi", "petsc", "h5", "ensemble", "fp_solver", "app", "main.cpp"}),
    "PETSc": (re.compile(r"(petsc|slepc)\w*\.h"), {"petsc", "fp_solver"}),
    "HDF5": (re.compile(r"(hdf5|H5\w*)\.h"), {"h5", "store", "app"}),
    "Boost.Program_options": (re.compile(r"boost/program_options"), {"app"}),
}

# How often a file may name a global communicator: main hands it out, the terminate handler aborts what is left.
WORLD = re.compile(r"\b(MPI_COMM_WORLD|PETSC_COMM_WORLD)\b")
WORLD_ALLOWED = {"src/main.cpp": 1, "src/app/driver.cpp": 1}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def module_of(path):
    """"src/fp/closures.cpp", "include/driftwood/fp/closures.hpp" -> "fp"; "src/main.cpp" -> "main.cpp"."""
    return path.parts[2] if path.parts[0] == "include" else path.parts[1]


def include_breach(module, header):
    """What is wrong with this module including this header; "" if nothing is."""
    if header.startswith("driftwood/"):
        other = header.split("/")[1]
        if module == "main.cpp" or other == module or other in ARROWS.get(module, set()):
            return ""
        return f"module {module} must not include {header}"
    for library, (pattern, modules) in LIBRARIES.items():
        if pattern.match(header) and module not in modules:
            return f"module {module} must not see {library} ({header})"
    return ""


def without_comments(text):
    """The text with comments blanked, lines kept."""
    blank = lambda match: "\n" * match.group(0).count("\n")
    return re.sub(r"//[^\n]*|/\*.*?\*/", blank, text, flags=re.DOTALL)


def breaches_in(path, text):
    """Yields (line number, what is wrong); `path` is relative to the source directory."""
    n_worlds = 0
    module = module_of(path)
    if module != "main.cpp" and module not in ARROWS:
        yield 1, f"there is no module {module} in the plan (tests/house/includes.py)"
    for number, line in enumerate(without_comments(text).splitlines(), start=1):
        found = INCLUDE.match(line)
        breach = include_breach(module, found.group(2)) if found else ""
        if breach:
            yield number, breach
        n_worlds += len(WORLD.findall(line))
        if WORLD.search(line) and n_worlds > WORLD_ALLOWED.get(str(path), 0):
            yield number, "a global communicator outside main: take a const mpi::Communicator&"


def own_header(path):
    """"src/fp/closures.cpp" -> "driftwood/fp/closures.hpp"."""
    return "/".join(("driftwood",) + path.parts[1:-1] + (path.stem + ".hpp",))


def order_breach(path, text):
    """What is wrong with the first include of a source that has a header of its own; "" if nothing is."""
    for line in without_comments(text).splitlines():
        found = INCLUDE.match(line)
        if found:
            return "" if found.group(2) == own_header(path) else f"the first include must be {own_header(path)}"
    return f"{own_header(path)} is not included"


def names_eigen_only(text):
    """Whether a header names Eigen and does not include it."""
    text = without_comments(text)
    return "Eigen::" in text and not re.search(r"#include <Eigen/", text)


def breaches(source):
    files = [path for folder in ("src", "include") for path in sorted((source / folder).rglob("*"))]
    for path in files:
        relative = path.relative_to(source)
        if path.suffix not in (".cpp", ".hpp", ".inl"):
            continue
        if path.suffix == ".cpp" and (source / "include" / own_header(relative)).exists():
            breach = order_breach(relative, path.read_text())
            if breach:
                yield f"{relative}:1: {breach}"
        if relative.parts[0] == "include" and names_eigen_only(path.read_text()):
            yield f"{relative}:1: Eigen is named and not included"
        for number, what in breaches_in(relative, path.read_text()):
            yield f"{relative}:{number}: {what}"


def main():
    source = Path(sys.argv[1])
    if not (source / "src" / "main.cpp").exists():
        print(f"{source} is not driftwood's source directory")
        return 2
    found = list(breaches(source))
    print("\n".join(found) or "every include follows an arrow")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
