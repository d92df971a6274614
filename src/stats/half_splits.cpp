#include "driftwood/stats/half_splits.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "driftwood/stats/distances.hpp"

namespace driftwood::stats {

HalfSplits::HalfSplits(int n, int n_splits, const CounterRandom& random)
    : n_(n), n_splits_(n_splits), sign_(static_cast<std::size_t>(n) * n_splits, 0) {
  const int half = n / 2;
  for (int split = 0; split < n_splits; ++split) {
    const std::vector<int> permutation = random_halves(n, random, split);
    for (int i = 0; i < 2 * half; ++i)
      sign_[static_cast<std::size_t>(permutation[i]) * n_splits + split] = i < half ? 1 : -1;
  }
}

std::vector<HalfDistances> HalfSplits::distances(std::span<const double> values, std::span<const int> order) const {
  std::vector<HalfDistances> result(n_splits_);
  if (n_ < 2) return result;
  // The inner loops run over the splits, which the compiler vectorises.
  std::vector<int> excess(n_splits_, 0);
  std::vector<int> largest(n_splits_, 0);
  std::vector<double> area(n_splits_, 0.0);
  for (int k = 0; k + 1 < n_; ++k) {
    const std::int8_t* sign = &sign_[static_cast<std::size_t>(order[k]) * n_splits_];
    for (int s = 0; s < n_splits_; ++s) excess[s] += sign[s];
    const double gap = values[order[k + 1]] - values[order[k]];
    if (gap == 0) continue;  // within a tie F - G has not arrived yet
    for (int s = 0; s < n_splits_; ++s) {
      const int size = std::abs(excess[s]);
      largest[s] = std::max(largest[s], size);
      area[s] += gap * size;
    }
  }
  const int half = n_ / 2;
  for (int s = 0; s < n_splits_; ++s) {
    result[s].wasserstein1 = area[s] / half;
    result[s].kolmogorov_smirnov = static_cast<double>(largest[s]) / half;
  }
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
      const std::int8_t sign = sign_[static_cast<std::size_t>(r) * n_splits_ + s];
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
  std::sort(pairs.begin(), pairs.end());
  std::vector<int> order(values.size());
  std::transform(pairs.begin(), pairs.end(), order.begin(), [](const auto& pair) { return pair.second; });
  return order;
}

}  // namespace driftwood::stats
