#pragma once

#include <optional>
#include <vector>

#include "driftwood/fp/line_factors.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/petsc/handles.hpp"

namespace driftwood::fp_solver {

/// The approximate factorisation along lattice lines (fp::LineFactors) as a PETSc preconditioner: z = G^-1 M^-1 G r
/// with G = diag(weight); and what takes its place in long steps. Must stay where it is while a KSP made for it lives.
struct LinePreconditioner {
  std::optional<fp::LineFactors> factors;
  std::vector<double> weight;  ///< empty: 1
  bool is_stiff = false;

  /// A KSP with the options' prefix "fp_", from a given start until the residual is below 1e-12 of the right side, both
  /// preconditioned. Collective.
  void make_ksp(petsc::LinearSolver& ksp, int most_iterations, const mpi::Communicator& communicator);
  /// Sets solver and preconditioner for a stiffness(): GMRES with this preconditioner, or
  /// (large) BiCGStab with block Jacobi and ILU (decision 17); unless the options say otherwise.
  /// Collective.
  void choose(KSP ksp, double stiffness);

 private:
  void set_types(KSP ksp);
};

/// How far the factorisation is from the matrix: the largest ratio of their diagonals, the product over the directions
/// of 1 + what leaves a cell along them in a step, and 1 + the sum; 1 where it is exact: one direction on one rank.
/// Collective.
double stiffness(const fp::EdgeRates& rates, double step, const mpi::Communicator& communicator);

}  // namespace driftwood::fp_solver
