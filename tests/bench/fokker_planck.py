#!/usr/bin/python3
"""Time to solution of driftwood and of other ways to solve the same Fokker-Planck equations, in one run.

usage: fokker_planck.py BENCH_FOKKER_PLANCK [--problems ABCD] [--ranks 1,2] [--rounds N] [--scaling] [--width]

BENCH_FOKKER_PLANCK is the executable of tests/bench (build/release/tests/bench/bench_fokker_planck). Problems: A: b = w - w^3,
D = 0.1 on [-2.5, 2.5], 1000 cells, t = 10, from a normal density at -1 with variance 0.04. B, C, D: Ornstein-Uhlenbeck, D = 0.2 on
[-3, 3]^d, t = 1, mean (.8, -.6, .5, -.4), variance 0.1, with the drift matrix of the source; 256^2, 64^3 and 32^4 cells.
The error is the L1 distance to the exact density at the cells' centres (A: to the eigenfunctions of a grid three times as
fine, which is Chang and Cooper's own error there).

Peers (fokker_planck_peers.py), each left out where its packages are missing (jobs/packages.sh bench; fplanck, FiPy, py-pde: from
their repositories, on PYTHONPATH). Every row has a process of its own; a row's solve is the best of the rounds, its setup what is
prepared once (matrices, factors, compiled code; here: the discretised start and the rates), its ratio the time of the
fastest peer on as many ranks over its own. bytes: per cell, above what the program takes before.
--scaling: cost per cell and step from 10^4 cells to 5 10^6. --width: a density whose width falls a hundredfold.
"""
import argparse
import json
import os
import subprocess
import sys

from fokker_planck_peers import CELLS, PARALLEL, PEERS, Problem

MPI_ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_btl": "self,vader",
}
# driftwood's rows: cells, steps, flux, frame, tail left outside of a moving box. First the flux and the cells that peers
# have, then (at fplanck's error or below) what order and frame save.
ROWS = {
    "A": [(1000, 100, "chang_cooper", "fixed", 0), (1000, 30, "fourth_order", "fixed", 0)],
    "B": [(256, 20, "chang_cooper", "fixed", 0), (256, 20, "fourth_order", "fixed", 0),
          (128, 20, "fourth_order", "fixed", 0)],
    "C": [(64, 20, "chang_cooper", "fixed", 0), (64, 10, "fourth_order", "fixed", 0),
          (32, 10, "fourth_order", "fixed", 0)],
    "D": [(32, 20, "chang_cooper", "fixed", 0), (32, 8, "fourth_order", "fixed", 0), (24, 8, "fourth_order", "fixed", 0),
          (32, 20, "fourth_order", "diagonal", 6e-4)],
}


def output_of(command, ranks):
    command = ["mpirun", "-n", str(ranks), *map(str, command)]
    result = subprocess.run(command, env=os.environ | MPI_ENVIRONMENT, capture_output=True, text=True)
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if result.returncode == 0 and lines:
        return json.loads(lines[-1])
    return {"error": (result.stderr.strip().splitlines() or [""])[-1]}


def peer(label, problem, ranks, rounds):
    """The row of a peer, or None."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fokker_planck_peers.py")
    row = output_of([sys.executable, script, label, problem.name, problem.n, rounds], ranks)
    return row if "solve" in row else None


def driftwood(executable, name, cells, steps, flux, frame, ranks, rounds, tail=0):
    if frame != "fixed":
        rounds = 1
    row = output_of([executable, name, cells, steps, "strang", flux, frame, rounds, tail or 1e-6], ranks)
    if "error" in row:
        raise SystemExit("fokker_planck.py: driftwood failed: " + row["error"])
    if name == "A":
        import numpy as np

        row["l1"] = Problem("A", cells).l1(np.array(row["density"]))
    return row


def show(label, row, cells, best, per_step=""):
    ratio = f"{best / row['solve']:7.2f}" if best else " " * 7
    print(f"  {label:44}{row['setup']:9.3f}{row['solve']:9.4f}{row['l1']:10.1e}{row['mass_error']:9.0e}{row['min']:9.0e}"
          f"{row['bytes'] / cells:8.0f} {ratio}  {per_step}", flush=True)


def race(executable, name, ranks, rounds):
    print(f"\n{name}{'':45}setup    solve  L1 error     mass      min   bytes   ratio  ns/(cell step)")
    problem = Problem(name)
    best = {}
    for n in ranks:
        for label in PEERS if n == 1 else PARALLEL:
            row = peer(label, problem, n, rounds)
            if row is None:
                continue
            best[n] = min(row["solve"], best.get(n, float("inf")))
            show(f"{label}, {n} rank{'s' * (n > 1)}", row, problem.n**problem.d, None)
    for n in ranks:
        for cells, steps, flux, frame, tail in ROWS[name]:
            row = driftwood(executable, name, cells, steps, flux, frame, n, rounds, tail)
            label = f"driftwood {cells}^{problem.d} {flux} {frame}, {steps} st., {n} r."
            unknowns = cells**problem.d
            show(label, row, unknowns, best.get(n, best.get(1)), f"{1e9 * row['solve'] / unknowns / row['steps']:.1f}")


def scaling(executable, ranks, rounds):
    print("\ncost per cell and step (second-order flux), ns")
    sizes = {"B": [100, 316, 1000, 2236], "C": [22, 46, 100, 171], "D": [10, 18, 32, 47]}
    for name, several in sizes.items():
        for n in ranks:
            costs = []
            for cells in several:
                steps = max(4, min(400, 40_000_000 // cells ** ("ABCD".index(name) + 1)))
                row = driftwood(executable, name, cells, steps, "chang_cooper", "fixed", n, rounds)
                costs.append(f"{cells}: {1e9 * row['solve'] / row['unknowns'] / row['steps']:5.1f}")
            print(f"  {name}, {n} rank{'s' * (n > 1)}:  " + "   ".join(costs), flush=True)


def width(executable):
    """Ornstein-Uhlenbeck in two dimensions, from a standard deviation of 1 to 0.01."""
    print("\na density whose width falls a hundredfold (2 dimensions), fourth-order flux, 100 steps: cells, seconds, L1")
    for cells, frame in ((64, "diagonal"), (256, "fixed"), (512, "fixed")):
        row = driftwood(executable, "W", cells, 100, "fourth_order", frame, 1, 1)
        print(f"  {cells:5}^2 {frame:9}{row['setup'] + row['solve']:10.3f} s  L1 {row['l1']:.1e}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable", metavar="BENCH_FOKKER_PLANCK")
    parser.add_argument("--problems", default="ABCD", help="letters")
    parser.add_argument("--ranks", default="1,2", help="numbers of ranks")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scaling", action="store_true")
    parser.add_argument("--width", action="store_true")
    options = parser.parse_args()
    ranks = [int(n) for n in options.ranks.split(",")]
    assert set(options.problems) <= set(CELLS)
    for name in options.problems:
        race(options.executable, name, ranks, options.rounds)
    if options.scaling:
        scaling(options.executable, ranks, options.rounds)
    if options.width:
        width(options.executable)
    return 0


if __name__ == "__main__":
    sys.exit(main())
