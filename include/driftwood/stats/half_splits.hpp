#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "driftwood/core/random.hpp"

namespace driftwood::stats {

/// Distances between the empirical distributions of the two halves of one split.
struct HalfDistances {
  double wasserstein1 = 0;
  double kolmogorov_smirnov = 0;
  double energy = 0;  ///< the energy distance
};

/// Differences of the moments of the two halves of one split, absolute.
struct HalfMoments {
  double mean = 0;
  double std = 0;
};

/// Random splits of n replicas into disjoint halves (random_halves 0..n_splits-1), kept as one sign per replica and
/// split so that every quantity measured on the replicas can be compared between the halves without sorting the halves:
/// in the sorted order of the whole sample, the running sum of the signs is (n/2)(F - G).
class HalfSplits {
 public:
  /// Pure function of its arguments. Needs n >= 0; with n < 2 the halves are empty and all distances 0.
  HalfSplits(int n, int n_splits, const CounterRandom& random);

  int size() const { return n_; }
  int n_splits() const { return n_splits_; }

  /// Exact distances, one per split. `values`: one per replica, `order`: the replicas in ascending order of value.
  std::vector<HalfDistances> distances(std::span<const double> values, std::span<const int> order) const;
  /// The Wasserstein-1 distances alone, faster.
  std::vector<double> wasserstein1(std::span<const double> values, std::span<const int> order) const;
  /// One per split.
  std::vector<HalfMoments> moments(std::span<const double> values) const;

 private:
  const std::int8_t* signs_of(int replica) const { return &sign_[static_cast<std::size_t>(replica) * stride_]; }

  int n_ = 0;
  int n_splits_ = 0;
  int stride_ = 0;                 ///< n_splits rounded up to whole blocks
  std::vector<std::int8_t> sign_;  ///< replica x stride: +1, -1, or 0 for the odd one and beyond n_splits
};

/// The positions 0..n-1 in ascending order of value; ties in order of position.
std::vector<int> ascending_order(std::span<const double> values);
/// The values in ascending order.
std::vector<double> sorted(std::vector<double> values);

}  // namespace driftwood::stats
