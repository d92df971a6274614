#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "driftwood/fp/edge_rates.hpp"
#include "driftwood/fp/line_factors.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/petsc/handles.hpp"
#include "halo_exchange.hpp"
#include "rate_matrix.hpp"

namespace driftwood::fp_solver {

/// Solves (I - R) x = b, R the rates of a time step (a non-negative x for every non-negative b, of the same sum), by a
/// PETSc KSP with the prefix "fp_".
///
/// The unknown is the ratio y = x / g to the positive guess g that the approximate factorisation gives
/// (fp::LineFactors), so that bulk and tails, down to 1e-16 of it, are found to the same relative accuracy: y is about
/// 1 everywhere, and a small residual makes it positive. Below, values of -1e-25 of the largest count as zero. The
/// factorisation is also the preconditioner; every correction it makes has sum 0, so mass is conserved to round-off
/// whatever the KSP's tolerance.
class PositiveSolver {
 public:
  /// Collective.
  PositiveSolver(const fp::Grid& grid, fp::CellRange owned, const mpi::Communicator& communicator);
  ~PositiveSolver();
  PositiveSolver(const PositiveSolver&) = delete;
  PositiveSolver& operator=(const PositiveSolver&) = delete;

  struct Solution {
    std::vector<double> x;  ///< this rank's cells, >= 0
    long n_iterations = 0;
    std::string failure;  ///< why there is no solution; the same on every rank
  };
  /// `rates`: of the owned cells, times the step; `b`: this rank's part. Collective.
  Solution solve(const fp::EdgeRates& rates, std::span<const double> b);

  /// Values of the cells around this rank's own (see HaloExchange). Collective.
  const HaloExchange& halo() const { return halo_; }

 private:
  struct Work;  ///< the preconditioner and its weights

  /// Of y over all ranks.
  struct Range {
    double least;
    double least_above_floor;  ///< where the weight is a guess, not the smallest weight
    double most;
  };

  void set_weights(std::span<const double> guess);
  void set_values(const fp::EdgeRates& rates);
  std::vector<double> inflow_from_others(const fp::EdgeRates& rates, std::span<const double> x) const;
  std::vector<double> first_guess(const fp::EdgeRates& rates, std::span<const double> b) const;
  void scale_to_sum(std::vector<double>& x, std::span<const double> b) const;
  KSPConvergedReason run_ksp(const fp::EdgeRates& rates, std::span<const double> b, std::span<const double> guess,
                             long& n_iterations);
  /// Gauss-Seidel from the KSP's y where that is positive: slower, but every iterate is non-negative (the matrix is an
  /// M-matrix). Returns the sweeps done, or nothing without convergence.
  std::optional<long> sweep_until_converged();
  Range range_of_solution() const;
  std::vector<double> weighted_solution() const;

  const mpi::Communicator& communicator_;
  fp::CellRange owned_;
  long n_cells_;
  HaloExchange halo_;
  RateMatrix matrix_;
  petsc::Vector right_side_;
  petsc::Vector solution_;
  petsc::LinearSolver ksp_;
  std::unique_ptr<Work> work_;
};

}  // namespace driftwood::fp_solver
