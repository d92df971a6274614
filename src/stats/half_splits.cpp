#include "driftwood/stats/half_splits.hpp"

#include <algorithm>
#include <boost/sort/pdqsort/pdqsort.hpp>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "driftwood/core/for_each_isa.hpp"
#include "driftwood/stats/distances.hpp"

namespace driftwood::stats {

namespace {

/// The number of splits is rounded up to a multiple of this, so that loops over them are vectorised without a rest.
constexpr int block = 16;

/// Of every split, on the way through the sorted values.
struct Sums {
  explicit Sums(int stride) : excess(stride, 0), largest(stride, 0), area(stride, 0.0), square(stride, 0.0) {}

  std::vector<std::int32_t> excess;   ///< (n/2) (F - G) here
  std::vector<std::int32_t> largest;  ///< its largest size so far
  std::vector<double> area;           ///< the integral of its size so far
  std::vector<double> square;         ///< the integral of its square so far
};

/// Over a gap between two values, after the row of signs of the value before it.
DRIFTWOOD_FOR_EACH_ISA
void pass_area(const std::int8_t* __restrict sign, double gap, long stride, std::int32_t* __restrict excess,
               double* __restrict area) {
  for (long s = 0; s < stride; ++s) {
    excess[s] += sign[s];
    area[s] += gap * std::abs(excess[s]);
  }
}

DRIFTWOOD_FOR_EACH_ISA
void pass_others(double gap, long stride, const std::int32_t* __restrict excess, std::int32_t* __restrict largest,
                 double* __restrict square) {
  for (long s = 0; s < stride; ++s) {
    const double size = excess[s];
    square[s] += gap * (size * size);
    // Within a tie F - G has not arrived yet.
    const std::int32_t counted = gap != 0 ? std::abs(excess[s]) : 0;
    largest[s] = largest[s] > counted ? largest[s] : counted;
  }
}

}  // namespace

HalfSplits::HalfSplits(int n, int n_splits, const CounterRandom& random)
    : n_(n),
      n_splits_(n_splits),
      stride_((n_splits + block - 1) / block * block),
      sign_(static_cast<std::size_t>(n) * stride_, 0) {
  const int half = n / 2;
  for (int split = 0; split < n_splits; ++split) {
    const std::vector<int> permutation = random_halves(n, random, split);
    for (int i = 0; i < 2 * half; ++i)
      sign_[static_cast<std::size_t>(permutation[i]) * stride_ + split] = i < half ? 1 : -1;
  }
}

std::vector<HalfDistances> HalfSplits::distances(std::span<const double> values, std::span<const int> order) const {
  std::vector<HalfDistances> result(n_splits_);
  if (n_ < 2) return result;
  Sums sums(stride_);
  for (int k = 0; k + 1 < n_; ++k) {
    const double gap = values[order[k + 1]] - values[order[k]];
    pass_area(signs_of(order[k]), gap, stride_, sums.excess.data(), sums.area.data());
    pass_others(gap, stride_, sums.excess.data(), sums.largest.data(), sums.square.data());
  }
  const int half = n_ / 2;
  for (int s = 0; s < n_splits_; ++s)
    result[s] = {sums.area[s] / half, static_cast<double>(sums.largest[s]) / half, std::sqrt(2 * sums.square[s]) / half};
  return result;
}

std::vector<double> HalfSplits::wasserstein1(std::span<const double> values, std::span<const int> order) const {
  std::vector<double> result(n_splits_, 0.0);
  if (n_ < 2) return result;
  Sums sums(stride_);
  for (int k = 0; k + 1 < n_; ++k)
    pass_area(signs_of(order[k]), values[order[k + 1]] - values[order[k]], stride_, sums.excess.data(),
              sums.area.data());
  for (int s = 0; s < n_splits_; ++s) result[s] = sums.area[s] / (n_ / 2);
  return result;
}

std::vector<HalfMoments> HalfSplits::moments(std::span<const double> values) const {
  std::vector<HalfMoments> result(n_splits_);
  if (n_ < 2) return result;
  // Sums about the mean of the whole sample: the halves' means are close to it, so nothing cancels.
  const double centre = stats::moments(values).mean;
  const int half = n_ / 2;
  for (int s = 0; s < n_splits_; ++s) {
    double sum[2] = {0, 0};
    double square[2] = {0, 0};
    for (int r = 0; r < n_; ++r) {
      const std::int8_t sign = sign_[static_cast<std::size_t>(r) * stride_ + s];
      if (sign == 0) continue;
      const double u = values[r] - centre;
      sum[sign > 0] += u;
      square[sign > 0] += u * u;
    }
    const auto deviation = [&](int side) {
      const double mean = sum[side] / half;
      return std::sqrt(std::max(0.0, square[side] / half - mean * mean));
    };
    result[s].mean = std::abs(sum[1] - sum[0]) / half;
    result[s].std = std::abs(deviation(1) - deviation(0));
  }
  return result;
}

std::vector<int> ascending_order(std::span<const double> values) {
  std::vector<std::pair<double, int>> pairs(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) pairs[i] = {values[i], static_cast<int>(i)};
  // Bitwise operators: no branch that depends on random values.
  boost::sort::pdqsort_branchless(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
    return static_cast<bool>((a.first < b.first) | ((a.first == b.first) & (a.second < b.second)));
  });
  std::vector<int> order(values.size());
  std::transform(pairs.begin(), pairs.end(), order.begin(), [](const auto& pair) { return pair.second; });
  return order;
}

std::vector<double> sorted(std::vector<double> values) {
  boost::sort::pdqsort_branchless(values.begin(), values.end());
  return values;
}

}  // namespace driftwood::stats
