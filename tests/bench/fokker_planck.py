#!/usr/bin/python3
"""Time to solution of driftwood and of other ways to solve the same Fokker-Planck equations, in one run.

usage: fokker_planck.py BENCH_FOKKER_PLANCK [--problems ABCD] [--ranks 1,2] [--rounds N]

BENCH_FOKKER_PLANCK is the executable of tests/bench (build/release/tests/bench/bench_fokker_planck). Problems: A: b = w - w^3,
D = 0.1 on [-2.5, 2.5], 1000 cells, t = 10, from a normal density at -1 with variance 0.04. B, C, D: Ornstein-Uhlenbeck, D = 0.2 on
[-3, 3]^d, t = 1, mean (.8, -.6, .5, -.4), variance 0.1, with the drift matrix of the source; 256^2, 64^3 and 32^4 cells.
The error is the L1 distance to the exact density at the cells' centres (A: to the eigenfunctions of a grid three times as
fine, which is Chang and Cooper's own error there).

Peers, each left out where its packages are missing (python3-scipy, python3-petsc4py from Debian; fplanck from its repository):
Chang-Cooper with SciPy (expm_multiply; SDIRK2 with banded solves in A), with PETSc (Crank-Nicolson, GMRES/Jacobi), fplanck.
What a method prepares once (matrices, factors) is not counted, for driftwood it is. A round runs all; the best counts.
"""
import argparse
import itertools
import json
import os
import subprocess
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402  (after the number of threads)

MPI_ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_btl": "self,vader",
}
DRIFT = np.array([[1, 0.6, 0.2, -0.1], [-0.4, 0.8, 0.3, 0.2], [0.1, -0.5, 1.2, 0.4], [0.3, 0.1, -0.2, 0.9]])
MEAN = np.array([0.8, -0.6, 0.5, -0.4])
CELLS = {"A": 1000, "B": 256, "C": 64, "D": 32}
# (steps, flux) of driftwood's rows: the second-order flux as the peers have it, and the fourth-order one.
ROWS = {
    "A": [(100, "chang_cooper"), (100, "fourth_order")],
    "B": [(20, "chang_cooper"), (20, "fourth_order"), (40, "fourth_order")],
    "C": [(20, "chang_cooper"), (20, "fourth_order")],
    "D": [(20, "chang_cooper"), (20, "fourth_order")],
}


class Problem:
    def __init__(self, name, cells=None):
        self.name = name
        self.d = "ABCD".index(name) + 1
        self.n = cells or CELLS[name]
        self.half = 2.5 if name == "A" else 3.0
        self.end = 10.0 if name == "A" else 1.0
        self.diffusion = 0.1 if name == "A" else 0.2
        self.h = 2 * self.half / self.n
        self.centres = -self.half + self.h * (np.arange(self.n) + 0.5)
        self.shape = (self.n,) * self.d

    def drift(self, axis, points):
        """b along an axis; `points`: one array of coordinates per axis, broadcast."""
        if self.name == "A":
            return points[0] - points[0] ** 3
        return -sum(DRIFT[axis, k] * points[k] for k in range(self.d))

    def mesh(self, face_axis=None):
        axes = [self.centres] * self.d
        if face_axis is not None:
            axes[face_axis] = (self.centres[1:] + self.centres[:-1]) / 2
        return np.meshgrid(*axes, indexing="ij", sparse=True)

    def gaussian(self, mean, covariance):
        inverse = np.linalg.inv(covariance)
        away = [x - m for x, m in zip(self.mesh(), mean)]
        square = sum(inverse[i, j] * away[i] * away[j] for i in range(self.d) for j in range(self.d))
        return np.exp(-square / 2) / np.sqrt((2 * np.pi) ** self.d * np.linalg.det(covariance))

    def start(self):
        p = self.gaussian([-1.0], [[0.04]]) if self.name == "A" else self.gaussian(MEAN, 0.1 * np.eye(self.d))
        return p / (p.sum() * self.h**self.d)

    def exact(self):
        if self.name == "A":
            return self._exact_of_a()
        from scipy.linalg import expm

        d, A = self.d, DRIFT[: self.d, : self.d]
        block = np.block([[A, 2 * self.diffusion * np.eye(d)], [np.zeros((d, d)), -A.T]])
        decay = expm(-A * self.end)
        covariance = decay @ (0.1 * np.eye(d)) @ decay.T + decay @ expm(block * self.end)[:d, d:]
        return self.gaussian(decay @ MEAN[:d], covariance)

    def _exact_of_a(self):
        from scipy.linalg import eigh_tridiagonal

        fine = Problem("A", 3 * self.n)
        forward, backward = rates(fine, 0)
        log_ratio = np.concatenate([[0.0], np.cumsum(np.log(forward / backward))])
        root = np.exp((log_ratio - log_ratio.max()) / 2)  # of the stationary density: makes the generator symmetric
        diagonal = np.zeros(fine.n)
        diagonal[:-1] -= forward
        diagonal[1:] -= backward
        values, vectors = eigh_tridiagonal(diagonal, np.sqrt(forward * backward))
        p = root * (vectors @ (np.exp(values * self.end) * (vectors.T @ (fine.start() / root))))
        return p[1::3]  # every third fine centre is a coarse one

    def l1(self, p):
        return float(np.abs(p.reshape(self.shape) - self.exact()).sum() * self.h**self.d)


def bernoulli(x):
    small = np.abs(x) < 1e-4
    safe = np.where(small, 1.0, x)
    return np.where(small, 1 - x / 2 + x * x / 12, safe / np.expm1(safe))


def rates(problem, axis):
    """Chang and Cooper's rates from every cell to the next along an axis, and back."""
    peclet = problem.drift(axis, problem.mesh(axis)) * problem.h / problem.diffusion
    shape = list(problem.shape)
    shape[axis] -= 1
    peclet = np.broadcast_to(peclet, shape)
    weight = problem.diffusion / problem.h**2
    return weight * bernoulli(-peclet), weight * bernoulli(peclet)


def generator(problem):
    import scipy.sparse as sparse

    cell = np.arange(problem.n**problem.d, dtype=np.int32).reshape(problem.shape)
    rows, columns, entries = [], [], []
    diagonal = np.zeros(problem.shape)
    for axis in range(problem.d):
        low = tuple(slice(0, -1) if k == axis else slice(None) for k in range(problem.d))
        high = tuple(slice(1, None) if k == axis else slice(None) for k in range(problem.d))
        forward, backward = rates(problem, axis)
        rows += [cell[high].ravel(), cell[low].ravel()]
        columns += [cell[low].ravel(), cell[high].ravel()]
        entries += [forward.ravel(), backward.ravel()]
        diagonal[low] -= forward
        diagonal[high] -= backward
    rows.append(cell.ravel())
    columns.append(cell.ravel())
    entries.append(diagonal.ravel())
    size = problem.n**problem.d
    where = (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_matrix((np.concatenate(entries), where), shape=(size, size))


def timed(solve):
    start = time.perf_counter()
    p = solve()
    return time.perf_counter() - start, p


def scipy_exponential(problem):
    from scipy.sparse.linalg import expm_multiply

    matrix = generator(problem)
    return timed(lambda: expm_multiply(matrix * problem.end, problem.start().ravel()))


def scipy_banded(problem):
    """SDIRK2 in one dimension, 100 steps."""
    from scipy.linalg import solve_banded

    if problem.d > 1:
        return None
    gamma, step = 1 - np.sqrt(0.5), problem.end / 100
    forward, backward = rates(problem, 0)
    band = np.zeros((3, problem.n))
    band[1] = 1
    band[1, :-1] += gamma * step * forward
    band[1, 1:] += gamma * step * backward
    band[2, :-1] = -gamma * step * forward
    band[0, 1:] = -gamma * step * backward

    def solve():
        p = problem.start()
        for _ in range(100):
            stage = solve_banded((1, 1), band, p, check_finite=False)
            p = solve_banded((1, 1), band, p + (1 - gamma) / gamma * (stage - p), check_finite=False)
        return p

    return timed(solve)


def petsc_crank_nicolson(problem):
    """20 steps, GMRES with Jacobi to 1e-8, on one core."""
    if problem.d == 1:
        return None
    from petsc4py import PETSc

    step = problem.end / 20
    matrix = generator(problem)
    import scipy.sparse as sparse

    one = sparse.identity(matrix.shape[0], format="csr")
    left, right = (one - step / 2 * matrix).tocsr(), (one + step / 2 * matrix).tocsr()
    A, B = (PETSc.Mat().createAIJ(m.shape, csr=(m.indptr, m.indices, m.data)) for m in (left, right))
    ksp = PETSc.KSP().create()
    ksp.setOperators(A)
    ksp.setType("gmres")
    ksp.getPC().setType("jacobi")
    ksp.setTolerances(rtol=1e-8)
    ksp.setInitialGuessNonzero(True)
    p, rhs = A.createVecs()

    def solve():
        p.setArray(problem.start().ravel())
        for _ in range(20):
            B.mult(p, rhs)
            ksp.solve(rhs, p)
        return p.getArray().copy()

    return timed(solve)


def fplanck_exponential(problem):
    import fplanck

    def force(*points):
        """With drag 1 and k_B T = D the force is the drift."""
        b = [problem.drift(axis, points) + 0 * points[0] for axis in range(problem.d)]
        return b[0] if problem.d == 1 else np.array(b)

    extent = [2 * problem.half - problem.h / 2] * problem.d
    from scipy import constants

    simulation = fplanck.fokker_planck(
        temperature=problem.diffusion / constants.k, drag=1, extent=extent, resolution=problem.h,
        boundary=fplanck.boundary.reflecting, force=force)
    if simulation.Ngrid.prod() != problem.n**problem.d:
        raise RuntimeError("fplanck made another grid")
    start = problem.start()
    return timed(lambda: simulation.propagate(lambda *points: start, problem.end, normalize=False))


PEERS = {
    "SciPy expm_multiply": scipy_exponential,
    "SciPy banded SDIRK2": scipy_banded,
    "PETSc CN GMRES/Jacobi": petsc_crank_nicolson,
    "fplanck": fplanck_exponential,
}


def driftwood(executable, problem, steps, flux, ranks):
    command = ["mpirun", "-n", str(ranks), executable, problem.name, str(problem.n), str(steps), "strang", flux, "fixed"]
    result = subprocess.run(command, env=os.environ | MPI_ENVIRONMENT, capture_output=True, text=True, check=True)
    return json.loads(result.stdout.splitlines()[-1])


def row(label, seconds, error, best_peer, more=""):
    ratio = "" if best_peer is None else f"{best_peer / seconds:8.2f}"
    print(f"  {label:34} {seconds:9.4f} {error:9.2e} {ratio:8} {more}")


def race(executable, name, ranks, rounds):
    problem = Problem(name)
    print(f"{name}: {problem.n}^{problem.d} cells; seconds, L1 error, best peer's time / this")
    peers = {}
    for label, solve in PEERS.items():
        try:
            runs = [solve(problem) for _ in range(rounds)]
        except ImportError:
            continue
        if runs[0] is not None:
            peers[label] = (min(run[0] for run in runs), problem.l1(runs[0][1]))
    best = min((seconds for seconds, _ in peers.values()), default=None)
    for label, (seconds, error) in peers.items():
        row(label, seconds, error, best)
    for n, (steps, flux) in itertools.product(ranks, ROWS[name]):
        runs = [driftwood(executable, problem, steps, flux, n) for _ in range(rounds)]
        run = min(runs, key=lambda r: r["seconds"])
        error = problem.l1(np.array(run["density"])) if name == "A" else run["l1"]
        nanoseconds = 1e9 * run["seconds"] / (run["unknowns"] * run["steps"])
        more = f"{nanoseconds:.0f} ns a cell and step; mass {run['mass_error']:.0e}, minimum {run['min']:.0e}, "
        more += f"{run['bytes'] / run['unknowns']:.0f} bytes a cell"
        row(f"driftwood {flux}, {steps} steps, {n} rank{'s' * (n > 1)}", run["seconds"], error, best, more)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable", metavar="BENCH_FOKKER_PLANCK")
    parser.add_argument("--problems", default="ABCD", help="letters")
    parser.add_argument("--ranks", default="1,2", help="numbers of ranks of driftwood")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    for name in options.problems:
        race(options.executable, name, [int(n) for n in options.ranks.split(",")], options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
