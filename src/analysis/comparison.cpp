#include "driftwood/analysis/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "driftwood/core/error.hpp"
#include "driftwood/stats/half_splits.hpp"

namespace driftwood::analysis {

namespace {

// A floor is measured between halves (variance 2 / (n/2)) and scaled to the sizes that are compared.
constexpr double half_half_variance = 4.0;
const double scale_to_exact_theory = std::sqrt(1.0 / half_half_variance);
const double scale_to_equal_samples = std::sqrt(2.0 / half_half_variance);

std::vector<double> in_order(std::span<const double> values, std::span<const int> order) {
  std::vector<double> sorted(values.size());
  for (std::size_t k = 0; k < order.size(); ++k) sorted[k] = values[order[k]];
  return sorted;
}

/// Mean over the splits.
stats::HalfDistances mean_of(const std::vector<stats::HalfDistances>& splits) {
  stats::HalfDistances mean;
  for (const stats::HalfDistances& split : splits) {
    mean.wasserstein1 += split.wasserstein1 / static_cast<double>(splits.size());
    mean.kolmogorov_smirnov += split.kolmogorov_smirnov / static_cast<double>(splits.size());
  }
  return mean;
}

/// Root mean square over the splits.
stats::HalfMoments root_mean_square_of(const std::vector<stats::HalfMoments>& splits) {
  stats::HalfMoments square;
  for (const stats::HalfMoments& split : splits) {
    square.mean += split.mean * split.mean / static_cast<double>(splits.size());
    square.std += split.std * split.std / static_cast<double>(splits.size());
  }
  return {std::sqrt(square.mean), std::sqrt(square.std)};
}

void add_share(Measured& sum, double distance, double floor, int n_terms) {
  sum.distance += distance / n_terms;
  sum.floor += floor / n_terms;
}

void require_finite(std::span<const double> values) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (!std::all_of(values.begin(), values.end(), finite))
    throw InternalError("a comparison was given a replica that is not finite");
}

}  // namespace

CoordinateComparison compare_coordinate(std::span<const double> sample, const fp::Marginal& theory, int n_splits,
                                        const CounterRandom& random) {
  require_finite(sample);
  CoordinateComparison result;
  result.experiment = stats::moments(sample);
  result.theory = {theory.mean(), std::sqrt(theory.variance()), theory.skewness(), theory.kurtosis()};
  const std::vector<int> order = stats::ascending_order(sample);
  const std::vector<double> sorted = in_order(sample, order);
  const stats::HalfSplits splits(static_cast<int>(sample.size()), n_splits, random);
  const stats::HalfDistances floor = mean_of(splits.distances(sample, order));
  const stats::HalfMoments moment_floor = root_mean_square_of(splits.moments(sample));
  result.wasserstein1 = {wasserstein1(sorted, theory), scale_to_exact_theory * floor.wasserstein1};
  result.kolmogorov_smirnov = {kolmogorov_smirnov(sorted, theory), scale_to_exact_theory * floor.kolmogorov_smirnov};
  result.mean = {std::abs(result.experiment.mean - result.theory.mean), scale_to_exact_theory * moment_floor.mean};
  result.std = {std::abs(result.experiment.std - result.theory.std), scale_to_exact_theory * moment_floor.std};
  return result;
}

OutputReference::OutputReference(std::span<const double> experiment, const OutputSampling& sampling,
                                 const CounterRandom& random)
    : sampling_(sampling) {
  const int n_outputs = sampling.n_outputs;
  const std::size_t row = static_cast<std::size_t>(sampling.n_inputs) * n_outputs;
  n_ = row > 0 ? experiment.size() / row : 0;
  require_shape(experiment);
  directions_.assign(static_cast<std::size_t>(n_outputs) * n_outputs, 0.0);
  for (int j = 0; j < n_outputs; ++j) directions_[static_cast<std::size_t>(j) * n_outputs + j] = 1;
  const int n_projections = n_outputs == 1 ? std::min(sampling.n_projections, 1) : sampling.n_projections;
  const std::vector<double> projections = stats::random_directions(n_outputs, n_projections, random);
  directions_.insert(directions_.end(), projections.begin(), projections.end());
  n_directions_ = n_outputs + n_projections;

  const stats::HalfSplits splits(static_cast<int>(n_), sampling.n_splits, random);
  for (int input = 0; input < sampling.n_inputs; ++input)
    for (int direction = 0; direction < n_directions_; ++direction) {
      const std::vector<double> values = project(experiment, input, direction);
      const std::vector<int> order = stats::ascending_order(values);
      const stats::HalfDistances floor = mean_of(splits.distances(values, order));
      scalars_.push_back({in_order(values, order), scale_to_equal_samples * floor.wasserstein1,
                          scale_to_equal_samples * floor.kolmogorov_smirnov});
    }
}

void OutputReference::require_shape(std::span<const double> outputs) const {
  if (n_ == 0 || outputs.size() != n_ * sampling_.n_inputs * sampling_.n_outputs)
    throw InternalError("output samples must be n x inputs x outputs for theory and experiment, none empty");
  require_finite(outputs);
}

std::vector<double> OutputReference::project(std::span<const double> outputs, int input, int direction) const {
  const auto n_outputs = static_cast<std::size_t>(sampling_.n_outputs);
  const std::span<const double> along(&directions_[direction * n_outputs], n_outputs);
  std::vector<double> values(n_);
  for (std::size_t r = 0; r < n_; ++r) {
    const double* f = &outputs[(r * sampling_.n_inputs + input) * n_outputs];
    values[r] = std::inner_product(along.begin(), along.end(), f, 0.0);
  }
  return values;
}

OutputComparison OutputReference::compare(std::span<const double> theory) const {
  require_shape(theory);
  const int n_outputs = sampling_.n_outputs;
  const int n_inputs = sampling_.n_inputs;
  OutputComparison result;
  result.wasserstein1.resize(n_outputs);
  result.kolmogorov_smirnov.resize(n_outputs);
  for (int input = 0; input < n_inputs; ++input)
    for (int direction = 0; direction < n_directions_; ++direction) {
      const Scalar& experiment = scalars_[static_cast<std::size_t>(input) * n_directions_ + direction];
      const std::vector<double> sorted = stats::sorted(project(theory, input, direction));
      const double distance = stats::wasserstein1_sorted(experiment.sorted, sorted);
      if (direction >= n_outputs) {
        add_share(result.sliced_wasserstein1, distance, experiment.wasserstein1_floor,
                  n_inputs * (n_directions_ - n_outputs));
        continue;
      }
      add_share(result.wasserstein1[direction], distance, experiment.wasserstein1_floor, n_inputs);
      add_share(result.kolmogorov_smirnov[direction], stats::kolmogorov_smirnov_sorted(experiment.sorted, sorted),
                experiment.kolmogorov_smirnov_floor, n_inputs);
    }
  return result;
}

}  // namespace driftwood::analysis
