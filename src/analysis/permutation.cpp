#include "driftwood/analysis/permutation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/stats/distances.hpp"

namespace driftwood::analysis {

namespace {

constexpr double level = 0.05;
constexpr double far_away = 0.5;

/// The rows in lexicographic order: the test must not depend on the order in which replicas and draws come.
std::vector<double> in_row_order(std::span<const double> sample, std::size_t row) {
  std::vector<std::size_t> starts;
  for (std::size_t start = 0; start < sample.size(); start += row) starts.push_back(start);
  std::sort(starts.begin(), starts.end(), [&](std::size_t a, std::size_t b) {
    return std::lexicographical_compare(sample.begin() + static_cast<std::ptrdiff_t>(a),
                                        sample.begin() + static_cast<std::ptrdiff_t>(a + row),
                                        sample.begin() + static_cast<std::ptrdiff_t>(b),
                                        sample.begin() + static_cast<std::ptrdiff_t>(b + row));
  });
  std::vector<double> ordered;
  ordered.reserve(sample.size());
  for (const std::size_t start : starts)
    ordered.insert(ordered.end(), sample.begin() + static_cast<std::ptrdiff_t>(start),
                   sample.begin() + static_cast<std::ptrdiff_t>(start + row));
  return ordered;
}

/// One item of the pooled rows, every coordinate divided by its standard deviation: 2n x n_coordinates.
std::vector<double> pooled_item(std::span<const double> a, std::span<const double> b, int n_items, int n_coordinates,
                                int item) {
  std::vector<double> pooled;
  const std::size_t row = static_cast<std::size_t>(n_items) * n_coordinates;
  for (const std::span<const double> sample : {a, b})
    for (std::size_t start = 0; start < sample.size(); start += row)
      for (int k = 0; k < n_coordinates; ++k) pooled.push_back(sample[start + item * n_coordinates + k]);
  std::vector<double> column(pooled.size() / n_coordinates);
  for (int k = 0; k < n_coordinates; ++k) {
    for (std::size_t r = 0; r < column.size(); ++r) column[r] = pooled[r * n_coordinates + k];
    const double std = stats::moments(column).std;
    for (std::size_t r = 0; r < column.size(); ++r) pooled[r * n_coordinates + k] /= std > 0 ? std : 1.0;
  }
  return pooled;
}

/// Wasserstein-1 distance between the first and the second half of the values, given their order.
double observed_distance(std::span<const double> values, std::span<const int> order) {
  const int n = static_cast<int>(values.size()) / 2;
  double area = 0;
  int excess = 0;
  for (std::size_t k = 0; k + 1 < order.size(); ++k) {
    excess += order[k] < n ? 1 : -1;
    area += std::abs(excess) * (values[order[k + 1]] - values[order[k]]);
  }
  return area / n;
}

}  // namespace

PermutationTest permutation_test(std::span<const double> a, std::span<const double> b, int n_items, int n_coordinates,
                                 std::span<const double> directions, const stats::HalfSplits& permutations) {
  const std::size_t row = static_cast<std::size_t>(n_items) * n_coordinates;
  if (row == 0 || a.empty() || a.size() != b.size() || a.size() % row != 0 || directions.empty() ||
      directions.size() % n_coordinates != 0 || static_cast<std::size_t>(permutations.size()) * row != 2 * a.size())
    throw InternalError("a permutation test needs two samples of equal size and a direction");
  for (const std::span<const double> sample : {a, b})
    if (!std::all_of(sample.begin(), sample.end(), [](double x) { return std::isfinite(x); }))
      throw InternalError("a permutation test was given a replica that is not finite");
  const std::vector<double> ordered_a = in_row_order(a, row);
  const std::vector<double> ordered_b = in_row_order(b, row);
  const std::size_t n_rows = 2 * a.size() / row;
  const std::size_t n_directions = directions.size() / n_coordinates;
  const int n_permutations = permutations.n_splits();
  PermutationTest result;
  std::vector<double> permuted(n_permutations, 0.0);
  std::vector<double> values(n_rows);
  for (int item = 0; item < n_items; ++item) {
    const std::vector<double> pooled = pooled_item(ordered_a, ordered_b, n_items, n_coordinates, item);
    for (std::size_t direction = 0; direction < n_directions; ++direction) {
      for (std::size_t r = 0; r < n_rows; ++r) {
        values[r] = 0;
        for (int k = 0; k < n_coordinates; ++k)
          values[r] += directions[direction * n_coordinates + k] * pooled[r * n_coordinates + k];
      }
      const std::vector<int> order = stats::ascending_order(values);
      result.distance += observed_distance(values, order);
      const std::vector<double> distances = permutations.wasserstein1(values, order);
      for (int p = 0; p < n_permutations; ++p) permuted[p] += distances[p];
    }
  }
  // The sums of equal distances are equal up to rounding.
  const double least = result.distance * (1 - 1e-12);
  const auto n_beyond = std::count_if(permuted.begin(), permuted.end(), [&](double d) { return d >= least; });
  result.distance /= static_cast<double>(n_items * n_directions);
  result.p_value = (1.0 + static_cast<double>(n_beyond)) / (1.0 + n_permutations);
  return result;
}

const char* name(Verdict verdict) {
  switch (verdict) {
    case Verdict::indistinguishable:
      return "indistinguishable";
    case Verdict::distinguishable:
      return "distinguishable";
    case Verdict::far:
      return "far";
  }
  return "unknown";
}

Verdict verdict_of(double p_value, double relative_distance) {
  if (p_value >= level) return Verdict::indistinguishable;
  return relative_distance < far_away ? Verdict::distinguishable : Verdict::far;
}

}  // namespace driftwood::analysis
