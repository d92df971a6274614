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
  std::string points_csv;     ///< text of run/points.csv; empty: no points came from a file
  std::vector<sweep::SweepPoint> points;
  std::vector<double> seconds;      ///< nominal, of each point on one rank: they decide the groups
  std::vector<double> predicted;    ///< seconds of each point on one rank of this machine, for forecast.tsv
  double checkpoint_seconds = 600;  ///< between two saves of a training or a solve; 0: only at a stop
  sweep::DeriveConfig derive = {};   ///< the last stage, where derive.with_run
  int ranks_per_point = 0;          ///< 0: chosen from the points' costs and the number of ranks
  bool is_shared = false;           ///< several jobs work in the same directory
  bool retry_failed = false;        ///< points that failed in an earlier run are tried again
  long max_failures = 0;            ///< no point is started after so many failures; 0: any number
  double time_limit = 0;            ///< s, from now until the program has to be gone; 0: none
};

/// The whole story: every sweep point is trained, closed, solved, compared and committed by its rank group, then the
/// points are collected into sweep.h5 and a table is printed. Points with a complete file are skipped. A point that
/// fails is recorded and the sweep goes on. Collective on `world`. Returns success, points_failed, or stopped (a
/// SIGUSR1 or SIGTERM arrived, or the time is over: run the same command again). Throws ConfigError where another run
/// has the directory.
ExitCode run_sweep(const RunRequest& request, const mpi::Communicator& world);

}  // namespace driftwood::app
