#include "driftwood/analysis/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/core/for_each_isa.hpp"

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
    mean.energy += split.energy / static_cast<double>(splits.size());
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

/// Directions of the permutation test for each input: more of them cost more than they tell.
constexpr int tested_directions = 2;

/// distances += weight |ranks - rank|
DRIFTWOOD_FOR_EACH_ISA
void add_differences(double weight, const std::uint32_t* __restrict ranks, std::int32_t rank, long n,
                     double* __restrict distances) {
  for (long sample = 0; sample < n; ++sample)
    distances[sample] += weight * std::abs(static_cast<std::int32_t>(ranks[sample]) - rank);
}

/// Adds the Wasserstein-1 distance of each bootstrap sample of a (ranks: size + 1 x samples) to a sample b of equal size.
void add_resampled_wasserstein1(std::span<const double> a, std::span<const std::uint32_t> ranks,
                                std::span<const double> b, std::span<double> distances) {
  const std::size_t n_samples = distances.size();
  if (n_samples == 0) return;
  const double n = static_cast<double>(a.size());
  std::size_t i = 0;
  std::size_t j = 0;
  double x = std::min(a.front(), b.front());
  while (i < a.size() || j < b.size()) {
    const double next = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
    const double weight = (next - x) / n;
    if (weight > 0)
      add_differences(weight, &ranks[i * n_samples], static_cast<std::int32_t>(j), static_cast<long>(n_samples),
                      distances.data());
    x = next;
    while (i < a.size() && a[i] <= x) ++i;
    while (j < b.size() && b[j] <= x) ++j;
  }
}

void require_finite(std::span<const double> values) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (!std::all_of(values.begin(), values.end(), finite))
    throw InternalError("a comparison was given a replica that is not finite");
}

}  // namespace

CoordinateComparison compare_coordinate(std::span<const double> sample, const fp::Marginal& theory,
                                        const Resampling& resampling) {
  require_finite(sample);
  if (sample.size() != static_cast<std::size_t>(resampling.splits.size()))
    throw InternalError("a comparison was given splits of other replicas");
  CoordinateComparison result;
  result.experiment = stats::moments(sample);
  result.theory = {theory.mean(), std::sqrt(theory.variance()), theory.skewness(), theory.kurtosis()};
  const std::vector<int> order = stats::ascending_order(sample);
  const std::vector<double> sorted = in_order(sample, order);
  const stats::HalfDistances floor = mean_of(resampling.splits.distances(sample, order));
  const stats::HalfMoments moment_floor = root_mean_square_of(resampling.splits.moments(sample));
  const double scale = scale_to_exact_theory;
  result.wasserstein1 = {wasserstein1(sorted, theory), scale * floor.wasserstein1};
  result.kolmogorov_smirnov = {kolmogorov_smirnov(sorted, theory), scale * floor.kolmogorov_smirnov};
  result.energy = {energy_distance(sorted, theory), scale * floor.energy};
  const int n_bins = histogram_bins(sample.size());
  result.kullback_leibler = {kullback_leibler(sorted, theory, n_bins),
                             (n_bins - 1) / (2 * static_cast<double>(sample.size()))};
  result.mean = {std::abs(result.experiment.mean - result.theory.mean), scale * moment_floor.mean};
  result.std = {std::abs(result.experiment.std - result.theory.std), scale * moment_floor.std};
  std::vector<double> resampled(resampling.bootstrap.n_samples());
  wasserstein1_resampled(sorted, resampling.bootstrap.ranks(order), resampled.size(), theory, resampled);
  result.wasserstein1_interval = basic_interval(result.wasserstein1.distance, std::move(resampled));
  return result;
}

OutputReference::OutputReference(std::span<const double> experiment, const OutputShape& shape,
                                 const Resampling& resampling, const CounterRandom& random)
    : experiment_(experiment), shape_(shape), resampling_(resampling) {
  const int n_outputs = shape.n_outputs;
  const std::size_t row = static_cast<std::size_t>(shape.n_inputs) * n_outputs;
  n_ = row > 0 ? experiment.size() / row : 0;
  require_shape(experiment);
  if (n_ != static_cast<std::size_t>(resampling.splits.size()))
    throw InternalError("a comparison was given splits of other replicas");
  directions_.assign(static_cast<std::size_t>(n_outputs) * n_outputs, 0.0);
  for (int j = 0; j < n_outputs; ++j) directions_[static_cast<std::size_t>(j) * n_outputs + j] = 1;
  const int n_projections = n_outputs == 1 ? std::min(shape.n_projections, 1) : shape.n_projections;
  const std::vector<double> projections = stats::random_directions(n_outputs, n_projections, random);
  directions_.insert(directions_.end(), projections.begin(), projections.end());
  n_directions_ = n_outputs + n_projections;

  for (int input = 0; input < shape.n_inputs; ++input)
    for (int direction = 0; direction < n_directions_; ++direction) {
      const std::vector<double> values = project(experiment, input, direction);
      std::vector<int> order = stats::ascending_order(values);
      stats::HalfDistances floor = mean_of(resampling.splits.distances(values, order));
      for (double* distance : {&floor.wasserstein1, &floor.kolmogorov_smirnov, &floor.energy})
        *distance *= scale_to_equal_samples;
      std::vector<double> sorted = in_order(values, order);
      scalars_.push_back({std::move(sorted), std::move(order), floor});
    }
}

void OutputReference::require_shape(std::span<const double> outputs) const {
  if (n_ == 0 || outputs.size() != n_ * shape_.n_inputs * shape_.n_outputs)
    throw InternalError("output samples must be n x inputs x outputs for theory and experiment, none empty");
  require_finite(outputs);
}

std::vector<double> OutputReference::project(std::span<const double> outputs, int input, int direction) const {
  const auto n_outputs = static_cast<std::size_t>(shape_.n_outputs);
  const std::span<const double> along(&directions_[direction * n_outputs], n_outputs);
  std::vector<double> values(n_);
  for (std::size_t r = 0; r < n_; ++r) {
    const double* f = &outputs[(r * shape_.n_inputs + input) * n_outputs];
    values[r] = std::inner_product(along.begin(), along.end(), f, 0.0);
  }
  return values;
}

OutputComparison OutputReference::compare(std::span<const double> theory) const {
  require_shape(theory);
  const int n_outputs = shape_.n_outputs;
  const int n_inputs = shape_.n_inputs;
  OutputComparison result;
  result.wasserstein1.resize(n_outputs);
  result.kolmogorov_smirnov.resize(n_outputs);
  result.energy.resize(n_outputs);
  std::vector<double> resampled(resampling_.bootstrap.n_samples(), 0.0);
  for (int input = 0; input < n_inputs; ++input)
    for (int direction = 0; direction < n_directions_; ++direction) {
      const Scalar& experiment = scalars_[static_cast<std::size_t>(input) * n_directions_ + direction];
      const std::vector<double> sorted = stats::sorted(project(theory, input, direction));
      const double distance = stats::wasserstein1_sorted(experiment.sorted, sorted);
      if (direction >= n_outputs) {
        add_share(result.joint.sliced_wasserstein1, distance, experiment.floor.wasserstein1,
                  n_inputs * (n_directions_ - n_outputs));
        add_resampled_wasserstein1(experiment.sorted, resampling_.bootstrap.ranks(experiment.order), sorted, resampled);
        continue;
      }
      add_share(result.wasserstein1[direction], distance, experiment.floor.wasserstein1, n_inputs);
      add_share(result.kolmogorov_smirnov[direction], stats::kolmogorov_smirnov_sorted(experiment.sorted, sorted),
                experiment.floor.kolmogorov_smirnov, n_inputs);
      add_share(result.energy[direction], stats::energy_distance_sorted(experiment.sorted, sorted),
                experiment.floor.energy, n_inputs);
    }
  add_joint(theory, std::move(resampled), result);
  return result;
}

void OutputReference::add_joint(std::span<const double> theory, std::vector<double> resampled,
                                OutputComparison& result) const {
  const int n_outputs = shape_.n_outputs;
  const int n_projections = n_directions_ - n_outputs;
  for (double& sum : resampled) sum /= shape_.n_inputs * n_projections;
  result.joint.sliced_interval = basic_interval(result.joint.sliced_wasserstein1.distance, std::move(resampled));
  const auto along = std::span(directions_).subspan(static_cast<std::size_t>(n_outputs) * n_outputs,
                                                    std::min(n_projections, tested_directions) * n_outputs);
  const PermutationTest test =
      permutation_test(experiment_, theory, shape_.n_inputs, n_outputs, along, resampling_.permutations);
  result.joint.p_value = test.p_value;
  result.joint.verdict = verdict_of(test.p_value, test.distance);
}

}  // namespace driftwood::analysis
