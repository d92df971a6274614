#!/usr/bin/python3
"""Other ways to solve the reference problems of fokker_planck.py, one of them in a process of its own.

usage: [mpirun -n N] fokker_planck_peers.py PEER PROBLEM [CELLS] [ROUNDS]

Prints one line of JSON: seconds of setup (what is prepared once: matrices, factors, compiled code) and of the solve (best of
the rounds), L1 error, mass error, minimum relative to the maximum, bytes above what the imports took.
"""
import json
import os
import resource
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402  (after the number of threads)

DRIFT = np.array([[1, 0.6, 0.2, -0.1], [-0.4, 0.8, 0.3, 0.2], [0.1, -0.5, 1.2, 0.4], [0.3, 0.1, -0.2, 0.9]])
MEAN = np.array([0.8, -0.6, 0.5, -0.4])
CELLS = {"A": 1000, "B": 256, "C": 64, "D": 32}


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
    """Chang and Cooper's rate matrix."""
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


# A peer prepares itself for a problem and returns the function that solves it (None: not made for it).


def scipy_exponential(problem):
    from scipy.sparse.linalg import expm_multiply

    matrix = generator(problem)
    return lambda: expm_multiply(matrix * problem.end, problem.start().ravel())


def scipy_direct(problem):
    """SDIRK2 (100 steps in A, 20 in B) with a factorised matrix."""
    import scipy.sparse as sparse
    from scipy.linalg import solve_banded
    from scipy.sparse.linalg import splu

    if problem.d > 2:
        return None
    n_steps = 100 if problem.d == 1 else 20
    gamma, step = 1 - np.sqrt(0.5), problem.end / n_steps
    if problem.d == 1:
        forward, backward = rates(problem, 0)
        band = np.zeros((3, problem.n))
        band[1] = 1
        band[1, :-1] += gamma * step * forward
        band[1, 1:] += gamma * step * backward
        band[2, :-1] = -gamma * step * forward
        band[0, 1:] = -gamma * step * backward
        inverse = lambda b: solve_banded((1, 1), band, b, check_finite=False)  # noqa: E731
    else:
        matrix = generator(problem)
        inverse = splu((sparse.identity(matrix.shape[0]) - gamma * step * matrix).tocsc()).solve

    def solve():
        p = problem.start().ravel()
        for _ in range(n_steps):
            stage = inverse(p)
            p = inverse(p + (1 - gamma) / gamma * (stage - p))
        return p

    return solve


def petsc_crank_nicolson(problem, preconditioner):
    """20 steps, GMRES to 1e-8 from the step before, on the ranks of mpirun."""
    if problem.d == 1:
        return None
    from petsc4py import PETSc
    import scipy.sparse as sparse

    world = PETSc.COMM_WORLD
    step = problem.end / 20
    matrix = generator(problem)
    size = matrix.shape[0]
    first, last = world.rank * size // world.size, (world.rank + 1) * size // world.size
    one = sparse.identity(size, format="csr")

    def of_this_rank(whole):
        part = whole.tocsr()[first:last]
        return PETSc.Mat().createAIJ(((last - first, size),) * 2, csr=(part.indptr, part.indices, part.data), comm=world)

    A, B = of_this_rank(one - step / 2 * matrix), of_this_rank(one + step / 2 * matrix)
    start = problem.start().ravel()[first:last]
    ksp = PETSc.KSP().create(world)
    ksp.setOperators(A)
    ksp.setType("gmres")
    ksp.getPC().setType(preconditioner)
    ksp.setTolerances(rtol=1e-8)
    ksp.setInitialGuessNonzero(True)
    ksp.setUp()
    p, rhs = A.createVecs()

    def solve():
        p.setArray(start)
        for _ in range(20):
            B.mult(p, rhs)
            ksp.solve(rhs, p)
        return p.getArray().copy()

    return solve


def fplanck_exponential(problem):
    from fplanck.solver import FokkerPlanck
    from scipy import constants

    def force(*points):
        """With drag 1 and k_B T = D the force is the drift."""
        b = [problem.drift(axis, points) + 0 * points[0] for axis in range(problem.d)]
        return b[0] if problem.d == 1 else np.array(b)

    extent = [2 * problem.half * (1 - 1e-12)] * problem.d
    simulation = FokkerPlanck(temperature=problem.diffusion / constants.k, drag=1, extent=extent, resolution=problem.h,
                              force=force)
    if np.prod(simulation.Ngrid) != problem.n**problem.d:
        raise RuntimeError("fplanck made another grid")
    start = problem.start()
    return lambda: simulation.propagate(lambda *points: start, problem.end, normalize=False)


def fipy_implicit(problem):
    """ExponentialConvectionTerm, backward Euler in 100 (A: 1000) steps, FiPy's PETSc solvers."""
    if problem.d > 3:
        return None
    sys.argv = sys.argv[:1] + ["--petsc"]
    import fipy

    names = "xyz"[: problem.d]
    grid = [fipy.Grid1D, fipy.Grid2D, fipy.Grid3D][problem.d - 1]
    mesh = grid(**{"n" + x: problem.n for x in names}, **{"d" + x: problem.h for x in names})
    faces = [c - problem.half for c in mesh.faceCenters.value]
    b = np.array([np.broadcast_to(problem.drift(k, faces), faces[0].shape) for k in range(problem.d)])
    b[:, mesh.exteriorFaces.value] = 0
    coefficient = fipy.FaceVariable(mesh=mesh, rank=1, value=b)
    equation = fipy.TransientTerm() == fipy.DiffusionTerm(coeff=problem.diffusion) - fipy.ExponentialConvectionTerm(
        coeff=coefficient)
    start = problem.start()
    solver = fipy.LinearGMRESSolver(tolerance=1e-8, iterations=1000)
    n_steps = 1000 if problem.d == 1 else 100

    def solve():
        p = fipy.CellVariable(mesh=mesh, value=start.T.ravel())  # x is the fastest axis there
        for _ in range(n_steps):
            equation.solve(var=p, dt=problem.end / n_steps, solver=solver)
        return p.value.reshape(problem.shape).T

    return solve


def pypde_adaptive(problem):
    """Central differences, explicit Runge-Kutta with adaptive steps, compiled by numba."""
    if problem.d > 3:
        return None
    import pde

    names = "xyz"[: problem.d]
    grid = pde.CartesianGrid([[-problem.half, problem.half]] * problem.d, list(problem.shape), periodic=False)
    if problem.d == 1:
        drift, divergence = ["(x - x**3)"], "(1 - 3*x**2)"
        wall = (problem.half - problem.half**3) / problem.diffusion
        condition = [[{"type": "mixed", "value": -wall, "const": 0}] * 2]
    else:
        drift = ["(" + "+".join(f"{-DRIFT[k, j]}*{names[j]}" for j in range(problem.d)) + ")" for k in range(problem.d)]
        divergence = str(-np.trace(DRIFT[: problem.d, : problem.d]))
        condition = {"value": 0}  # the density there is below 1e-9
    terms = "".join(f" - {drift[k]}*d_d{names[k]}(p)" for k in range(problem.d))
    equation = pde.PDE({"p": f"{problem.diffusion}*laplace(p) - ({divergence})*p{terms}"}, bc=condition)
    field = pde.ScalarField(grid, problem.start())
    settings = dict(tracker=None, solver="explicit", scheme="rk", adaptive=True, tolerance=1e-5,
                    dt=0.2 * problem.h**2 / (2 * problem.d * problem.diffusion))
    equation.solve(field.copy(), t_range=1e-6, **settings)  # compiles
    return lambda: equation.solve(field, t_range=problem.end, **settings).data


PEERS = {
    "SciPy expm_multiply": scipy_exponential,
    "SciPy direct, SDIRK2": scipy_direct,
    "PETSc CN, GMRES/Jacobi": lambda problem: petsc_crank_nicolson(problem, "jacobi"),
    "PETSc CN, GMRES/ILU": lambda problem: petsc_crank_nicolson(problem, "bjacobi"),
    "fplanck": fplanck_exponential,
    "FiPy, backward Euler": fipy_implicit,
    "py-pde, Runge-Kutta": pypde_adaptive,
}
PARALLEL = {"PETSc CN, GMRES/Jacobi", "PETSc CN, GMRES/ILU"}


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run(label, problem, rounds):
    """The row of a peer; None where it does not solve such problems."""
    import scipy.sparse.linalg  # noqa: F401  (for the memory of the imports)

    gather = lambda values: [values]  # noqa: E731
    if label in PARALLEL:
        from mpi4py import MPI

        gather = MPI.COMM_WORLD.gather
    before = memory()
    start = time.perf_counter()
    solve = PEERS[label](problem)
    if solve is None:
        return None
    setup = time.perf_counter() - start
    best = np.inf
    while rounds > 0:
        start = time.perf_counter()
        p = solve()
        took = time.perf_counter() - start
        best = min(best, took)
        rounds -= 1 if took < 10 else rounds
    parts = gather((p, memory() - before))
    if parts is None:
        return None
    p = np.concatenate([part[0].ravel() for part in parts])
    return {"setup": setup, "solve": best, "l1": problem.l1(p), "mass_error": abs(p.sum() * problem.h**problem.d - 1),
            "min": min(0.0, p.min() / p.max()), "bytes": sum(part[1] for part in parts)}


if __name__ == "__main__":
    label, name, *more = sys.argv[1:]
    row = run(label, Problem(name, int(more[0]) if more else None), int(more[1]) if len(more) > 1 else 1)
    if row is not None:
        print(json.dumps(row))
