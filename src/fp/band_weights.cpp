#include "driftwood/fp/band_weights.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {

BandWeights::BandWeights(int n_samples, const CounterRandom& random) : n_samples_(n_samples), random_(random) {
  if (n_samples < 2) throw InternalError("a band needs two bootstrap samples");
  // The exponential's quantiles, shifted and scaled to mean and variance 1; the lowest would be just below 0.
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < weight_of_byte_.size(); ++i) {
    weight_of_byte_[i] = -std::log1p(-(static_cast<double>(i) + 0.5) / 256);
    sum += weight_of_byte_[i] / 256;
    squares += weight_of_byte_[i] * weight_of_byte_[i] / 256;
  }
  const double std = std::sqrt(squares - sum * sum);
  for (double& weight : weight_of_byte_) weight = std::max(0.0, 1 + (weight - sum) / std);
}

void BandWeights::write(std::uint64_t item, std::span<double> weights) const {
  for (int sample = 0; sample < n_samples_;) {
    const CounterRandom::Block words = random_.block(RandomPurpose::coefficient_band, sample / 16, 0, item);
    for (const std::uint32_t word : words)
      for (int shift = 0; shift < 32 && sample < n_samples_; shift += 8)
        weights[sample++] = weight_of_byte_[(word >> shift) & 255U];
  }
}

Eigen::VectorXd half_widths(const Eigen::MatrixXd& samples, double degrees_of_freedom) {
  const boost::math::students_t student(std::max(1.0, degrees_of_freedom));
  const Eigen::RowVectorXd mean = samples.colwise().mean();
  const Eigen::VectorXd variance =
      (samples.rowwise() - mean).colwise().squaredNorm().transpose() / static_cast<double>(samples.rows() - 1);
  return boost::math::quantile(student, 0.975) * variance.cwiseSqrt();
}

}  // namespace driftwood::fp
