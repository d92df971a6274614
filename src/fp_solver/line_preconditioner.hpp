#pragma once

#include <optional>
#include <vector>

#include "driftwood/fp/line_factors.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/petsc/handles.hpp"

namespace driftwood::fp_solver {

/// The approximate factorisation along lattice lines (fp::LineFactors) as a PETSc preconditioner: z = G^-1 M^-1 G r
/// with G = diag(weight). Must stay where it is while a KSP made for it lives.
struct LinePreconditioner {
  std::optional<fp::LineFactors> factors;
  std::vector<double> weight;  ///< empty: 1

  /// GMRES with the options' prefix "fp_", this preconditioner unless the options say otherwise, from a given start
  /// until the residual is below 1e-12 of the right side, both preconditioned. Collective.
  void make_ksp(petsc::LinearSolver& ksp, int most_iterations, const mpi::Communicator& communicator);
};

}  // namespace driftwood::fp_solver
