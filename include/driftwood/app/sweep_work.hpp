#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "driftwood/app/pipeline.hpp"
#include "driftwood/app/progress.hpp"
#include "driftwood/data/split.hpp"
#include "driftwood/results/records.hpp"
#include "driftwood/store/run_lock.hpp"

namespace driftwood::app {

/// A rank group that works on a point.
struct GroupAtWork {
  const mpi::Communicator& ranks;
  int first_rank = 0;  ///< in the world
  Progress& progress;
  /// Whether this process was asked to stop, or its time is over. To be called now and then: it also lets other groups
  /// fetch their next point.
  std::function<bool()> stop_requested;
  /// Told which stage begins: "training", "closure fixed", "comparison", "derivation". May be empty.
  std::function<void(const std::string&)> begin_stage;
};

/// One sweep point from training to its record, on one rank group (pipeline.cpp). Throws ExitCode::stopped where it was
/// stopped on request. Collective on the group.
results::PointRecord run_point(const RunRequest& request, const sweep::SweepPoint& point, const data::Split& data,
                               const GroupAtWork& at_work);

enum class Ending { done, failed, stopped };

/// Runs and commits a point; the how-manieth try it is. Collective on the group.
using RunPoint =
    std::function<Ending(const sweep::SweepPoint&, const data::Split&, const GroupAtWork& group, int attempt)>;

/// What earlier runs left to do. The same on every rank.
struct SweepState {
  std::vector<int> unfinished;  ///< positions in RunRequest::points
  std::vector<int> attempts;    ///< earlier ones, of each of these
  long n_failed_before = 0;     ///< points that failed and are not tried again
};

/// How a run went, over all ranks.
struct Outcome {
  long n_done = 0;
  long n_failed = 0;
  long n_elsewhere = 0;  ///< points that other jobs have or have done
  long n_left = 0;
};

/// Makes the directory and takes it for this run; root holds the lock (the others nothing). Collective.
std::unique_ptr<store::RunLock> take_run_directory(const RunRequest& request, const mpi::Communicator& world);

/// Removes what a point's training and solves were saved in, which a committed point no longer needs. Not collective:
/// for one rank.
void remove_checkpoints(const store::RunDirectory& run, const sweep::SweepPoint& point);

/// Looks at the points' files and writes down what the run is: effective.ini, points.csv, forecast.tsv. Collective.
SweepState look_at_points(const RunRequest& request, const mpi::Communicator& world);

/// "12 sweep points, 3 already done; 4 MPI ranks"
std::string describe(const SweepState& state, const RunRequest& request, int n_ranks);

/// Hands the unfinished points out to rank groups (sweep/schedule.hpp, mpi/hand_out.hpp). The groups are those of the
/// whole sweep, not of what is left of it: a continued run gives the bytes of an uninterrupted one. An error of files
/// ends the group that has it, and is thrown on every rank when the others have finished. Collective.
Outcome work_through(const RunRequest& request, const SweepState& state, const store::RunLock* lock,
                     const mpi::Communicator& world, const RunPoint& run_point);

ExitCode exit_code(const RunRequest& request, const SweepState& state, const Outcome& outcome);

}  // namespace driftwood::app
