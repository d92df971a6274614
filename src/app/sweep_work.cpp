#include "driftwood/app/sweep_work.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>

#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/app/solve_files.hpp"
#include "driftwood/app/stop_signal.hpp"
#include "driftwood/app/training_files.hpp"
#include "driftwood/mpi/hand_out.hpp"
#include "driftwood/store/claims.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/status.hpp"
#include "driftwood/sweep/schedule.hpp"

namespace driftwood::app {

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Data sets are read once a rank however many points use them.
class DatasetCache {
 public:
  /// Collective on the group.
  const data::Split& get(const sweep::PointConfig::Data& options, const mpi::Communicator& group) {
    const std::string key = dataset_key(options);
    mpi::agree(group, [&] {
      if (cache_.count(key) == 0) cache_.emplace(key, load_dataset(options));
    });
    return cache_.at(key);
  }

 private:
  std::map<std::string, data::Split> cache_;
};

/// Which points are left, as root sees it: pairs (position, earlier attempts), and the number of failed ones before
/// them.
std::vector<double> unfinished_points(const RunRequest& request) {
  const store::RunDirectory run{request.output_directory};
  const auto history = store::read_status(run);
  std::vector<double> found{0};
  for (std::size_t i = 0; i < request.points.size(); ++i) {
    const std::string& id = request.points[i].id;
    const auto known = history.find(id);
    const bool has_failed = known != history.end() && known->second.last.state == "failed";
    const store::PointFileCheck check = store::check_point(run, id);
    if (check.complete) {
      remove_checkpoints(run, request.points[i]);  // of a run that was killed right after it had committed the point
      continue;
    }
    if (has_failed && !request.retry_failed) {
      ++found[0];
      continue;
    }
    if (!check.why_not.empty())
      std::fprintf(stderr, "driftwood: warning: %s: %s; computing the point again\n", run.point_file(id).c_str(),
                   check.why_not.c_str());
    found.push_back(static_cast<double>(i));
    found.push_back(known == history.end() ? 0 : known->second.n_attempts);
  }
  return found;
}

/// forecast.tsv: for `status`, and for comparing predictions with what came of them.
std::string forecast_text(const RunRequest& request, int n_ranks) {
  std::string text = "point\tranks\tseconds\n";
  for (const WorkQueue& queue : sweep::make_schedule(request.seconds, n_ranks, request.ranks_per_point))
    for (const int i : queue.items) {
      char line[80];
      std::snprintf(line, sizeof line, "\t%d\t%.3f\n", queue.ranks_per_item,
                    request.predicted[i] / queue.ranks_per_item);
      text += request.points[i].id + line;
    }
  return text;
}

/// The work on one point at a time of whichever group this rank is in.
class Worker {
 public:
  Worker(const RunRequest& request, const SweepState& state, const std::string& claimant,
         const mpi::Communicator& world, const RunPoint& run_point)
      : request_(request),
        run_point_(run_point),
        queues_(wanted_queues(request, state, world.size())),
        counters_(world, static_cast<int>(queues_.size()) + 1),
        progress_(store::RunDirectory{request.output_directory}.log_file(), world.is_root(), time_teller()),
        n_ranks_(world.size()),
        deadline_(request.time_limit > 0 ? now() + request.time_limit - stop_margin(request.time_limit) : 0) {
    for (std::size_t k = 0; k < state.unfinished.size(); ++k) attempts_[state.unfinished[k]] = state.attempts[k];
    if (request.is_shared) claims_.emplace(store::RunDirectory{request.output_directory}, claimant);
  }

  void work(const mpi::Communicator& world) {
    mpi::hand_out(queues_, world, counters_,
                  [this](int item, const mpi::RankGroup& group) { return work_on(item, group); });
  }

  /// Points that this rank, as its groups' root, has ended: done, failed, elsewhere.
  const std::array<long, 3>& counts() const { return counts_; }

 private:
  static std::vector<WorkQueue> wanted_queues(const RunRequest& request, const SweepState& state, int n_ranks) {
    std::vector<char> is_wanted(request.points.size(), 0);
    for (const int i : state.unfinished) is_wanted[i] = 1;
    return sweep::only_wanted(sweep::make_schedule(request.seconds, n_ranks, request.ranks_per_point),
                              [&](int i) { return is_wanted[i] != 0; });
  }

  bool should_stop() {
    counters_.serve();
    return stop_requested() || (deadline_ > 0 && now() >= deadline_);
  }

  bool has_failed_too_often() {
    return request_.max_failures > 0 &&
           counters_.fetch_and_add(static_cast<int>(queues_.size()), 0) >= request_.max_failures;
  }

  /// Root's answer on every rank: whether this group takes the point. Collective on the group.
  store::Claims::Answer claim(const std::string& id, const mpi::Communicator& group) {
    long answer = 0;
    mpi::agree(group, [&] {
      if (group.is_root() && claims_) answer = static_cast<long>(claims_->claim(id));
    });
    return static_cast<store::Claims::Answer>(group.broadcast(answer));
  }

  /// What tells the time left; nothing where other jobs do an unknown part of the work.
  std::function<double(double)> time_teller() {
    if (request_.is_shared) return {};
    return [this](double fraction) { return time_left(fraction); };
  }

  /// Seconds until the last point is done, when `fraction` of this group's is. Points that other groups are at, the
  /// last that were handed out, count as half done.
  double time_left(double fraction) {
    double total = 0;
    double done = 0;
    double at_work = 0;
    for (std::size_t q = 0; q < queues_.size(); ++q) {
      const std::vector<int>& items = queues_[q].items;
      const auto n_items = static_cast<long>(items.size());
      const long n_out = std::min(n_items, counters_.fetch_and_add(static_cast<int>(q), 0));
      const long n_ended = n_out - std::max(1, n_ranks_ / queues_[q].ranks_per_item);
      if (n_out > 0) at_work = 0;  // groups that have come to this queue have ended those before
      for (long k = 0; k < n_items; ++k) {
        const double seconds = request_.predicted[items[k]];
        total += seconds;
        if (k < n_out) done += seconds;
        if (k < n_out && k >= n_ended) at_work += (items[k] == current_ ? 1 - fraction : 0.5) * seconds;
      }
    }
    return sweep::seconds_left(total, done - at_work, (now() - start_) * n_ranks_, n_ranks_);
  }

  bool work_on(int item, const mpi::RankGroup& group) {
    const bool is_root = group.ranks.is_root();
    const bool gives_up = should_stop() || (is_root && has_failed_too_often());
    if (!group.ranks.all(!gives_up)) return false;
    const sweep::SweepPoint& point = request_.points[item];
    if (claim(point.id, group.ranks) != store::Claims::Answer::mine) {
      if (is_root) ++counts_[2];
      return true;
    }
    progress_.begin_point(is_root);
    current_ = item;
    const GroupAtWork at_work{group.ranks, group.place.first, progress_, [this] { return should_stop(); }, {}};
    const data::Split& data = datasets_.get(point.config.data, group.ranks);
    const Ending ending = run_point_(point, data, at_work, attempts_.at(item) + 1);
    if (!is_root) return true;
    if (ending == Ending::done) ++counts_[0];
    if (ending == Ending::failed) {
      ++counts_[1];
      if (request_.max_failures > 0) counters_.fetch_and_add(static_cast<int>(queues_.size()));
    }
    if (ending == Ending::stopped && claims_) claims_->give_back(point.id);
    return true;
  }

  const RunRequest& request_;
  const RunPoint& run_point_;
  std::vector<WorkQueue> queues_;
  mpi::SharedCounters counters_;  ///< one a queue; the last: failures
  Progress progress_;
  int n_ranks_;
  int current_ = -1;  ///< the item that this rank's group is at
  double start_ = now();
  double deadline_;
  std::optional<store::Claims> claims_;
  std::map<int, int> attempts_;
  DatasetCache datasets_;
  std::array<long, 3> counts_{};
};

}  // namespace

std::unique_ptr<store::RunLock> take_run_directory(const RunRequest& request, const mpi::Communicator& world) {
  using Kind = store::RunLock::Kind;
  const store::RunDirectory run{request.output_directory};
  std::unique_ptr<store::RunLock> lock;
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    store::make_directory(run.points());
    lock = std::make_unique<store::RunLock>(run, request.is_shared ? Kind::shared : Kind::alone);
  });
  return lock;
}

SweepState look_at_points(const RunRequest& request, const mpi::Communicator& world) {
  const store::RunDirectory run{request.output_directory};
  std::vector<double> found;
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    if (!request.points_csv.empty()) write_text_file(run.points_csv(), request.points_csv);
    write_text_file(run.effective_ini(), request.effective_ini);
    if (!request.is_shared) store::remove_claims(run);
    write_text_file(run.forecast_file(), forecast_text(request, world.size()));
    found = unfinished_points(request);
  });
  world.broadcast(found);
  SweepState state;
  state.n_failed_before = static_cast<long>(found.at(0));
  for (std::size_t k = 1; k + 1 < found.size(); k += 2) {
    state.unfinished.push_back(static_cast<int>(found[k]));
    state.attempts.push_back(static_cast<int>(found[k + 1]));
  }
  return state;
}

void remove_checkpoints(const store::RunDirectory& run, const sweep::SweepPoint& point) {
  remove_training_files(run, point.id);
  for (const std::string& closure : point.config.closure.names)
    remove_solve_files(run.solve_checkpoint_file(point.id, closure));
}

std::string describe(const SweepState& state, const RunRequest& request, int n_ranks) {
  const long n_done = static_cast<long>(request.points.size() - state.unfinished.size()) - state.n_failed_before;
  return std::to_string(request.points.size()) + " sweep points, " + std::to_string(n_done) + " already done" +
         (state.n_failed_before == 0 ? ""
                                     : ", " + std::to_string(state.n_failed_before) +
                                           " failed before and not tried again (--retry-failed tries them)") +
         "; " + std::to_string(n_ranks) + " MPI ranks";
}

Outcome work_through(const RunRequest& request, const SweepState& state, const store::RunLock* lock,
                     const mpi::Communicator& world, const RunPoint& run_point) {
  Outcome outcome;
  if (state.unfinished.empty()) return outcome;
  const std::string claimant = world.broadcast(lock != nullptr ? lock->name() : std::string());
  int code = 0;
  std::string message;
  std::array<long, 3> counts{};
  {
    Worker worker(request, state, claimant, world, run_point);
    try {
      worker.work(world);
    } catch (const Error& error) {
      code = static_cast<int>(error.code());
      message = error.what();
    }
    counts = worker.counts();
  }
  mpi::throw_first_error(world, code, message);
  outcome.n_done = world.sum(counts[0]);
  outcome.n_failed = world.sum(counts[1]);
  outcome.n_elsewhere = world.sum(counts[2]);
  outcome.n_left = static_cast<long>(state.unfinished.size()) - outcome.n_done - outcome.n_failed - outcome.n_elsewhere;
  return outcome;
}

ExitCode exit_code(const RunRequest& request, const SweepState& state, const Outcome& outcome) {
  const bool was_given_up = request.max_failures > 0 && outcome.n_failed >= request.max_failures;
  if (outcome.n_left > 0 && !was_given_up) return ExitCode::stopped;
  return outcome.n_failed + state.n_failed_before > 0 ? ExitCode::points_failed : ExitCode::success;
}

}  // namespace driftwood::app
