#include "driftwood/sweep/sampling.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

#include "driftwood/core/random.hpp"
#include "driftwood/sweep/identity.hpp"

namespace driftwood::sweep {

namespace {

// Kinds of draws of one axis: the "draw" of CounterRandom.
constexpr std::uint32_t position_draw = 0;
constexpr std::uint32_t order_draw = 1;

/// The random numbers of one axis, which no other axis changes.
class AxisRandom {
 public:
  AxisRandom(std::uint32_t seed, std::string_view key) : random_(seed, static_cast<std::uint32_t>(content_hash(key))) {}

  double uniform(std::uint32_t draw, int i) const {
    return random_.uniform(RandomPurpose::sweep_axis, draw, 0, static_cast<std::uint64_t>(i));
  }
  std::uint64_t word() const {
    const auto block = random_.block(RandomPurpose::sweep_axis, 0, 1, 0);
    return (static_cast<std::uint64_t>(block[0]) << 32) | block[1];
  }

 private:
  CounterRandom random_;
};

std::vector<double> random_samples(const AxisRandom& random, int n) {
  std::vector<double> samples(n);
  for (int i = 0; i < n; ++i) samples[i] = random.uniform(position_draw, i);
  return samples;
}

std::vector<double> latin_samples(const AxisRandom& random, int n) {
  std::vector<double> order_key(n);
  for (int i = 0; i < n; ++i) order_key[i] = random.uniform(order_draw, i);
  std::vector<int> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) { return order_key[a] < order_key[b]; });
  std::vector<double> samples(n);
  for (int slice = 0; slice < n; ++slice)
    samples[order[slice]] = (slice + random.uniform(position_draw, order[slice])) / n;
  return samples;
}

/// The shift keeps the sequence's even spread and leaves no point at 0.
std::vector<double> sobol_samples(const AxisRandom& random, int place, int n) {
  const auto n_coordinates = static_cast<std::size_t>(place) + 1;
  boost::random::sobol sequence(n_coordinates);
  const std::uint64_t shift = random.word();
  std::vector<double> samples(n);
  for (double& sample : samples) {
    std::uint64_t coordinate = 0;
    for (std::size_t k = 0; k < n_coordinates; ++k) coordinate = sequence();
    constexpr int dropped_bits = 11;  // 53 remain: a double's
    sample = (static_cast<double>((coordinate ^ shift) >> dropped_bits) + 0.5) * 0x1p-53;
  }
  return samples;
}

}  // namespace

std::vector<double> unit_samples(const Sampler& sampler, std::string_view key, int n) {
  const AxisRandom random(sampler.seed, key);
  if (sampler.design == Design::latin) return latin_samples(random, n);
  if (sampler.design == Design::sobol) return sobol_samples(random, sampler.place, n);
  return random_samples(random, n);
}

double normal_quantile(double probability) {
  return -std::numbers::sqrt2 * boost::math::erfc_inv(2 * probability);
}

}  // namespace driftwood::sweep
