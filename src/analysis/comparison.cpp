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

/// Distances of one scalar output between theory and experiment, and between the experiment's halves.
struct ScalarComparison {
  Measured wasserstein1;
  Measured kolmogorov_smirnov;
};

ScalarComparison compare_scalars(std::span<const double> experiment, std::vector<double> theory,
                                 const stats::HalfSplits& splits) {
  const std::vector<int> order = stats::ascending_order(experiment);
  const std::vector<double> sorted = in_order(experiment, order);
  std::sort(theory.begin(), theory.end());
  const stats::HalfDistances floor = mean_of(splits.distances(experiment, order));
  ScalarComparison result;
  result.wasserstein1 = {stats::wasserstein1_sorted(sorted, theory), scale_to_equal_samples * floor.wasserstein1};
  result.kolmogorov_smirnov = {stats::kolmogorov_smirnov_sorted(sorted, theory),
                               scale_to_equal_samples * floor.kolmogorov_smirnov};
  return result;
}

/// The outputs f of test input `input`, projected on `direction`: one value per replica.
std::vector<double> project(const OutputSamples& samples, std::span<const double> outputs, int input,
                            std::span<const double> direction) {
  const long n_outputs = samples.n_outputs;
  std::vector<double> values(samples.n);
  for (long r = 0; r < samples.n; ++r) {
    const double* f = &outputs[(r * samples.n_inputs + input) * n_outputs];
    values[r] = std::inner_product(direction.begin(), direction.end(), f, 0.0);
  }
  return values;
}

void add_share(Measured& sum, const Measured& term, int n_terms) {
  sum.distance += term.distance / n_terms;
  sum.floor += term.floor / n_terms;
}

void require_finite(std::span<const double> values) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (!std::all_of(values.begin(), values.end(), finite))
    throw InternalError("a comparison was given a replica that is not finite");
}

void require_consistent(const OutputSamples& samples) {
  const auto size = static_cast<std::size_t>(samples.n) * samples.n_inputs * samples.n_outputs;
  if (size == 0 || samples.experiment.size() != size || samples.theory.size() != size)
    throw InternalError("output samples must be n x inputs x outputs for theory and experiment, none empty");
  require_finite(samples.experiment);
  require_finite(samples.theory);
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

OutputComparison compare_outputs(const OutputSamples& samples, int n_splits, int n_projections,
                                 const CounterRandom& random) {
  require_consistent(samples);
  const int n_outputs = samples.n_outputs;
  const int n_directions = n_outputs == 1 ? std::min(n_projections, 1) : n_projections;
  const stats::HalfSplits splits(static_cast<int>(samples.n), n_splits, random);
  const std::vector<double> directions = stats::random_directions(n_outputs, n_directions, random);
  const auto compare = [&](int input, std::span<const double> direction) {
    return compare_scalars(project(samples, samples.experiment, input, direction),
                           project(samples, samples.theory, input, direction), splits);
  };
  OutputComparison result;
  result.wasserstein1.resize(n_outputs);
  result.kolmogorov_smirnov.resize(n_outputs);
  for (int input = 0; input < samples.n_inputs; ++input) {
    for (int j = 0; j < n_outputs; ++j) {
      std::vector<double> axis(n_outputs, 0.0);
      axis[j] = 1;
      const ScalarComparison scalar = compare(input, axis);
      add_share(result.wasserstein1[j], scalar.wasserstein1, samples.n_inputs);
      add_share(result.kolmogorov_smirnov[j], scalar.kolmogorov_smirnov, samples.n_inputs);
    }
    for (int k = 0; k < n_directions; ++k) {
      const std::span<const double> direction(&directions[static_cast<std::size_t>(k) * n_outputs], n_outputs);
      add_share(result.sliced_wasserstein1, compare(input, direction).wasserstein1, samples.n_inputs * n_directions);
    }
  }
  return result;
}

}  // namespace driftwood::analysis
