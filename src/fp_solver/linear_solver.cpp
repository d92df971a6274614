#include "linear_solver.hpp"

#include <algorithm>

#include "driftwood/petsc/arrays.hpp"
#include "line_preconditioner.hpp"
#include "rate_matrix.hpp"

namespace driftwood::fp_solver {

using petsc::check;

namespace {

constexpr int most_iterations = 1000;

}  // namespace

struct LinearSolver::Work {
  RateMatrix matrix;
  LinePreconditioner lines;
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

LinearSolver::Solution LinearSolver::solve(const fp::EdgeRates& rates, double step, std::span<const double> b,
                                           std::span<const double> guess) {
  if (work_->matrix.set_pattern(rates)) work_->lines.make_ksp(ksp_, most_iterations, slabs_.communicator());
  work_->matrix.set_values(rates, step, nullptr);
  const fp::ScaledRates scaled{&rates, step, {}, {}};
  work_->lines.factors.emplace(fp::sum_of({&scaled, 1}));
  work_->lines.choose(ksp_.get(), stiffness(rates, step, slabs_.communicator()));
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
