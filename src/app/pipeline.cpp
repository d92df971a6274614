// The whole story of driftwood, from sweep points to files:
//
//   sweep points -> rank groups (sweep_work.cpp hands them out)
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
#include <memory>

#include "driftwood/app/compare.hpp"
#include "driftwood/app/derive.hpp"
#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/point_cost.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/progress.hpp"
#include "driftwood/app/record.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/app/solve_closure.hpp"
#include "driftwood/app/solve_files.hpp"
#include "driftwood/app/sweep_work.hpp"
#include "driftwood/app/training_files.hpp"
#include "driftwood/app/version.hpp"
#include "driftwood/store/derive_file.hpp"
#include "driftwood/store/run_lock.hpp"
#include "driftwood/store/status.hpp"
#include "driftwood/store/store.hpp"
#include "driftwood/sweep/cost.hpp"
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
                                       const GroupAtWork& group, ensemble::Progress progress) {
  const store::RunDirectory run{request.output_directory};
  return {.progress = std::move(progress),
          .keeper = training_files(run, point.id, owner_of(point, "training"), group.ranks, warn),
          .stop_requested = group.stop_requested,
          .checkpoint_seconds = request.checkpoint_seconds};
}

/// How much of a point's work each stage is expected to be; one closure's solve.
struct StageParts {
  double training = 0;
  double closure = 0;
  double comparison = 0;
};

StageParts parts_of(const sweep::PointConfig& config, int n_samples, int n_ranks) {
  const sweep::PointCost cost = sweep::predict_cost(workload_of(config, n_samples), n_ranks);
  const double whole = cost.training_seconds + cost.solve_seconds + cost.compare_seconds;
  const double all_closures = cost.solve_seconds / whole;
  return {cost.training_seconds / whole,
          config.closure.names.empty() ? 0 : all_closures / static_cast<double>(config.closure.names.size()),
          cost.compare_seconds / whole};
}

/// Tells how far a point is, stage by stage.
class Stages {
 public:
  Stages(const StageParts& its_parts, const GroupAtWork& at_work) : parts(its_parts), at_work_(at_work) {}

  const StageParts parts;

  void begin(const std::string& name, double part) {
    before_ += part_;
    part_ = part;
    name_ = name;
    if (at_work_.begin_stage) at_work_.begin_stage(name);
    at(0);
  }
  void at(double fraction) {
    at_work_.progress.update(before_ + fraction * part_, name_);
    static_cast<void>(at_work_.stop_requested());  // it also serves the other groups
  }

 private:
  const GroupAtWork& at_work_;
  std::string name_;
  double before_ = 0;
  double part_ = 0;
};

/// What is trained, its initial weights read where they are given. Collective.
ensemble::EnsembleProblem problem_of(const sweep::PointConfig& config, const mpi::Communicator& group) {
  ensemble::EnsembleProblem problem = make_ensemble_problem(config);
  mpi::agree(group, [&] {
    problem.initial.given = load_initial(config.initial, problem.network.n_parameters(), problem.n_replicas);
  });
  return problem;
}

/// The trained replicas, in files on the way. Throws ExitCode::stopped where that was stopped on request. Collective.
ensemble::EnsembleResult train(const RunRequest& request, const sweep::SweepPoint& point,
                               const ensemble::EnsembleProblem& problem, const data::Split& data,
                               const GroupAtWork& at_work, Stages& stages) {
  stages.begin("training", stages.parts.training);
  ensemble::EnsembleResult ensemble =
      ensemble::train_ensemble(problem, data, at_work.ranks,
                               training_hooks(request, point, at_work, [&](double fraction) { stages.at(fraction); }));
  if (!ensemble.complete) throw Error(ExitCode::stopped, "stopped while training, saved: run the same command again");
  if (ensemble.first_step > 0)
    at_work.progress.line(describe_point(point) + ": training went on from step " +
                          std::to_string(ensemble.first_step));
  return ensemble;
}

/// What a closure gives, in files while it is solved. Throws ExitCode::stopped where that was stopped on request.
/// Collective.
ClosureSolution solve_in_files(const RunRequest& request, const sweep::SweepPoint& point, const std::string& closure,
                               const ClosureInput& input, const GroupAtWork& at_work) {
  const std::string checkpoint = store::RunDirectory{request.output_directory}.solve_checkpoint_file(point.id, closure);
  ClosureSolution solved =
      solve_closure(fp::closure_kind(closure), input,
                    {.keeper = solve_file_keeper(checkpoint, owner_of(point, closure), at_work.ranks, warn),
                     .stop_requested = at_work.stop_requested,
                     .checkpoint_seconds = request.checkpoint_seconds},
                    at_work.ranks);
  const fp_solver::SolveReport& report = solved.solution.report;
  if (report.status == fp_solver::SolveStatus::stopped)
    throw Error(ExitCode::stopped, "stopped while solving" +
                                       (report.message.empty() ? "" : ", saved " + report.message) +
                                       ": run the same command again");
  return solved;
}

/// What every closure gives. Collective.
std::vector<ClosureSolution> solve_all(const RunRequest& request, const sweep::SweepPoint& point,
                                       const ClosureInput& input, const GroupAtWork& at_work, Stages& stages) {
  std::vector<ClosureSolution> solved;
  for (const std::string& name : point.config.closure.names) {
    stages.begin("closure " + name, stages.parts.closure);
    with_context("closure " + name, [&] { solved.push_back(solve_in_files(request, point, name, input, at_work)); });
  }
  return solved;
}

/// What every closure came to, against the ensemble. Collective.
std::vector<results::ClosureRecord> closure_records(const std::vector<ClosureSolution>& solved,
                                                    const ClosureInput& input, const mpi::Communicator& group,
                                                    Stages& stages) {
  stages.begin("comparison", stages.parts.comparison);
  const std::vector<ClosureComparison> comparisons =
      compare(solved, input, group, [&](double fraction) { stages.at(fraction); });
  std::vector<results::ClosureRecord> records;
  for (std::size_t i = 0; i < solved.size(); ++i)
    records.push_back(closure_record(input.config, solved[i], comparisons[i]));
  return records;
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

}  // namespace

results::PointRecord run_point(const RunRequest& request, const sweep::SweepPoint& point, const data::Split& data,
                               const GroupAtWork& at_work) {
  const double start = now();
  const mpi::Communicator& group = at_work.ranks;
  Stages stages(parts_of(point.config, data.train.n_samples, group.size()), at_work);
  const ensemble::EnsembleProblem problem = problem_of(point.config, group);
  const ensemble::EnsembleResult ensemble = train(request, point, problem, data, at_work, stages);
  const TrackedHistory tracked(problem, ensemble);
  std::vector<std::vector<double>> means;
  if (!point.config.closure.names.empty()) means = mean_parameters(problem, ensemble, group);
  const ClosureInput input{point.config, problem, data.train, data.test, ensemble, tracked, means};
  results::PointRecord record = start_record(point, input, group);
  const std::vector<ClosureSolution> solved = solve_all(request, point, input, at_work, stages);
  record.closures = closure_records(solved, input, group, stages);
  if (request.derive.with_run) {
    stages.begin("derivation", 0);
    with_context("derive", [&] { derive_point(request, point, input, solved, group); });
  }
  finish_record(record, now() - start);
  return record;
}

namespace {

/// Runs and commits one point. A point's own failure becomes a status, not an exception; failures of files go on up.
/// Collective on the group.
Ending run_and_commit(const RunRequest& request, const sweep::SweepPoint& point, const data::Split& data,
                      const GroupAtWork& at_work, int attempt) {
  const store::RunDirectory run{request.output_directory};
  const mpi::Communicator& group = at_work.ranks;
  const double start = now();
  store::StatusLine status{.point = point.id, .state = "started", .rank_group = at_work.first_rank, .attempt = attempt};
  const auto append = [&] {
    mpi::agree(group, [&] {
      if (group.is_root()) store::append_status(run, status);
    });
  };
  append();
  try {
    const results::PointRecord record = run_point(request, point, data, at_work);
    status.state = record.status;
    status.message = record.message;
    mpi::agree(group, [&] {
      if (group.is_root()) store::write_point(run, record);
    });
  } catch (const Error& error) {
    if (error.code() == ExitCode::io) throw;
    status.state = error.code() == ExitCode::stopped ? "stopped" : "failed";
    status.message = error.what();
  }
  if (group.is_root() && status.state != "stopped") remove_checkpoints(run, point);
  status.seconds = now() - start;
  append();
  at_work.progress.line(describe_point(point) + ": " + status.state +
                        (status.message.empty() ? "" : ", " + status.message) + " (" + format_duration(status.seconds) +
                        ")");
  return status.state == "done" ? Ending::done : status.state == "stopped" ? Ending::stopped : Ending::failed;
}

}  // namespace

ExitCode run_sweep(const RunRequest& request, const mpi::Communicator& world) {
  const store::RunDirectory run{request.output_directory};
  const double start = now();
  const std::unique_ptr<store::RunLock> lock = take_run_directory(request, world);
  const SweepState state = look_at_points(request, world);
  Progress progress(run.log_file(), world.is_root());
  progress.line(describe(state, request, world.size()));
  const Outcome outcome =
      work_through(request, state, lock.get(), world,
                   [&](const sweep::SweepPoint& point, const data::Split& data, const GroupAtWork& group, int attempt) {
                     return run_and_commit(request, point, data, group, attempt);
                   });
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    progress.line("");
    if (request.is_shared) {
      progress.line("this job's part is over; when all jobs are: driftwood collect " + request.output_directory);
      return;
    }
    const std::vector<store::SummaryRow> rows = store::collect(run, request.points);
    progress.line(summary_table(rows));
    progress.line(closing_lines(run, request.points, now() - start));
  });
  return exit_code(request, state, outcome);
}

}  // namespace driftwood::app
