#include "driftwood/stats/distances.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "driftwood/core/error.hpp"

namespace driftwood::stats {

namespace {

void require_values(std::span<const double> sample) {
  if (sample.empty()) throw InternalError("a distance or moment of an empty sample was asked for");
}

std::vector<double> sorted_copy(std::span<const double> sample) {
  std::vector<double> copy(sample.begin(), sample.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

/// Walks the merged order of two sorted samples: visit(x, next, excess) with (F - G) n_a n_b = excess on [x, next). The
/// excess is an integer, so samples that agree give exactly 0.
template <class Visit>
void walk_merged(std::span<const double> a, std::span<const double> b, Visit&& visit) {
  const auto n_a = static_cast<long long>(a.size());
  const auto n_b = static_cast<long long>(b.size());
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    const double x = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
    while (i < a.size() && a[i] <= x) ++i;
    while (j < b.size() && b[j] <= x) ++j;
    double next = x;
    if (i < a.size()) next = a[i];
    if (j < b.size()) next = i < a.size() ? std::min(next, b[j]) : b[j];
    visit(x, next, static_cast<long long>(i) * n_b - static_cast<long long>(j) * n_a);
  }
}

double product_of_sizes(std::span<const double> a, std::span<const double> b) {
  return static_cast<double>(a.size()) * static_cast<double>(b.size());
}

}  // namespace

Moments moments(std::span<const double> sample) {
  require_values(sample);
  const double n = static_cast<double>(sample.size());
  // Shifted by a member of the sample: a constant sample has exactly no spread.
  const double shift = sample[0];
  double sum = 0;
  for (const double x : sample) sum += x - shift;
  Moments result;
  result.mean = shift + sum / n;
  double second = 0;
  double third = 0;
  double fourth = 0;
  for (const double x : sample) {
    const double u = (x - shift) - sum / n;
    second += u * u;
    third += u * u * u;
    fourth += u * u * u * u;
  }
  const double variance = second / n;
  result.std = std::sqrt(variance);
  const double undefined = std::numeric_limits<double>::quiet_NaN();
  result.skewness = variance > 0 ? third / n / (variance * result.std) : undefined;
  result.kurtosis = variance > 0 ? fourth / n / (variance * variance) : undefined;
  return result;
}

double wasserstein1_sorted(std::span<const double> a, std::span<const double> b) {
  require_values(a);
  require_values(b);
  double total = 0;
  walk_merged(a, b, [&](double x, double next, long long excess) {
    total += static_cast<double>(std::llabs(excess)) * (next - x);
  });
  return total / product_of_sizes(a, b);
}

double wasserstein1(std::span<const double> a, std::span<const double> b) {
  return wasserstein1_sorted(sorted_copy(a), sorted_copy(b));
}

double kolmogorov_smirnov_sorted(std::span<const double> a, std::span<const double> b) {
  require_values(a);
  require_values(b);
  long long largest = 0;
  walk_merged(a, b, [&](double, double, long long excess) { largest = std::max(largest, std::llabs(excess)); });
  return static_cast<double>(largest) / product_of_sizes(a, b);
}

double kolmogorov_smirnov(std::span<const double> a, std::span<const double> b) {
  return kolmogorov_smirnov_sorted(sorted_copy(a), sorted_copy(b));
}

double energy_distance_sorted(std::span<const double> a, std::span<const double> b) {
  require_values(a);
  require_values(b);
  double total = 0;
  walk_merged(a, b, [&](double x, double next, long long excess) {
    const double difference = static_cast<double>(excess) / product_of_sizes(a, b);
    total += difference * difference * (next - x);
  });
  return std::sqrt(2 * total);
}

std::vector<double> random_directions(int dimension, int n_directions, const CounterRandom& random) {
  std::vector<double> directions(static_cast<std::size_t>(dimension) * n_directions);
  for (int k = 0; k < n_directions; ++k) {
    double* direction = &directions[static_cast<std::size_t>(k) * dimension];
    double square = 0;
    for (int i = 0; i < dimension; ++i) {
      direction[i] = random.normal(RandomPurpose::projection, i, 0, k);
      square += direction[i] * direction[i];
    }
    for (int i = 0; i < dimension; ++i) direction[i] /= std::sqrt(square);
  }
  return directions;
}

std::vector<int> random_halves(int n, const CounterRandom& random, std::uint32_t split) {
  std::vector<int> permutation(n);
  std::iota(permutation.begin(), permutation.end(), 0);
  // Fisher-Yates; draw i of the stream is word i % 4 of block i / 4.
  CounterRandom::Block words{};
  for (int i = 0; i + 1 < n; ++i) {
    if (i % 4 == 0) words = random.block(RandomPurpose::ensemble_split, i / 4, split, 0);
    const auto bound = static_cast<std::uint64_t>(n - i);
    const auto chosen = static_cast<int>((words[i % 4] * bound) >> 32);
    std::swap(permutation[i], permutation[i + chosen]);
  }
  return permutation;
}

}  // namespace driftwood::stats
