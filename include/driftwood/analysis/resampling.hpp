#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "driftwood/core/random.hpp"
#include "driftwood/stats/half_splits.hpp"

namespace driftwood::analysis {

/// An interval with its ends.
struct Interval {
  double low = 0;
  double high = 0;
};

/// Bootstrap samples of n replicas: n drawn with replacement, again and again; the same for every quantity measured on
/// the replicas.
class Bootstrap {
 public:
  /// Pure function of its arguments. Throws InternalError unless n > 0 and n_samples >= 0.
  Bootstrap(int n, int n_samples, const CounterRandom& random);

  int size() const { return n_; }
  int n_samples() const { return n_samples_; }
  /// How often the samples have drawn the replica.
  std::span<const std::uint16_t> counts(int replica) const {
    return std::span(counts_).subspan(static_cast<std::size_t>(replica) * n_samples_, n_samples_);
  }
  /// For replicas in ascending `order` of a value: how many of every sample are among the first k, (n + 1) x n_samples.
  std::vector<std::uint32_t> ranks(std::span<const int> order) const;

 private:
  int n_;
  int n_samples_;
  std::vector<std::uint16_t> counts_;  ///< replica x sample
};

/// All random choices behind floors, intervals and tests of an ensemble of n replicas: the same for every quantity, so
/// made once.
struct Resampling {
  stats::HalfSplits splits;        ///< of the n replicas: sampling floors
  Bootstrap bootstrap;             ///< of the n replicas: intervals
  stats::HalfSplits permutations;  ///< of n replicas and n draws: tests

  /// Pure function of its arguments. Throws InternalError unless n > 0.
  Resampling(int n, int n_splits, int n_bootstrap, int n_permutations, const CounterRandom& random)
      : splits(n, n_splits, random), bootstrap(n, n_bootstrap, random), permutations(2 * n, n_permutations, random) {}
};

/// The basic bootstrap interval of level 95 % (Davison, Hinkley 1997, section 5.2), [2 d - q(0.975), 2 d - q(0.025)]
/// with the quantiles of the samples' values, cut at 0: it takes off what a second sampling adds to a distance. No
/// samples: [d, d].
Interval basic_interval(double value, std::vector<double> samples);

}  // namespace driftwood::analysis
