#include "positive_solver.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

namespace driftwood::fp_solver {

namespace {

using petsc::check;

/// Of the residual, relative to the right side, both preconditioned: the relative error of x in the mean over the
/// cells.
constexpr double relative_tolerance = 1e-12;
constexpr int most_iterations = 300;
/// Below this the guess is no scale any more: densities so small count as zero.
constexpr double smallest_guess = 1e-290;

/// Writes to a PETSc vector through `write(array)`.
template <class Write>
void fill(Vec vector, Write&& write) {
  double* values = nullptr;
  check(VecGetArrayWrite(vector, &values), "VecGetArrayWrite");
  write(values);
  check(VecRestoreArrayWrite(vector, &values), "VecRestoreArrayWrite");
}

template <class Read>
void read(Vec vector, Read&& use) {
  const double* values = nullptr;
  check(VecGetArrayRead(vector, &values), "VecGetArrayRead");
  use(values);
  check(VecRestoreArrayRead(vector, &values), "VecRestoreArrayRead");
}

}  // namespace

struct PositiveSolver::Work {
  std::optional<fp::LineFactors> factors;
  std::vector<double> guess;
  std::vector<double> buffer;

  /// z = G^-1 M^-1 G r with G = diag(guess), M the approximate factorisation.
  static PetscErrorCode precondition(PC pc, Vec r, Vec z) {
    void* context = nullptr;
    PetscCall(PCShellGetContext(pc, &context));
    Work& work = *static_cast<Work*>(context);
    const double* in = nullptr;
    double* out = nullptr;
    PetscCall(VecGetArrayRead(r, &in));
    PetscCall(VecGetArrayWrite(z, &out));
    const std::size_t n = work.guess.size();
    for (std::size_t i = 0; i < n; ++i) out[i] = work.guess[i] * in[i];
    work.factors->solve({out, n});
    for (std::size_t i = 0; i < n; ++i) out[i] /= work.guess[i];
    PetscCall(VecRestoreArrayWrite(z, &out));
    PetscCall(VecRestoreArrayRead(r, &in));
    return 0;
  }
};

PositiveSolver::PositiveSolver(const fp::Grid& grid, fp::CellRange owned, const mpi::Communicator& communicator)
    : communicator_(communicator),
      owned_(owned),
      n_cells_(grid.n_cells()),
      halo_(grid, owned, communicator),
      work_(std::make_unique<Work>()) {
  check(VecCreateMPI(communicator.get(), static_cast<PetscInt>(owned.count), static_cast<PetscInt>(n_cells_),
                     right_side_.out()),
        "VecCreateMPI");
  check(VecDuplicate(right_side_.get(), solution_.out()), "VecDuplicate");
}

PositiveSolver::~PositiveSolver() = default;

/// Rows are the owned cells; for each row its diagonal, then per direction the neighbours i + e and i - e.
void PositiveSolver::set_pattern(const fp::EdgeRates& rates) {
  std::vector<long> offsets;
  for (const auto& direction : rates.directions) offsets.push_back(direction.offset);
  if (communicator_.all(matrix_ && offsets == pattern_)) return;
  pattern_ = offsets;
  const auto n = static_cast<std::size_t>(owned_.count);
  std::vector<PetscInt> rows;
  std::vector<PetscInt> columns;
  const auto add = [&](long offset) {
    for (long i = owned_.first; i < owned_.last(); ++i) {
      const long column = i + offset;
      rows.push_back(static_cast<PetscInt>(i));
      columns.push_back(column >= 0 && column < n_cells_ ? static_cast<PetscInt>(column) : -1);  // -1: left out
    }
  };
  add(0);
  for (const long offset : offsets) {
    add(offset);
    add(-offset);
  }
  entries_.assign(n * (1 + 2 * offsets.size()), 0.0);
  check(MatCreate(communicator_.get(), matrix_.out()), "MatCreate");
  const auto local = static_cast<PetscInt>(owned_.count);
  const auto global = static_cast<PetscInt>(n_cells_);
  check(MatSetSizes(matrix_.get(), local, local, global, global), "MatSetSizes");
  check(MatSetType(matrix_.get(), MATAIJ), "MatSetType");
  check(MatSetPreallocationCOO(matrix_.get(), static_cast<PetscCount>(rows.size()), rows.data(), columns.data()),
        "MatSetPreallocationCOO");

  check(KSPCreate(communicator_.get(), ksp_.out()), "KSPCreate");
  check(KSPSetOptionsPrefix(ksp_.get(), "fp_"), "KSPSetOptionsPrefix");
  check(KSPSetType(ksp_.get(), KSPGMRES), "KSPSetType");
  check(KSPSetInitialGuessNonzero(ksp_.get(), PETSC_TRUE), "KSPSetInitialGuessNonzero");
  check(KSPSetTolerances(ksp_.get(), relative_tolerance, PETSC_DEFAULT, PETSC_DEFAULT, most_iterations),
        "KSPSetTolerances");
  PC pc = nullptr;
  check(KSPGetPC(ksp_.get(), &pc), "KSPGetPC");
  check(PCSetType(pc, PCSHELL), "PCSetType");
  check(PCShellSetContext(pc, work_.get()), "PCShellSetContext");
  check(PCShellSetApply(pc, Work::precondition), "PCShellSetApply");
  check(PCShellSetName(pc, "approximate factorisation along lattice directions"), "PCShellSetName");
  check(KSPSetFromOptions(ksp_.get()), "KSPSetFromOptions");
}

/// G^-1 (I - R) G.
void PositiveSolver::set_values(const fp::EdgeRates& rates, std::span<const double> guess) {
  const std::vector<double> around = halo_.extended(guess);
  const auto n = static_cast<std::size_t>(owned_.count);
  const double* g = around.data() + (owned_.first - halo_.range().first);
  double* diagonal = entries_.data();
  std::fill_n(diagonal, n, 1.0);
  double* next = diagonal + n;
  for (const auto& direction : rates.directions) {
    const long s = direction.offset;
    const double* forward = direction.forward.data();
    const double* backward = direction.backward.data();
    double* up = next;
    double* down = next + n;
    for (long i = 0; i < owned_.count; ++i) {
      diagonal[i] += forward[i + s] + backward[i];
      up[i] = backward[i + s] == 0 ? 0.0 : -backward[i + s] * g[i + s] / g[i];
      down[i] = forward[i] == 0 ? 0.0 : -forward[i] * g[i - s] / g[i];
    }
    next += 2 * n;
  }
  check(MatSetValuesCOO(matrix_.get(), entries_.data(), INSERT_VALUES), "MatSetValuesCOO");
}

bool PositiveSolver::is_positive(std::span<const double> guess) const {
  bool positive = true;
  read(solution_.get(), [&](const double* y) {
    for (long i = 0; i < owned_.count; ++i) positive = positive && (y[i] >= 0 || guess[i] <= 2 * smallest_guess);
  });
  return communicator_.all(positive);
}

std::optional<long> PositiveSolver::sweep_until_converged() {
  constexpr long most_sweeps = 20000;
  constexpr int batch = 25;
  petsc::Vector residual;
  check(VecDuplicate(right_side_.get(), residual.out()), "VecDuplicate");
  check(VecSet(solution_.get(), 1.0), "VecSet");
  for (long sweeps = 0; sweeps < most_sweeps; sweeps += batch) {
    check(MatSOR(matrix_.get(), right_side_.get(), 1.0, SOR_LOCAL_SYMMETRIC_SWEEP, 0.0, batch, 1, solution_.get()),
          "MatSOR");
    check(MatMult(matrix_.get(), solution_.get(), residual.get()), "MatMult");
    check(VecAYPX(residual.get(), -1.0, right_side_.get()), "VecAYPX");
    PetscReal remaining = 0;
    PetscReal size = 0;
    check(VecNorm(residual.get(), NORM_2, &remaining), "VecNorm");
    check(VecNorm(right_side_.get(), NORM_2, &size), "VecNorm");
    if (remaining <= relative_tolerance * size) return sweeps + batch;
    if (!std::isfinite(remaining)) return std::nullopt;
  }
  return std::nullopt;
}

PositiveSolver::Solution PositiveSolver::solve(const fp::EdgeRates& rates, std::span<const double> b) {
  work_->factors.emplace(rates);
  std::vector<double>& guess = work_->guess;
  guess.assign(b.begin(), b.end());
  work_->factors->solve(guess);
  for (double& value : guess) value = std::max(value, smallest_guess);
  set_pattern(rates);
  set_values(rates, guess);
  fill(right_side_.get(), [&](double* values) {
    for (long i = 0; i < owned_.count; ++i) values[i] = b[i] / guess[i];
  });
  check(VecSet(solution_.get(), 1.0), "VecSet");
  check(KSPSetOperators(ksp_.get(), matrix_.get(), matrix_.get()), "KSPSetOperators");
  check(KSPSolve(ksp_.get(), right_side_.get(), solution_.get()), "KSPSolve");
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  PetscInt iterations = 0;
  check(KSPGetConvergedReason(ksp_.get(), &reason), "KSPGetConvergedReason");
  check(KSPGetIterationNumber(ksp_.get(), &iterations), "KSPGetIterationNumber");

  Solution solution;
  solution.n_iterations = iterations;
  if (reason < 0 || !is_positive(guess)) {
    const std::optional<long> sweeps = sweep_until_converged();
    if (!sweeps) {
      solution.failure = std::string("the linear solver ended with ") + KSPConvergedReasons[reason] + " after " +
                         std::to_string(iterations) + " iterations, and Gauss-Seidel sweeps do not converge";
      return solution;
    }
    solution.n_iterations += *sweeps;
  }
  solution.x.resize(owned_.count);
  read(solution_.get(), [&](const double* y) {
    // Where the guess is at its smallest, y may be a round-off below zero: the density there is zero.
    for (long i = 0; i < owned_.count; ++i) solution.x[i] = std::max(0.0, y[i] * guess[i]);
  });
  return solution;
}

}  // namespace driftwood::fp_solver
