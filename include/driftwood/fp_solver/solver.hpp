#pragma once

#include <string>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/frame_motion.hpp"
#include "driftwood/mpi/communicator.hpp"

namespace driftwood::fp_solver {

using fp::FrameKind;
/// Both schemes keep the density non-negative and its mass constant at any step size: backward Euler (order 1),
/// modified Patankar-Runge-Kutta MPRK22 (order 2; Burchard, Deleersnijder, Meister 2003, arXiv:2404.07641).
enum class TimeScheme { backward_euler, modified_patankar };
enum class WallPolicy { widen, fail };

struct SolveOptions {
  std::vector<int> cells;  ///< per axis
  FrameKind frame = FrameKind::diagonal;
  double z_max = 7.0;
  TimeScheme time_scheme = TimeScheme::modified_patankar;
  double tolerance = 1e-4;  ///< of the local error per step (L1); <= 0: fixed steps of max_step
  double max_step = 0.0;    ///< 0: bounded by the output times only
  /// Largest mass allowed in the outermost cells of any wall before the box is widened (or the solve fails).
  double max_wall_mass = 1e-7;
  WallPolicy when_wall_is_reached = WallPolicy::widen;
};

enum class SolveStatus { ok, not_converged, wall_reached, too_coarse, bad_coefficients };

/// What happened, for the file and the user. Failure is a value: `message` says why and where.
struct SolveReport {
  SolveStatus status = SolveStatus::ok;
  std::string message;
  long n_steps = 0;
  long n_rejected = 0;
  long n_remaps = 0;  ///< the box grew or shrank
  long n_linear_iterations = 0;
  double max_cell_peclet = 0;   ///< where the density is above 1e-6 of its maximum
  double max_mass_error = 0;    ///< |sum q h - 1|, over all steps
  double min_density = 0;       ///< smallest cell value over all steps, relative to the maximum
  double max_wall_mass = 0;     ///< largest mass seen in the outermost cells of a wall
  double max_added_diffusion = 0;  ///< largest diffusion added to very anisotropic tensors, relative to them
  double seconds = 0;
};

struct SolveResult {
  std::vector<fp::Density> snapshots;  ///< at the output times, whole grid, on every rank; fewer if the solve failed
  /// Anomalous dimension (4.5): diagonal of (dS/dt) S^-1 at each snapshot, n_snapshots x d.
  std::vector<double> anomalous_dimension;
  SolveReport report;
};

/// Evolves the density from `initial` at output_times[0] to the last output time by (2.2) with no-flux walls, in the
/// chosen frame (section 4), distributed over the ranks. Extra PETSc options are looked up with prefix "fp_".
/// Collective.
SolveResult solve(const fp::Coefficients& coefficients, const fp::NormalDensity& initial,
                  const std::vector<double>& output_times, const SolveOptions& options,
                  const mpi::Communicator& communicator);

}  // namespace driftwood::fp_solver
