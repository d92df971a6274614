#include "driftwood/stats/half_splits.hpp"

#include <algorithm>
#include <array>
#include <boost/sort/pdqsort/pdqsort.hpp>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "driftwood/stats/distances.hpp"

namespace driftwood::stats {

namespace {

/// Splits that are worked on at once: the loops over them are of fixed length, so that the compiler vectorises them.
constexpr int block = 16;

struct Block {
  std::array<std::int32_t, block> excess{};   ///< (n/2) (F - G) here
  std::array<std::int32_t, block> largest{};  ///< its largest size so far
  std::array<double, block> area{};           ///< the integral of its size so far

  void add(const std::int8_t* sign) {
    for (int s = 0; s < block; ++s) excess[s] += sign[s];
  }
  void pass(double gap) {
    for (int s = 0; s < block; ++s) {
      const std::int32_t size = std::abs(excess[s]);
      largest[s] = std::max(largest[s], size);
      area[s] += gap * size;
    }
  }
};

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
  const int half = n_ / 2;
  for (int first = 0; first < stride_; first += block) {
    Block splits;
    for (int k = 0; k + 1 < n_; ++k) {
      splits.add(&sign_[static_cast<std::size_t>(order[k]) * stride_ + first]);
      const double gap = values[order[k + 1]] - values[order[k]];
      if (gap != 0) splits.pass(gap);  // within a tie F - G has not arrived yet
    }
    for (int s = first; s < std::min(first + block, n_splits_); ++s) {
      result[s].wasserstein1 = splits.area[s - first] / half;
      result[s].kolmogorov_smirnov = static_cast<double>(splits.largest[s - first]) / half;
    }
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
