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

namespace driftwood::fp_solver {

/// Solves (I - R) x = b, R the rates of a time step (a non-negative x for every non-negative b, of the same sum), by a
/// PETSc KSP with the prefix "fp_".
///
/// The unknown is the ratio y = x / g to the positive guess g that the approximate factorisation gives
/// (fp::LineFactors), so that bulk and tails, though 1e-20 of it, are found to the same relative accuracy: y is about 1
/// everywhere, and a small residual makes it positive. The factorisation is also the preconditioner; every correction
/// it makes has sum 0, so mass is conserved to round-off whatever the KSP's tolerance.
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
  struct Work;  ///< what PETSc's preconditioner callback reads

  void set_pattern(const fp::EdgeRates& rates);
  void set_values(const fp::EdgeRates& rates, std::span<const double> guess);
  /// Gauss-Seidel from y = 1: slower than the KSP, but every iterate is non-negative (the matrix is an M-matrix).
  /// Returns the sweeps done, or nothing without convergence.
  std::optional<long> sweep_until_converged();
  bool is_positive(std::span<const double> guess) const;

  const mpi::Communicator& communicator_;
  fp::CellRange owned_;
  long n_cells_;
  HaloExchange halo_;
  std::vector<long> pattern_;  ///< offsets of the directions that the matrix was made for
  std::vector<double> entries_;
  petsc::Matrix matrix_;
  petsc::Vector right_side_;
  petsc::Vector solution_;
  petsc::LinearSolver ksp_;
  std::unique_ptr<Work> work_;
};

}  // namespace driftwood::fp_solver
