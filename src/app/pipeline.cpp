// The whole story of driftwood, from sweep points to files:
//
//   sweep points -> rank groups
//     per point, on its rank group:
//       train_ensemble -> snapshots and Kramers-Moyal coefficients
//       close          -> drift and diffusion as functions of (w, t)
//       solve          -> density in the renormalised frame
//       compare        -> weights and outputs, theory against experiment
//       derive         -> Callan-Symanzik flow, KPZ balance (where derive.with_run)
//       commit         -> one immutable HDF5 file
//   collect -> sweep.h5 and the table
#include "driftwood/app/pipeline.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>

#include "driftwood/app/compare.hpp"
#include "driftwood/app/derive.hpp"
#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/progress.hpp"
#include "driftwood/app/record.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/app/schedule.hpp"
#include "driftwood/app/solve_closure.hpp"
#include "driftwood/app/solve_files.hpp"
#include "driftwood/app/stop_signal.hpp"
#include "driftwood/app/training_files.hpp"
#include "driftwood/app/version.hpp"
#include "driftwood/store/derive_file.hpp"
#include "driftwood/store/store.hpp"
#include "driftwood/sweep/identity.hpp"

namespace driftwood::app {

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void warn(const std::string& text) {
  std::fprintf(stderr, "driftwood: warning: %s\n", text.c_str());
}

/// Hash of what a part of a point's work depends on: another program could give other bits.
std::uint64_t owner_of(const sweep::SweepPoint& point, const std::string& part) {
  return sweep::content_hash(point.id + '\n' + part + '\n' + version_text());
}

/// What a training may be given: files to keep its snapshots and its state, the user's wish to stop. Collective.
ensemble::TrainingHooks training_hooks(const RunRequest& request, const sweep::SweepPoint& point,
                                       const mpi::Communicator& group, ensemble::Progress progress) {
  const store::RunDirectory run{request.output_directory};
  return {.progress = std::move(progress),
          .keeper = training_files(run, point.id, owner_of(point, "training"), group, warn),
          .stop_requested = stop_requested,
          .checkpoint_seconds = request.checkpoint_seconds};
}

/// What a closure gives, in files while it is solved. Throws ExitCode::stopped where that was stopped on request.
/// Collective.
ClosureSolution solve_in_files(const RunRequest& request, const sweep::SweepPoint& point, const std::string& closure,
                               const ClosureInput& input, const mpi::Communicator& group) {
  const std::string checkpoint = store::RunDirectory{request.output_directory}.solve_checkpoint_file(point.id, closure);
  ClosureSolution solved =
      solve_closure(fp::closure_kind(closure), input,
                    {.keeper = solve_file_keeper(checkpoint, owner_of(point, closure), group, warn),
                     .stop_requested = stop_requested,
                     .checkpoint_seconds = request.checkpoint_seconds},
                    group);
  const fp_solver::SolveReport& report = solved.solution.report;
  if (report.status == fp_solver::SolveStatus::stopped)
    throw Error(ExitCode::stopped, "stopped while solving" +
                                       (report.message.empty() ? "" : ", saved " + report.message) +
                                       ": run the same command again");
  return solved;
}

/// The point's Callan-Symanzik flow and KPZ balance into their own file. Collective.
void derive_point(const RunRequest& request, const sweep::SweepPoint& point, const ClosureInput& input,
                  const std::vector<ClosureSolution>& solved, const mpi::Communicator& group) {
  std::vector<DeriveSource> sources;
  for (const ClosureSolution& closure : solved) {
    if (!fp::has_coefficients(closure.kind)) continue;
    const std::vector<fp::Density>& densities = closure.solution.snapshots;
    sources.push_back({fp::name(closure.kind), densities.empty() ? "was not solved" : "ok",
                       close(closure.kind, input, group).coefficients, densities});
  }
  const results::DeriveRecord record = derive(point, request.derive, input, sources, group);
  mpi::agree(group, [&] {
    if (group.is_root()) store::write_derive(store::RunDirectory{request.output_directory}, record);
  });
}

/// One sweep point from training to its record, on one rank group. Throws ExitCode::stopped where it was stopped on
/// request. Collective.
results::PointRecord run_point(const RunRequest& request, const sweep::SweepPoint& point, const data::Split& data,
                               const mpi::Communicator& group, Progress& progress) {
  const double start = now();
  const sweep::PointConfig& config = point.config;
  const std::vector<std::string>& closures = config.closure.names;
  // Training, every closure, comparison, derivation: one stage each.
  const double n_stages = 2.0 + (request.derive.with_run ? 1 : 0) + static_cast<double>(closures.size());
  const auto tell = [&](double stages_done, const std::string& what) { progress.update(stages_done / n_stages, what); };

  ensemble::EnsembleProblem problem = make_ensemble_problem(config);
  mpi::agree(group, [&] {
    problem.initial.given = load_initial(config.initial, problem.network.n_parameters(), problem.n_replicas);
  });
  const ensemble::EnsembleResult ensemble = ensemble::train_ensemble(
      problem, data, group,
      training_hooks(request, point, group, [&](double fraction) { tell(fraction, "training"); }));
  if (!ensemble.complete) throw Error(ExitCode::stopped, "stopped while training, saved: run the same command again");
  if (ensemble.first_step > 0)
    progress.line(describe_point(point) + ": training went on from step " + std::to_string(ensemble.first_step));
  const TrackedHistory tracked(problem, ensemble);
  std::vector<std::vector<double>> means;
  if (!closures.empty()) means = mean_parameters(problem, ensemble, group);
  const ClosureInput input{config, problem, data.train, data.test, ensemble, tracked, means};
  results::PointRecord record = start_record(point, input, group);

  std::vector<ClosureSolution> solved;
  for (const std::string& name : closures) {
    tell(static_cast<double>(solved.size() + 1), "closure " + name);
    with_context("closure " + name, [&] { solved.push_back(solve_in_files(request, point, name, input, group)); });
  }
  const std::vector<ClosureComparison> comparisons = compare(solved, input, group, [&](double fraction) {
    tell(1 + static_cast<double>(solved.size()) + fraction, "comparison");
  });
  for (std::size_t i = 0; i < solved.size(); ++i)
    record.closures.push_back(closure_record(config, solved[i], comparisons[i]));
  if (request.derive.with_run) {
    tell(n_stages - 1, "derivation");
    with_context("derive", [&] { derive_point(request, point, input, solved, group); });
  }
  finish_record(record, now() - start);
  return record;
}

enum class Ending { done, failed, stopped };

/// Runs and commits one point. A point's own failure becomes a status, not an exception; failures of files go on up.
/// Collective on `group`.
Ending run_and_commit(const RunRequest& request, const sweep::SweepPoint& point, const data::Split& data,
                      const mpi::Communicator& group, int group_number, Progress& progress) {
  const store::RunDirectory run{request.output_directory};
  const double start = now();
  std::string status = "done";
  std::string message;
  try {
    const results::PointRecord record = run_point(request, point, data, group, progress);
    status = record.status;
    message = record.message;
    mpi::agree(group, [&] {
      if (group.is_root()) store::write_point(run, record);
    });
  } catch (const Error& error) {
    if (error.code() == ExitCode::io) throw;
    status = error.code() == ExitCode::stopped ? "stopped" : "failed";
    message = error.what();
  }
  if (group.is_root()) {
    if (status != "stopped") {
      remove_training_files(run, point.id);
      for (const std::string& closure : point.config.closure.names)
        remove_solve_files(run.solve_checkpoint_file(point.id, closure));
    }
    store::append_status(run, point.id, status, group_number, now() - start, message);
  }
  progress.point_finished(describe_point(point) + ": " + status + (message.empty() ? "" : ", " + message) + " (" +
                          format_duration(now() - start) + ")");
  return status == "done" ? Ending::done : status == "stopped" ? Ending::stopped : Ending::failed;
}

/// The points that have no complete file yet. Root looks, every rank gets the same answer. Collective.
std::vector<sweep::SweepPoint> unfinished_points(const RunRequest& request, const mpi::Communicator& world) {
  const store::RunDirectory run{request.output_directory};
  std::vector<double> unfinished;
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    std::error_code failure;
    std::filesystem::create_directories(run.points(), failure);
    if (failure) throw IoError("cannot create the directory '" + run.points() + "': " + failure.message());
    write_text_file(run.effective_ini(), request.effective_ini);
    for (std::size_t i = 0; i < request.points.size(); ++i) {
      const store::PointFileCheck check = store::check_point(run, request.points[i].id);
      if (!check.complete) unfinished.push_back(static_cast<double>(i));
      if (!check.why_not.empty())
        std::fprintf(stderr, "driftwood: warning: %s: %s; computing the point again\n",
                     run.point_file(request.points[i].id).c_str(), check.why_not.c_str());
    }
  });
  world.broadcast(unfinished);
  std::vector<sweep::SweepPoint> points;
  for (double i : unfinished) points.push_back(request.points[static_cast<std::size_t>(i)]);
  return points;
}

/// Data sets are read once a rank however many points use them.
class DatasetCache {
 public:
  const data::Split& get(const sweep::PointConfig::Data& options) {
    const std::string key = dataset_key(options);
    const auto found = cache_.find(key);
    return found != cache_.end() ? found->second : cache_.emplace(key, load_dataset(options)).first->second;
  }

 private:
  std::map<std::string, data::Split> cache_;
};

struct Outcome {
  long n_failed = 0;
  long n_left = 0;
};

/// Every rank group works through its points. Collective.
Outcome work_through(const RunRequest& request, const std::vector<sweep::SweepPoint>& points,
                     const mpi::Communicator& world) {
  // By the whole sweep, not by what is left of it: a continued run gives the bytes of an uninterrupted one.
  const int ranks_per_point =
      choose_ranks_per_point(request.ranks_per_point, world.size(), static_cast<int>(request.points.size()));
  const int n_groups = std::max(1, world.size() / ranks_per_point);
  const int group_number = std::min(world.rank() / ranks_per_point, n_groups - 1);
  const mpi::Communicator group = world.split(group_number);

  std::vector<double> costs;
  for (const sweep::SweepPoint& point : points) costs.push_back(relative_cost(point.config));
  const std::vector<int> mine = assign_points(costs, n_groups)[group_number];

  Progress progress(store::RunDirectory{request.output_directory}.log_file(), group.is_root(), world.is_root(),
                    static_cast<int>(mine.size()));
  DatasetCache datasets;
  mpi::agree(world, [&] {
    for (int i : mine) datasets.get(points[i].config.data);
  });
  Outcome outcome;
  int code = 0;
  std::string message;
  try {
    for (std::size_t i = 0; i < mine.size(); ++i) {
      if (!group.all(!stop_requested())) {
        outcome.n_left += static_cast<long>(mine.size() - i);
        break;
      }
      const sweep::SweepPoint& point = points[mine[i]];
      const Ending ending =
          run_and_commit(request, point, datasets.get(point.config.data), group, group_number, progress);
      if (ending == Ending::failed) ++outcome.n_failed;
      if (ending == Ending::stopped) ++outcome.n_left;
    }
  } catch (const Error& error) {
    code = static_cast<int>(error.code());
    message = error.what();
  }
  mpi::throw_first_error(world, code, message);
  return {world.sum(group.is_root() ? outcome.n_failed : 0L), world.sum(group.is_root() ? outcome.n_left : 0L)};
}

}  // namespace

ExitCode run_sweep(const RunRequest& request, const mpi::Communicator& world) {
  const store::RunDirectory run{request.output_directory};
  const double start = now();
  const std::vector<sweep::SweepPoint> points = unfinished_points(request, world);
  Progress progress(run.log_file(), world.is_root(), false, 1);
  progress.line(std::to_string(request.points.size()) + " sweep points, " +
                std::to_string(request.points.size() - points.size()) + " already done; " +
                std::to_string(world.size()) + " MPI ranks");
  Outcome outcome;
  if (!points.empty()) outcome = work_through(request, points, world);
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    const std::vector<store::SummaryRow> rows = store::collect(run, request.points);
    progress.line("");
    progress.line(summary_table(rows));
    progress.line(closing_lines(run, request.points, now() - start));
  });
  if (outcome.n_left > 0) return ExitCode::stopped;
  return outcome.n_failed > 0 ? ExitCode::points_failed : ExitCode::success;
}

}  // namespace driftwood::app
