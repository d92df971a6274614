#pragma once

#include <string>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/edge_rates.hpp"
#include "driftwood/fp/frame_motion.hpp"
#include "driftwood/fp/initial_density.hpp"
#include "driftwood/fp_solver/checkpoint.hpp"
#include "driftwood/mpi/communicator.hpp"

namespace driftwood::fp_solver {

using fp::FrameKind;

/// How the density advances in time; all keep its mass. Orders: backward_euler 1, the others 2.
///   strang             splits into lattice directions, lines solved exactly by SDIRK2 as far as positivity allows:
///                      positive at any step, no linear solver, the same bits on any number of ranks
///   modified_patankar  MPRK22 (Burchard, Deleersnijder, Meister 2003, arXiv:2404.07641): positive at any step
///   backward_euler     positive at any step
///   bdf2 (in a frame that moves: sdirk2), sdirk2, crank_nicolson  linear schemes; a step below -1e-12 of the maximum
///   is redone by modified_patankar
enum class TimeScheme { strang, modified_patankar, backward_euler, bdf2, crank_nicolson, sdirk2 };
enum class WallPolicy { widen, fail };
using fp::Wall;

struct SolveOptions {
  std::vector<int> cells;  ///< per axis
  FrameKind frame = FrameKind::diagonal;
  double z_max = 7.0;
  /// > 0: fine cells in the core, coarse ones in the tails (fp::Grid).
  double stretching = 0;
  /// A box in w that does not move, with physical walls: both empty, or d values each (frame = fixed). Otherwise the
  /// box follows from the initial density, and its walls should not be felt.
  std::vector<double> low;
  std::vector<double> high;
  /// Of the box in w, low and high face of every axis in turn; empty: no flux anywhere.
  std::vector<Wall> walls;
  fp::FluxKind flux = fp::FluxKind::limited;
  TimeScheme time_scheme = TimeScheme::modified_patankar;
  double tolerance = 1e-3;  ///< of the embedded first-order solution in a step (L1); <= 0: fixed steps of max_step
  double max_step = 0.0;    ///< 0: bounded by the output times only
  /// The box holds all mass but this on either side of every axis (frame = diagonal, full).
  double support_tail = 1e-10;
  /// Largest mass allowed in the outermost cells of any wall before the box is widened (or the solve fails); not for
  /// physical walls.
  double max_wall_mass = 1e-7;
  WallPolicy when_wall_is_reached = WallPolicy::widen;

  bool has_physical_walls() const { return !low.empty(); }
};

/// stopped: on request, and saved; the same call goes on from there.
enum class SolveStatus { ok, stopped, not_converged, wall_reached, too_coarse, bad_coefficients };

/// What happened, for the file and the user. Failure is a value: `message` says why and where.
struct SolveReport {
  SolveStatus status = SolveStatus::ok;
  std::string message;
  long n_steps = 0;
  long n_rejected = 0;
  long n_redone = 0;  ///< steps of a linear scheme that went negative, done again by modified_patankar
  long n_remaps = 0;  ///< the box grew or shrank
  long n_linear_iterations = 0;
  double max_cell_peclet = 0;      ///< where the density is above 1e-6 of its maximum
  double max_mass_error = 0;       ///< |sum q h - 1|, over all steps
  double min_density = 0;          ///< smallest cell value over all steps, relative to the maximum
  double max_wall_mass = 0;        ///< largest mass seen in the outermost cells of a wall
  /// Sum over the steps of their error (L1) as the embedded first-order solution suggests it: its distance e is of the
  /// square of the step, the error of a second-order scheme of the cube, hence e^(3/2); e itself for backward Euler.
  double time_step_error = 0;
  double max_added_diffusion = 0;  ///< largest diffusion added to very anisotropic tensors, relative to them
  double seconds = 0;              ///< in this process
  double setup_seconds = 0;        ///< of these: for the initial density and (strang) for rates that do not change
  double first_time = 0;           ///< where this process began: later than the first output time after a restart
};

struct SolveResult {
  std::vector<fp::Density> snapshots;  ///< at the output times, whole grid, on every rank; fewer if the solve failed
  /// Anomalous dimension (4.5): diagonal of (dS/dt) S^-1 at each snapshot, n_snapshots x d.
  std::vector<double> anomalous_dimension;
  /// Probability that has left through each face until each snapshot, n_snapshots x 2d (low and high face of every axis
  /// in turn): 1 - mass is their sum. Zero at walls without flux.
  std::vector<double> absorbed;
  SolveReport report;
};

/// Evolves the density from `initial` at output_times[0] to the last output time by (2.2) with no-flux walls, in the
/// chosen frame (section 4), distributed over the ranks. Extra PETSc options are looked up with prefix "fp_".
/// With a keeper in `hooks` the solve goes on from what was saved of it, to the same bits where the time scheme has the
/// same bits on any number of ranks. Collective.
SolveResult solve(const fp::Coefficients& coefficients, const fp::InitialDensity& initial,
                  const std::vector<double>& output_times, const SolveOptions& options,
                  const mpi::Communicator& communicator, const SolveHooks& hooks = {});

}  // namespace driftwood::fp_solver
