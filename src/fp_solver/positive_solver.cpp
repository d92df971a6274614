#include "positive_solver.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "driftwood/petsc/arrays.hpp"
#include "line_preconditioner.hpp"

namespace driftwood::fp_solver {

namespace {

using petsc::check;

/// Of the residual, relative to the right side, both preconditioned: the relative error of x in the mean over the
/// cells.
constexpr double relative_tolerance = 1e-12;
constexpr int most_iterations = 300;
/// Cells whose guess is below this part of the largest are measured against that instead ...
constexpr double smallest_weight = 1e-16;
/// ... and there a y above minus this, a density of -1e-25 of the largest, is a round-off below zero.
constexpr double round_off = 1e-9;
/// The unknowns should be of order one: weights that are further off are replaced by the solution found with them.
constexpr double largest_ratio = 100;
constexpr int most_reweightings = 12;

}  // namespace

struct PositiveSolver::Work : LinePreconditioner {
  double floor = 0;  ///< the smallest weight
};

PositiveSolver::PositiveSolver(const fp::Grid& grid, fp::CellRange owned, const mpi::Communicator& communicator)
    : communicator_(communicator),
      owned_(owned),
      n_cells_(grid.n_cells()),
      halo_(grid, owned, communicator),
      matrix_(owned, grid.n_cells(), communicator),
      work_(std::make_unique<Work>()) {
  check(VecCreateMPI(communicator.get(), static_cast<PetscInt>(owned.count), static_cast<PetscInt>(n_cells_),
                     right_side_.out()),
        "VecCreateMPI");
  check(VecDuplicate(right_side_.get(), solution_.out()), "VecDuplicate");
}

PositiveSolver::~PositiveSolver() = default;

/// What the edges to other ranks' cells, which the factorisation leaves out, bring in from `x`.
std::vector<double> PositiveSolver::inflow_from_others(const fp::EdgeRates& rates, std::span<const double> x) const {
  std::vector<double> inflow(x.size(), 0.0);
  if (communicator_.size() == 1) return inflow;
  const std::vector<double> around = halo_.extended(x);
  const double* seen = around.data() + (owned_.first - halo_.range().first);
  for (const auto& direction : rates.directions) {
    const long s = direction.offset;
    for (long i = 0; i < std::min(s, owned_.count); ++i)
      if (direction.forward[i] > 0) inflow[i] += direction.forward[i] * seen[i - s];
    for (long i = std::max(0L, owned_.count - s); i < owned_.count; ++i)
      if (direction.backward[i + s] > 0) inflow[i] += direction.backward[i + s] * seen[i + s];
  }
  return inflow;
}

/// A positive approximation of the solution with the sum of b.
std::vector<double> PositiveSolver::first_guess(const fp::EdgeRates& rates, std::span<const double> b) const {
  std::vector<double> guess(b.begin(), b.end());
  work_->factors->solve(guess);
  if (communicator_.size() == 1) return guess;
  // What crosses from rank to rank, and on.
  constexpr int most_crossings = 4;
  const std::vector<double> own = guess;
  for (int crossing = 0; crossing < most_crossings; ++crossing) {
    std::vector<double> brought = inflow_from_others(rates, guess);
    work_->factors->solve(brought);
    for (std::size_t i = 0; i < guess.size(); ++i) guess[i] = own[i] + brought[i];
    scale_to_sum(guess, b);
  }
  scale_to_sum(guess, b);
  return guess;
}

/// Scales x to the sum of b over all ranks: corrections of sum 0 then lead to a solution of exactly that sum.
void PositiveSolver::scale_to_sum(std::vector<double>& x, std::span<const double> b) const {
  std::vector<double> sums{std::accumulate(b.begin(), b.end(), 0.0), std::accumulate(x.begin(), x.end(), 0.0)};
  communicator_.sum(sums);
  for (double& value : x) value *= sums[0] / sums[1];
}

/// The weights for a solution that looks like `guess`.
void PositiveSolver::set_weights(std::span<const double> guess) {
  const double largest = communicator_.max(guess.empty() ? 0.0 : *std::max_element(guess.begin(), guess.end()));
  work_->weight.assign(guess.begin(), guess.end());
  work_->floor = smallest_weight * largest;
  for (double& value : work_->weight) value = std::max(value, work_->floor);
}

/// G^-1 (I - R) G.
void PositiveSolver::set_values(const fp::EdgeRates& rates) {
  const std::vector<double> around = halo_.extended(work_->weight);
  matrix_.set_values(rates, 1, around.data() + (owned_.first - halo_.range().first));
}

PositiveSolver::Range PositiveSolver::range_of_solution() const {
  Range range{1, 1, 0};
  petsc::read_array(solution_.get(), [&](const double* y) {
    for (long i = 0; i < owned_.count; ++i) {
      range.least = std::min(range.least, y[i]);
      if (work_->weight[i] > 2 * work_->floor) range.least_above_floor = std::min(range.least_above_floor, y[i]);
      range.most = std::max(range.most, std::abs(y[i]));
    }
  });
  return {communicator_.min(range.least), communicator_.min(range.least_above_floor), communicator_.max(range.most)};
}

std::optional<long> PositiveSolver::sweep_until_converged() {
  constexpr long most_sweeps = 20000;
  constexpr int batch = 25;
  petsc::Vector residual;
  check(VecDuplicate(right_side_.get(), residual.out()), "VecDuplicate");
  petsc::write_array(solution_.get(), [&](double* y) {
    for (long i = 0; i < owned_.count; ++i) y[i] = std::isfinite(y[i]) ? std::max(y[i], 0.0) : 1.0;
  });
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

/// One KSP solve for y, starting from x = `guess`. Returns why it failed, if it did.
KSPConvergedReason PositiveSolver::run_ksp(const fp::EdgeRates& rates, std::span<const double> b,
                                           std::span<const double> guess, long& n_iterations) {
  set_weights(guess);
  set_values(rates);
  const std::vector<double>& weight = work_->weight;
  petsc::write_array(right_side_.get(), [&](double* values) {
    for (long i = 0; i < owned_.count; ++i) values[i] = b[i] / weight[i];
  });
  petsc::write_array(solution_.get(), [&](double* y) {
    for (long i = 0; i < owned_.count; ++i) y[i] = guess[i] / weight[i];
  });
  check(KSPSetOperators(ksp_.get(), matrix_.get(), matrix_.get()), "KSPSetOperators");
  check(KSPSolve(ksp_.get(), right_side_.get(), solution_.get()), "KSPSolve");
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  PetscInt iterations = 0;
  check(KSPGetConvergedReason(ksp_.get(), &reason), "KSPGetConvergedReason");
  check(KSPGetIterationNumber(ksp_.get(), &iterations), "KSPGetIterationNumber");
  n_iterations += iterations;
  return reason;
}

/// x = G y; what is below zero by no more than round-off is zero.
std::vector<double> PositiveSolver::weighted_solution() const {
  std::vector<double> x(owned_.count);
  petsc::read_array(solution_.get(), [&](const double* y) {
    for (long i = 0; i < owned_.count; ++i) x[i] = std::max(0.0, y[i]) * work_->weight[i];
  });
  return x;
}

PositiveSolver::Solution PositiveSolver::solve(const fp::EdgeRates& rates, std::span<const double> b) {
  work_->factors.emplace(rates);
  if (matrix_.set_pattern(rates)) work_->make_ksp(ksp_, most_iterations, communicator_);
  work_->choose(ksp_.get(), stiffness(rates, 1, communicator_));
  Solution solution;
  solution.x = first_guess(rates, b);
  for (int attempt = 0; attempt <= most_reweightings; ++attempt) {
    const KSPConvergedReason reason = run_ksp(rates, b, solution.x, solution.n_iterations);
    const Range y = range_of_solution();
    const bool is_good = reason > 0 && y.least >= -round_off;
    if (!is_good) {
      const std::optional<long> sweeps = sweep_until_converged();
      if (!sweeps) {
        solution.failure = std::string("the linear solver ended with ") + KSPConvergedReasons[reason] +
                           ", and Gauss-Seidel sweeps do not converge";
        return solution;
      }
      solution.n_iterations += *sweeps;
    }
    solution.x = weighted_solution();
    if (is_good && y.most < largest_ratio && y.least_above_floor >= 0) break;
    // What was found is the guess, and gives the weights, of the next attempt.
    scale_to_sum(solution.x, b);
  }
  // The factorisation's corrections have sum 0; those of ILU only as far as they converge.
  if (work_->is_stiff && rates.exits.empty()) scale_to_sum(solution.x, b);
  return solution;
}

}  // namespace driftwood::fp_solver
