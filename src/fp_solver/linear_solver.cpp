#include "linear_solver.hpp"

#include <algorithm>
#include <optional>

#include "driftwood/fp/line_factors.hpp"
#include "driftwood/petsc/arrays.hpp"
#include "rate_matrix.hpp"

namespace driftwood::fp_solver {

using petsc::check;

namespace {

/// Of the residual, relative to the right side, both preconditioned.
constexpr double relative_tolerance = 1e-12;
constexpr int most_iterations = 1000;

}  // namespace

struct LinearSolver::Work {
  RateMatrix matrix;
  std::optional<fp::LineFactors> factors;

  static PetscErrorCode precondition(PC pc, Vec r, Vec z) {
    void* context = nullptr;
    PetscCall(PCShellGetContext(pc, &context));
    PetscCall(VecCopy(r, z));
    PetscInt n = 0;
    double* values = nullptr;
    PetscCall(VecGetLocalSize(z, &n));
    PetscCall(VecGetArray(z, &values));
    static_cast<Work*>(context)->factors->solve({values, static_cast<std::size_t>(n)});
    PetscCall(VecRestoreArray(z, &values));
    return 0;
  }
};

LinearSolver::LinearSolver(Slabs slabs)
    : slabs_(slabs),
      work_(std::make_unique<Work>(Work{RateMatrix(slabs.owned(), slabs.n_cells(), slabs.communicator()), {}})) {
  check(VecCreateMPI(slabs.communicator().get(), static_cast<PetscInt>(slabs.owned().count),
                     static_cast<PetscInt>(slabs.n_cells()), right_side_.out()),
        "VecCreateMPI");
  check(VecDuplicate(right_side_.get(), solution_.out()), "VecDuplicate");
}

LinearSolver::~LinearSolver() = default;

void LinearSolver::make_ksp() {
  check(KSPCreate(slabs_.communicator().get(), ksp_.out()), "KSPCreate");
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

LinearSolver::Solution LinearSolver::solve(const fp::EdgeRates& rates, double step, std::span<const double> b,
                                           std::span<const double> guess) {
  if (work_->matrix.set_pattern(rates)) make_ksp();
  work_->matrix.set_values(rates, step, nullptr);
  const fp::ScaledRates scaled{&rates, step, {}, {}};
  work_->factors.emplace(fp::sum_of({&scaled, 1}));
  const auto n = static_cast<std::size_t>(slabs_.owned().count);
  petsc::write_array(right_side_.get(), [&](double* values) { std::copy_n(b.begin(), n, values); });
  petsc::write_array(solution_.get(), [&](double* values) { std::copy_n(guess.begin(), n, values); });
  check(KSPSetOperators(ksp_.get(), work_->matrix.get(), work_->matrix.get()), "KSPSetOperators");
  check(KSPSolve(ksp_.get(), right_side_.get(), solution_.get()), "KSPSolve");
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  PetscInt iterations = 0;
  check(KSPGetConvergedReason(ksp_.get(), &reason), "KSPGetConvergedReason");
  check(KSPGetIterationNumber(ksp_.get(), &iterations), "KSPGetIterationNumber");
  Solution solution{std::vector<double>(n), iterations, {}};
  petsc::read_array(solution_.get(), [&](const double* values) { std::copy_n(values, n, solution.x.begin()); });
  if (reason < 0) solution.failure = std::string("the linear solver ended with ") + KSPConvergedReasons[reason];
  return solution;
}

}  // namespace driftwood::fp_solver
