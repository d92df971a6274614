#pragma once

#include <string>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/edge_coefficients.hpp"
#include "driftwood/mpi/communicator.hpp"

namespace driftwood::fp_solver {

struct BackwardOptions {
  std::vector<double> delays;     ///< ascending, >= 0
  double tolerance = 1e-7;        ///< of a step, absolute and relative to the function's largest value
  std::vector<fp::Wall> walls{};  ///< low and high face of every axis in turn; empty: no flux anywhere
  double time = 0;                ///< at which the coefficients are evaluated
};

/// u(w, tau) at the cells, on every rank. Without convergence `message` says why, and the delays reached are there.
struct BackwardSolution {
  bool converged = false;
  std::string message;
  std::vector<std::vector<double>> values;  ///< delay x cell
  long n_steps = 0;
};

/// Solves d_tau u = L* u with u(w, 0) = `function` (one value a cell): the expectation of the function a delay later,
/// given w now (7.2). The matrix is the transpose of the rate matrix whose evolution solve() computes, with the
/// coefficients frozen, in a frame at rest, so sum_i q_i(0) u_i(tau) = sum_i q_i(tau) u_i(0) holds for the discrete
/// densities too. PETSc's TS (an L-stable Rosenbrock method of third order with error control); options with the prefix
/// "fp_backward_". Throws ConfigError for coefficients that are not finite, InternalError for sizes that do not match.
/// Collective.
BackwardSolution evolve_backward(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame,
                                 const std::vector<double>& function, const BackwardOptions& options,
                                 const mpi::Communicator& communicator);

}  // namespace driftwood::fp_solver
