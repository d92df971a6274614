#include "driftwood/app/record.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <utility>

#include "driftwood/app/diagnostics.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/solve_problem.hpp"
#include "driftwood/app/version.hpp"
#include "driftwood/nn/balance.hpp"

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

/// The listed parameters of all replicas, out of the kept ones.
results::PerSnapshot listed_parameters(const ensemble::EnsembleProblem& problem,
                                       const ensemble::EnsembleResult& ensemble, std::vector<int> positions) {
  const std::size_t n_all = problem.network.n_parameters();
  const bool all_are_kept = !problem.kept_parameters;  // else the listed ones are
  return [=](std::size_t number) {
    std::vector<double> kept = ensemble.all_replicas(number, true).parameters;
    if (!all_are_kept) return kept;
    std::vector<double> listed;
    for (std::size_t start = 0; start < kept.size(); start += n_all)
      for (int position : positions) listed.push_back(kept[start + position]);
    return listed;
  };
}

/// Mean and change of a linear network's invariants.
void add_balance(const nn::Network& network, const ensemble::EnsembleResult& ensemble, results::EnsembleRecord& kept) {
  const std::vector<double> first = ensemble.all_replicas(0).balance;
  if (first.empty()) return;
  kept.balance_names = nn::balance_names(network);
  const std::size_t n = kept.balance_names.size();
  for (std::size_t number = 0; number < ensemble.n_snapshots(); ++number) {
    const std::vector<double> now = ensemble.all_replicas(number).balance;
    std::vector<double> sum(n, 0.0);
    double square = 0;
    double count = 0;
    for (std::size_t start = 0; start < now.size(); start += n) {
      const auto row = std::span(now).subspan(start, n);
      if (!std::isfinite(row[0])) continue;
      for (std::size_t i = 0; i < n; ++i) sum[i] += row[i];
      square += std::pow(nn::balance_distance(network, row, std::span(first).subspan(start, n)), 2);
      count += 1;
    }
    for (double value : sum) kept.balance.push_back(value / count);
    kept.balance_change.push_back(std::sqrt(square / count));
  }
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
  kept.replica_steps_per_second = kept.seconds > 0 ? total_replica_steps(input.ensemble) / kept.seconds : 0.0;
  kept.steps = input.ensemble.steps;
  kept.times = input.ensemble.times;
  using ensemble::Snapshot;
  const auto array = [&](auto take) { return of_all_replicas(input.ensemble, take); };
  kept.w = array([](Snapshot & snapshot) -> auto& { return snapshot.tracked; });
  kept.loss = array([](Snapshot & snapshot) -> auto& { return snapshot.coefficients.loss; });
  if (kept.n_test_samples > 0) kept.test_loss = array([](Snapshot & snapshot) -> auto& { return snapshot.test_loss; });
  kept.drift = array([](Snapshot & snapshot) -> auto& { return snapshot.coefficients.drift; });
  kept.diffusion = array([](Snapshot & snapshot) -> auto& { return snapshot.coefficients.diffusion; });
  const nn::TrackedWeights listed = make_listed(point.config, input.problem.network);
  kept.parameter_names = listed.names;
  if (!listed.positions.empty()) kept.parameters = listed_parameters(input.problem, input.ensemble, listed.positions);
  mpi::agree(group, [&] {
    if (group.is_root()) add_balance(input.problem.network, input.ensemble, kept);
  });
  EnsembleDiagnostics diagnostics = diagnose(input, group);
  kept.layer_correlation = std::move(diagnostics.layer_correlation);
  kept.learning_rate_term = std::move(diagnostics.learning_rate_term);
  for (const ensemble::Divergence& divergence : input.ensemble.diverged) {
    kept.diverged_replica.push_back(divergence.replica);
    kept.diverged_step.push_back(divergence.step);
  }
  return record;
}

namespace {

/// What the closures say beyond a density.
void add_others(const nn::Network& network, const ClosureSolution& closure, results::ClosureRecord& record) {
  record.path_replica = closure.paths.replica;
  record.density_spread = closure.paths.spread;
  if (!closure.others) return;
  const fp::LayerLaw& law = closure.others->law;
  const nn::TrackedWeights all = nn::own_parameters(network);
  for (const nn::ParameterGroup& group : law.groups())
    for (const int position : group.positions) {
      const auto at = std::find(all.positions.begin(), all.positions.end(), position) - all.positions.begin();
      record.layer_parameters.push_back(all.names[at]);
    }
  for (const std::vector<double>& state : closure.others->states) {
    const std::vector<double> mean = law.means(state);
    const std::vector<double> std = law.deviations(state);
    record.layer_mean.insert(record.layer_mean.end(), mean.begin(), mean.end());
    record.layer_std.insert(record.layer_std.end(), std.begin(), std.end());
  }
}

}  // namespace

results::ClosureRecord closure_record(const sweep::PointConfig& config, const ClosureSolution& closure,
                                      const ClosureComparison& comparison) {
  const fp::ClosureKind kind = closure.kind;
  const fp_solver::SolveResult& solution = closure.solution;
  const fp_solver::SolveReport& report = solution.report;
  results::ClosureRecord record;
  record.name = fp::name(kind);
  record.training_data_used = fp::training_data_used(kind);
  record.exact = kind == fp::ClosureKind::joint || (kind == fp::ClosureKind::fixed && others_are_constant(config));
  record.status = status_name(report.status);
  record.message = report.message;
  record.densities = solution.snapshots;
  record.anomalous_dimension = solution.anomalous_dimension;
  add_others(make_network(config), closure, record);
  record.conditional = closure.conditional;
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
  record.time_step_error = report.time_step_error;
  record.max_wall_mass = report.max_wall_mass;
  record.seconds = report.seconds;
  return record;
}

namespace {

/// What the user has to know about replicas that were lost; empty where none was.
std::string divergence_message(const results::EnsembleRecord& ensemble) {
  const auto& steps = ensemble.diverged_step;
  if (steps.empty()) return {};
  return std::to_string(steps.size()) + " of " + std::to_string(ensemble.n_replicas) +
         " replicas diverged and were set aside, the first by step " +
         std::to_string(*std::min_element(steps.begin(), steps.end()));
}

/// Where a density rests on coefficients beyond the replicas; empty where hardly anywhere.
std::string thin_data_message(const results::ClosureRecord& closure, const std::vector<double>& times) {
  constexpr double worth_telling = 0.01;
  double most = 0;
  double when = 0;
  for (std::size_t number = 0; number < closure.conditional.size(); ++number)
    if (closure.conditional[number].mass_beyond > most) {
      most = closure.conditional[number].mass_beyond;
      when = times[number];
    }
  if (most <= worth_telling) return {};
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), ": up to %.2g %% of the density (t = %.3g) lies beyond the replicas",
                100 * most, when);
  return closure.name + text.data();
}

}  // namespace

void finish_record(results::PointRecord& record, double seconds) {
  record.seconds = seconds;
  record.message = divergence_message(record.ensemble);
  const bool is_all_lost = static_cast<long>(record.ensemble.diverged_step.size()) == record.ensemble.n_replicas;
  record.status = is_all_lost ? "failed" : "done";
  for (const results::ClosureRecord& closure : record.closures) {
    const auto tell = [&](const std::string& what) {
      if (!what.empty()) record.message += (record.message.empty() ? "" : "; ") + what;
    };
    tell(thin_data_message(closure, record.ensemble.times));
    if (closure.status == "ok") continue;
    record.status = "failed";
    tell(closure.name + ": " + closure.status + (closure.message.empty() ? "" : ": " + closure.message));
  }
}

}  // namespace driftwood::app
