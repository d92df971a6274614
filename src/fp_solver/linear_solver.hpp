#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "driftwood/fp/edge_rates.hpp"
#include "driftwood/petsc/handles.hpp"
#include "slabs.hpp"

namespace driftwood::fp_solver {

/// Solves (I - step R) x = b for any b by a PETSc KSP with the prefix "fp_": GMRES, preconditioned by the approximate
/// factorisation along lattice lines (fp::LineFactors), which on one rank and in one dimension is exact. -fp_pc_type
/// and -fp_ksp_type replace them (decision 10 compares).
class LinearSolver {
 public:
  /// Collective.
  explicit LinearSolver(Slabs slabs);
  ~LinearSolver();

  struct Solution {
    std::vector<double> x;
    long n_iterations = 0;
    std::string failure;  ///< why there is no solution; the same on every rank
  };
  /// `rates`: of the owned cells, per unit of time; `b`: this rank's part; `guess`: where to start. Collective.
  Solution solve(const fp::EdgeRates& rates, double step, std::span<const double> b, std::span<const double> guess);

 private:
  struct Work;  ///< matrix and preconditioner

  Slabs slabs_;
  petsc::Vector right_side_;
  petsc::Vector solution_;
  petsc::LinearSolver ksp_;
  std::unique_ptr<Work> work_;
};

}  // namespace driftwood::fp_solver
