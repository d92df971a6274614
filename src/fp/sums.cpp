#include "driftwood/fp/sums.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "driftwood/core/for_each_isa.hpp"

namespace driftwood::fp {

namespace {

/// Sums are taken in so many lanes, whatever the instruction set.
constexpr long n_lanes = 16;
using Lanes = std::array<double, n_lanes>;

DRIFTWOOD_ALWAYS_INLINE double upper_part(double mass) {
  return (mass + 1.0) - 1.0;
}
DRIFTWOOD_ALWAYS_INLINE double lower_part(double mass, double upper) {
  constexpr double shift = 0x1.8p-28;  // its last bit is 2^-80
  return ((mass - upper) + shift) - shift;
}

}  // namespace

DRIFTWOOD_FOR_EACH_ISA
double pairwise_sum(std::span<const double> values) {
  constexpr std::size_t short_enough = 512;
  if (values.size() > short_enough) {
    const std::size_t half = values.size() / 2 / n_lanes * n_lanes;
    return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
  }
  const auto n = static_cast<long>(values.size());
  const double* x = values.data();
  Lanes sum{};
  long i = 0;
  for (; i + n_lanes <= n; i += n_lanes)
    for (long lane = 0; lane < n_lanes; ++lane) sum[lane] += x[i + lane];
  for (; i < n; ++i) sum[i % n_lanes] += x[i];
  for (long width = n_lanes / 2; width > 0; width /= 2)
    for (long lane = 0; lane < width; ++lane) sum[lane] += sum[lane + width];
  return sum[0];
}

DRIFTWOOD_FOR_EACH_ISA
void add_row(std::span<const double> masses, OrderlessSum& sum, double* upper_of_columns, double* lower_of_columns) {
  const auto n = static_cast<long>(masses.size());
  const double* __restrict mass = masses.data();
  Lanes upper{};
  Lanes lower{};
  long i = 0;
  for (; i + n_lanes <= n; i += n_lanes)
    for (long lane = 0; lane < n_lanes; ++lane) {
      const double high = upper_part(mass[i + lane]);
      upper[lane] += high;
      lower[lane] += lower_part(mass[i + lane], high);
    }
  for (; i < n; ++i) {
    const double high = upper_part(mass[i]);
    upper[0] += high;
    lower[0] += lower_part(mass[i], high);
  }
  for (long lane = 0; lane < n_lanes; ++lane) {
    sum.upper += upper[lane];
    sum.lower += lower[lane];
  }
  if (upper_of_columns == nullptr) return;
  double* __restrict columns = upper_of_columns;
  double* __restrict low_columns = lower_of_columns;
  for (long j = 0; j < n; ++j) {
    const double high = upper_part(mass[j]);
    columns[j] += high;
    low_columns[j] += lower_part(mass[j], high);
  }
}

DRIFTWOOD_FOR_EACH_ISA
std::pair<double, double> range_of(std::span<const double> values) {
  if (values.empty()) return {0, 0};
  const auto n = static_cast<long>(values.size());
  const double* x = values.data();
  Lanes least;
  Lanes most;
  least.fill(x[0]);
  most.fill(x[0]);
  long i = 0;
  for (; i + n_lanes <= n; i += n_lanes)
    for (long lane = 0; lane < n_lanes; ++lane) {
      least[lane] = x[i + lane] < least[lane] ? x[i + lane] : least[lane];
      most[lane] = x[i + lane] > most[lane] ? x[i + lane] : most[lane];
    }
  for (; i < n; ++i) {
    least[0] = std::min(least[0], x[i]);
    most[0] = std::max(most[0], x[i]);
  }
  return {*std::min_element(least.begin(), least.end()), *std::max_element(most.begin(), most.end())};
}

DRIFTWOOD_FOR_EACH_ISA
double largest_where(std::span<const double> values, std::span<const double> weights, double threshold) {
  const auto n = static_cast<long>(values.size());
  const double* x = values.data();
  const double* weight = weights.data();
  Lanes most{};
  long i = 0;
  for (; i + n_lanes <= n; i += n_lanes)
    for (long lane = 0; lane < n_lanes; ++lane) {
      const double value = weight[i + lane] > threshold ? x[i + lane] : 0.0;
      most[lane] = value > most[lane] ? value : most[lane];
    }
  for (; i < n; ++i)
    if (weight[i] > threshold) most[0] = std::max(most[0], x[i]);
  return *std::max_element(most.begin(), most.end());
}

}  // namespace driftwood::fp
