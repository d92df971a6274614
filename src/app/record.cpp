#include "driftwood/app/record.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/version.hpp"
#include "driftwood/core/packed.hpp"

namespace driftwood::app {

namespace {

double total_replica_steps(const ensemble::EnsembleResult& ensemble) {
  return static_cast<double>(ensemble.n_replicas) * (ensemble.steps.back() - ensemble.first_step);
}

/// One of a snapshot's arrays, of all replicas. `take` moves it out of the snapshot.
template <class Take>
results::PerSnapshot of_all_replicas(const ensemble::EnsembleResult& ensemble, Take take) {
  return [ensemble, take](std::size_t number) {
    ensemble::Snapshot snapshot = ensemble.all_replicas(number);
    return std::move(take(snapshot));
  };
}

const char* status_name(fp_solver::SolveStatus status) {
  switch (status) {
    case fp_solver::SolveStatus::ok: return "ok";
    case fp_solver::SolveStatus::not_converged: return "not converged";
    case fp_solver::SolveStatus::wall_reached: return "wall reached";
    case fp_solver::SolveStatus::too_coarse: return "grid too coarse";
    case fp_solver::SolveStatus::bad_coefficients: return "bad coefficients";
  }
  return "unknown";
}

}  // namespace

results::PointRecord start_record(const sweep::SweepPoint& point, const ClosureInput& input,
                                  const mpi::Communicator& group) {
  results::PointRecord record;
  record.point = point;
  record.provenance.entries = provenance_entries(group.size());
  results::EnsembleRecord& kept = record.ensemble;
  kept.tracked_names = input.problem.tracked.names;
  kept.n_replicas = input.ensemble.n_replicas;
  kept.n_train_samples = input.dataset.n_samples;
  kept.n_test_samples = input.held_out.n_samples;
  kept.seconds = input.ensemble.seconds;
  kept.replica_steps_per_second =
      kept.seconds > 0 ? total_replica_steps(input.ensemble) / kept.seconds : 0.0;
  kept.steps = input.ensemble.steps;
  kept.times = input.ensemble.times;
  using ensemble::Snapshot;
  const auto array = [&](auto take) { return of_all_replicas(input.ensemble, take); };
  kept.w = array([](Snapshot& snapshot) -> auto& { return snapshot.tracked; });
  kept.loss = array([](Snapshot& snapshot) -> auto& { return snapshot.coefficients.loss; });
  if (kept.n_test_samples > 0) kept.test_loss = array([](Snapshot& snapshot) -> auto& { return snapshot.test_loss; });
  kept.drift = array([](Snapshot& snapshot) -> auto& { return snapshot.coefficients.drift; });
  kept.diffusion = array([](Snapshot& snapshot) -> auto& { return snapshot.coefficients.diffusion; });
  for (const ensemble::Divergence& divergence : input.ensemble.diverged) {
    kept.diverged_replica.push_back(divergence.replica);
    kept.diverged_step.push_back(divergence.step);
  }
  return record;
}

results::ClosureRecord closure_record(fp::ClosureKind kind, const sweep::PointConfig& config,
                                      const fp_solver::SolveResult& solution, const ClosureComparison& comparison) {
  const fp_solver::SolveReport& report = solution.report;
  results::ClosureRecord record;
  record.name = fp::name(kind);
  record.training_data_used = fp::training_data_used(kind);
  record.exact = kind == fp::ClosureKind::fixed && others_are_constant(config);
  record.status = status_name(report.status);
  record.message = report.message;
  record.densities = solution.snapshots;
  record.anomalous_dimension = solution.anomalous_dimension;
  record.weights = comparison.weights;
  record.outputs = comparison.outputs;
  record.n_steps = report.n_steps;
  record.n_rejected = report.n_rejected;
  record.n_remaps = report.n_remaps;
  record.n_linear_iterations = report.n_linear_iterations;
  record.max_cell_peclet = report.max_cell_peclet;
  record.max_added_diffusion = report.max_added_diffusion;
  record.max_mass_error = report.max_mass_error;
  record.min_density = report.min_density;
  record.max_wall_mass = report.max_wall_mass;
  record.seconds = report.seconds;
  return record;
}

void finish_record(results::PointRecord& record, double seconds) {
  record.seconds = seconds;
  record.status = "done";
  for (const results::ClosureRecord& closure : record.closures) {
    if (closure.status == "ok") continue;
    record.status = "failed";
    record.message += (record.message.empty() ? "" : "; ") + closure.name + ": " + closure.status +
                      (closure.message.empty() ? "" : ": " + closure.message);
  }
}

}  // namespace driftwood::app
