#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <span>

#include "driftwood/core/random.hpp"

namespace driftwood::fp {

/// The random weights of a bootstrap: independent, of mean and variance 1, for every sample and every replica (or group
/// of replicas). Exponential, in 256 steps (Rubin 1981, the Bayesian bootstrap): unlike counts of draws they leave
/// nobody out, so that a fit which has enough data has enough in every sample.
class BandWeights {
 public:
  /// `n_samples` >= 2 bootstrap samples.
  BandWeights(int n_samples, const CounterRandom& random);

  int n_samples() const { return n_samples_; }
  /// The weights of replica (or group) `item` in all samples. Pure function.
  void write(std::uint64_t item, std::span<double> weights) const;

 private:
  int n_samples_;
  CounterRandom random_;
  std::array<double, 256> weight_of_byte_{};
};

/// Half the width of the 95 % band from bootstrap values (sample x quantity): their standard deviation around the mean
/// times Student's quantile with `degrees_of_freedom` (at least 1) degrees of freedom. One entry a quantity.
Eigen::VectorXd half_widths(const Eigen::MatrixXd& samples, double degrees_of_freedom);

}  // namespace driftwood::fp
