#!/usr/bin/python3
"""Linear solvers for the unsplit time schemes, compared: seconds and Krylov iterations of one solve.

usage: linear_solvers.py BENCH_FOKKER_PLANCK [--problems BCD] [--ranks 1,2] [--timeout SECONDS]

Problems as in fokker_planck.py, at 256^2, 64^3 and 24^4 cells. Accuracy-limited: crank_nicolson in 20 steps; large steps:
backward_euler in 2 (a largest rate times the step of 400 to 900). PETSc's options choose the solver (prefix fp_); all solve to
1e-12 of the right side. Decision 17 shows a run.
"""
import argparse
import os

from fokker_planck import output_of

SOLVERS = {
    "GMRES + lattice lines (the default)": "",
    "BiCGStab + lattice lines": "-fp_ksp_type bcgs",
    "GMRES + Jacobi": "-fp_pc_type jacobi",
    "GMRES + block Jacobi/ILU": "-fp_pc_type bjacobi",
    "BiCGStab + block Jacobi/ILU": "-fp_ksp_type bcgs -fp_pc_type bjacobi",
    "GMRES + hypre BoomerAMG": "-fp_pc_type hypre",
    "GMRES + GAMG": "-fp_pc_type gamg",
}
CELLS = {"B": 256, "C": 64, "D": 24}
CASES = {"accuracy-limited": ("crank_nicolson", 20), "large steps": ("backward_euler", 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable", metavar="BENCH_FOKKER_PLANCK")
    parser.add_argument("--problems", default="BCD", help="letters")
    parser.add_argument("--ranks", default="1,2", help="numbers of ranks")
    parser.add_argument("--timeout", type=int, default=120)
    options = parser.parse_args()
    ranks = [int(n) for n in options.ranks.split(",")]
    for name in options.problems:
        for case, (scheme, steps) in CASES.items():
            print(f"\n{name} {CELLS[name]}^{'ABCD'.index(name) + 1}, {case} ({scheme}, {steps} steps): "
                  f"seconds, iterations a step, on {options.ranks} ranks")
            for label, petsc in SOLVERS.items():
                os.environ["PETSC_OPTIONS"] = petsc
                cells = []
                for n in ranks:
                    row = output_of(["timeout", options.timeout, options.executable, name, CELLS[name], steps, scheme,
                                     "chang_cooper", "fixed"], n)
                    cells.append(f"{row['setup'] + row['solve']:9.2f} {row['iterations'] / steps:7.1f}" if "solve" in row
                                 else f"{'-':>9} {'-':>7}")
                print(f"  {label:38}" + "   ".join(cells), flush=True)


if __name__ == "__main__":
    main()
