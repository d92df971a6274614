#pragma once

#include <string>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/sweep/derive_config.hpp"
#include "driftwood/sweep/point_config.hpp"

namespace driftwood::app {

/// A validated sweep, ready to run. The same on every rank.
struct RunRequest {
  std::string output_directory;
  std::string effective_ini;  ///< text of run/effective.ini: every option, its value and origin
  std::vector<sweep::SweepPoint> points;
  double checkpoint_seconds = 600;  ///< between two saves of a training or a solve; 0: only at a stop
  sweep::DeriveConfig derive = {};  ///< the last stage, where derive.with_run
  int ranks_per_point = 0;  ///< 0: chosen from the numbers of points and ranks
};

/// The whole story: every sweep point is trained, closed, solved, compared and committed by its rank group, then the
/// points are collected into sweep.h5 and a table is printed. Points with a complete file are skipped. A point that fails
/// is recorded and the sweep goes on. Collective on `world`.
/// Returns success, points_failed, or stopped (a SIGUSR1 or SIGTERM arrived: run the same command again).
ExitCode run_sweep(const RunRequest& request, const mpi::Communicator& world);

}  // namespace driftwood::app
