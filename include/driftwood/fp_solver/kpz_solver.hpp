#pragma once

#include <string>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/mpi/communicator.hpp"

namespace driftwood::fp_solver {

/// Heights at the output times, whole grids on every rank; fewer if the solve failed, and then why.
struct KpzSolution {
  bool converged = false;
  std::string message;
  std::vector<std::vector<double>> heights;  ///< time x cell
  std::vector<double> potential;             ///< U at the cells' centres
  long n_steps = 0;
};

/// Solves (8.2) as it stands, d_t h~ = D lap h~ + D |grad h~|^2 - U, for the height itself: nonlinear, and without the
/// density. U = |b|^2 / (4 D) + div b / 2 for the gradient drift b and the constant diffusion D I of `coefficients`; no
/// current through the box's walls: d_n h~ = b_n / (2 D) there. d = 1, 2; cell centres of a uniform grid in a diagonal
/// frame at rest, second order. `start`: h~ at the cells at times[0]. PETSc's TS (an L-stable, stiffly accurate
/// Runge-Kutta method with error control) with Newton's method (SNES) in every stage; options with the prefix
/// "fp_kpz_". `tolerance`: of a step, absolute. Throws ConfigError where D is not one positive constant, the drift
/// depends on time or there are fewer cells along the first axis than ranks; InternalError for other grids and sizes.
/// Whether b is a gradient is not checked. Collective.
KpzSolution solve_kpz(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame,
                      const std::vector<double>& start, const std::vector<double>& times, double tolerance,
                      const mpi::Communicator& communicator);

}  // namespace driftwood::fp_solver
