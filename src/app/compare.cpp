#include "driftwood/app/compare.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "closures/theory_rows.hpp"
#include "driftwood/nn/training.hpp"

namespace driftwood::app {

namespace {

std::vector<double> finite_rows(const ClosureInput& input, const std::vector<double>& parameters) {
  const std::size_t n_parameters = input.problem.network.n_parameters();
  std::vector<double> rows;
  for (std::size_t start = 0; start < parameters.size(); start += n_parameters)
    if (std::isfinite(parameters[start]))
      rows.insert(rows.end(), &parameters[start], &parameters[start] + n_parameters);
  return rows;
}

analysis::WeightComparison compare_weights(const ClosureInput& input, const TrackedSnapshot& tracked,
                                           const analysis::Resampling& resampling,
                                           const analysis::OutputReference& reference, const fp::Density& density,
                                           std::uint32_t step) {
  constexpr int n_pieces = 1024;  // fine against the steps of 10^4 replicas' distribution function
  const int d = density.dimension();
  analysis::WeightComparison result;
  for (int axis = 0; axis < d; ++axis) {
    std::vector<double> sample(tracked.size());
    for (long i = 0; i < tracked.size(); ++i) sample[i] = tracked.w[i * d + axis];
    const fp::Marginal theory = fp::smoothed(fp::marginal(density, axis), n_pieces);
    result.coordinates.push_back(analysis::compare_coordinate(sample, theory, resampling));
  }
  result.joint = reference.compare(fp::draw(density, tracked.size(), input.problem.random, step)).joint;
  return result;
}

/// One snapshot's comparison as numbers in a row, so that ranks can exchange it; `visit` is called with every number in
/// a fixed order, for reading or for writing.
template <class Visit>
void visit_numbers(analysis::WeightComparison& weights, analysis::OutputComparison& outputs, Visit&& visit) {
  const auto measured = [&](analysis::Measured& value) {
    visit(value.distance);
    visit(value.floor);
  };
  const auto interval = [&](analysis::Interval& value) {
    visit(value.low);
    visit(value.high);
  };
  const auto joint = [&](analysis::JointComparison& value) {
    measured(value.sliced_wasserstein1);
    interval(value.sliced_interval);
    visit(value.p_value);
    auto verdict = static_cast<double>(value.verdict);
    visit(verdict);
    value.verdict = static_cast<analysis::Verdict>(verdict);
  };
  const auto moments = [&](stats::Moments& value) {
    for (double* number : {&value.mean, &value.std, &value.skewness, &value.kurtosis}) visit(*number);
  };
  for (analysis::CoordinateComparison& coordinate : weights.coordinates) {
    for (analysis::Measured* value : {&coordinate.wasserstein1, &coordinate.kolmogorov_smirnov, &coordinate.energy,
                                      &coordinate.kullback_leibler, &coordinate.mean, &coordinate.std})
      measured(*value);
    interval(coordinate.wasserstein1_interval);
    moments(coordinate.theory);
    moments(coordinate.experiment);
  }
  joint(weights.joint);
  for (auto* const values : {&outputs.wasserstein1, &outputs.kolmogorov_smirnov, &outputs.energy})
    for (analysis::Measured& value : *values) measured(value);
  joint(outputs.joint);
}

std::vector<ClosureComparison> unpack(const std::vector<double>& numbers,
                                      const std::vector<ClosureSolution>& predictions, std::size_t n_snapshots, int d,
                                      int n_outputs) {
  std::vector<ClosureComparison> comparisons(predictions.size());
  auto next = numbers.begin();
  for (std::size_t k = 0; k < n_snapshots; ++k)
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      if (k >= predictions[i].solution.snapshots.size()) continue;
      analysis::WeightComparison weights{std::vector<analysis::CoordinateComparison>(d), {}};
      analysis::OutputComparison outputs;
      for (auto* const values : {&outputs.wasserstein1, &outputs.kolmogorov_smirnov, &outputs.energy})
        values->resize(n_outputs);
      visit_numbers(weights, outputs, [&](double& number) { number = *next++; });
      comparisons[i].weights.push_back(std::move(weights));
      comparisons[i].outputs.push_back(std::move(outputs));
    }
  return comparisons;
}

/// The outputs that one rank compares: those of its snapshot, of all replicas.
struct SnapshotOutputs {
  std::vector<double> experiment;
  std::vector<std::vector<double>> theory;  ///< one a prediction; empty where there is no density
};

/// All ranks push their replicas through the test inputs for the snapshots [first, first + number of ranks); each rank
/// keeps one of them. Collective.
SnapshotOutputs share_outputs(const std::vector<ClosureSolution>& predictions, const ClosureInput& input,
                              const std::vector<int>& inputs, std::size_t first, std::size_t n_snapshots,
                              const mpi::Communicator& communicator) {
  SnapshotOutputs mine;
  mine.theory.resize(predictions.size());
  const auto outputs_of = [&](const std::vector<double>& rows) {
    return communicator.all_gather(nn::outputs(input.problem.network, comparison_data(input), inputs, rows));
  };
  const std::size_t own = first + communicator.rank();
  for (std::size_t k = first; k < std::min(n_snapshots, first + communicator.size()); ++k) {
    ensemble::Snapshot local;
    TrackedSnapshot tracked;
    mpi::agree(communicator, [&] {
      local = input.ensemble.snapshot(k);
      tracked = input.tracked[k];
    });
    std::vector<double> experiment = outputs_of(finite_rows(input, local.parameters));
    if (k == own) mine.experiment = std::move(experiment);
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      if (k >= predictions[i].solution.snapshots.size()) continue;
      std::vector<double> theory = outputs_of(theory_rows(predictions[i], input, k, tracked, local));
      if (k == own) mine.theory[i] = std::move(theory);
    }
  }
  return mine;
}

}  // namespace

const data::Dataset& comparison_data(const ClosureInput& input) {
  return input.held_out.n_samples > 0 ? input.held_out : input.dataset;
}

std::vector<int> test_inputs(const data::Dataset& dataset, int n) {
  const int count = std::min(n, dataset.n_samples);
  std::vector<int> samples(count);
  for (int i = 0; i < count; ++i) samples[i] = static_cast<int>(static_cast<long>(i) * dataset.n_samples / count);
  return samples;
}

std::vector<ClosureComparison> compare(const std::vector<ClosureSolution>& predictions, const ClosureInput& input,
                                       const mpi::Communicator& communicator,
                                       const std::function<void(double)>& progress) {
  const auto& options = input.config.comparison;
  const std::vector<int> inputs = test_inputs(comparison_data(input), options.test_inputs);
  const analysis::OutputShape shape{static_cast<int>(inputs.size()), input.problem.network.widths.back(),
                                    options.projections};
  const analysis::OutputShape weight_shape{1, input.problem.tracked.dimension(), options.projections};
  std::optional<analysis::Resampling> resampling;
  std::size_t n_snapshots = 0;
  for (const ClosureSolution& prediction : predictions)
    n_snapshots = std::max(n_snapshots, prediction.solution.snapshots.size());
  std::vector<double> numbers;
  for (std::size_t first = 0; first < n_snapshots; first += communicator.size()) {
    const SnapshotOutputs outputs = share_outputs(predictions, input, inputs, first, n_snapshots, communicator);
    const std::size_t own = first + communicator.rank();
    std::vector<double> part;
    mpi::agree(communicator, [&] {
      if (own >= n_snapshots) return;
      const TrackedSnapshot tracked = input.tracked[own];
      const CounterRandom& random = input.problem.random;
      if (!resampling || resampling->splits.size() != tracked.size())  // a replica was lost
        resampling.emplace(static_cast<int>(tracked.size()), options.splits, options.bootstrap, options.permutations,
                           random);
      const analysis::OutputReference reference(outputs.experiment, shape, *resampling, random);
      const analysis::OutputReference weight_reference(tracked.w, weight_shape, *resampling, random);
      for (std::size_t i = 0; i < predictions.size(); ++i) {
        const std::vector<fp::Density>& densities = predictions[i].solution.snapshots;
        if (own >= densities.size()) continue;
        auto weights =
            compare_weights(input, tracked, *resampling, weight_reference, densities[own], input.ensemble.steps[own]);
        auto distances = reference.compare(outputs.theory[i]);
        visit_numbers(weights, distances, [&](double& number) { part.push_back(number); });
      }
    });
    const std::vector<double> round = communicator.all_gather(part);
    numbers.insert(numbers.end(), round.begin(), round.end());
    if (progress)
      progress(std::min(1.0, static_cast<double>(first + communicator.size()) / static_cast<double>(n_snapshots)));
  }
  return unpack(numbers, predictions, n_snapshots, input.problem.tracked.dimension(), shape.n_outputs);
}

}  // namespace driftwood::app
