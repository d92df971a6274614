#include "driftwood/data/generators.hpp"

#include <cmath>
#include <numbers>
#include <string>

#include "driftwood/core/error.hpp"

namespace driftwood::data {

namespace {

constexpr RandomPurpose purpose = RandomPurpose::data_sample;
/// Steps of the random counter: what the draws of one sample are for.
constexpr std::uint32_t shape_draws = 0;
constexpr std::uint32_t noise_draws = 1;
constexpr std::uint32_t centre_draws = 2;

Dataset empty(const std::string& name, int n_samples, int n_features) {
  Dataset dataset{.name = "the generated data set '" + name + "'",
                  .feature_names = {},
                  .n_samples = n_samples,
                  .n_features = n_features,
                  .values = std::vector<double>(static_cast<std::size_t>(n_samples) * n_features, 0.0)};
  for (int i = 0; i < n_features; ++i) dataset.feature_names.push_back("x" + std::to_string(i + 1));
  return dataset;
}

/// Calls value(sample, feature) for every entry and adds the noise.
template <class Value>
Dataset filled(Dataset dataset, double noise, const CounterRandom& random, Value value) {
  for (int s = 0; s < dataset.n_samples; ++s)
    for (int i = 0; i < dataset.n_features; ++i) {
      const double added = noise > 0 ? noise * random.normal(purpose, i, noise_draws, s) : 0.0;
      dataset.values[static_cast<std::size_t>(s) * dataset.n_features + i] = value(s, i) + added;
    }
  return dataset;
}

}  // namespace

Dataset gaussian(int n_samples, int n_features, double decay, const CounterRandom& random) {
  return filled(empty("gaussian", n_samples, n_features), 0, random, [&](int s, int i) {
    return std::pow(i + 1.0, -decay / 2) * random.normal(purpose, i, shape_draws, s);
  });
}

Dataset mixture(int n_samples, int n_features, int n_clusters, double separation, double noise,
                const CounterRandom& random) {
  return filled(empty("mixture", n_samples, n_features), noise, random, [&](int s, int i) {
    const auto cluster = random.below(static_cast<std::uint32_t>(n_clusters), purpose, 0, shape_draws, s);
    return separation * random.normal(purpose, i, centre_draws, cluster);
  });
}

Dataset ring(int n_samples, double noise, const CounterRandom& random) {
  return filled(empty("ring", n_samples, 2), noise, random, [&](int s, int i) {
    const double angle = 2 * std::numbers::pi * random.uniform(purpose, 0, shape_draws, s);
    return i == 0 ? std::cos(angle) : std::sin(angle);
  });
}

Dataset two_moons(int n_samples, double noise, const CounterRandom& random) {
  return filled(empty("two_moons", n_samples, 2), noise, random, [&](int s, int i) {
    const double angle = std::numbers::pi * random.uniform(purpose, 0, shape_draws, s);
    if (random.uniform(purpose, 1, shape_draws, s) < 0.5) return i == 0 ? std::cos(angle) : std::sin(angle);
    return i == 0 ? 1 - std::cos(angle) : 0.5 - std::sin(angle);
  });
}

Dataset swiss_roll(int n_samples, double noise, const CounterRandom& random) {
  return filled(empty("swiss_roll", n_samples, 3), noise, random, [&](int s, int i) {
    const double angle = 1.5 * std::numbers::pi * (1 + 2 * random.uniform(purpose, 0, shape_draws, s));
    if (i == 1) return 2.1 * random.uniform(purpose, 1, shape_draws, s);
    return angle * (i == 0 ? std::cos(angle) : std::sin(angle)) / 10;
  });
}

Dataset ising(int n_samples, int n_features, double temperature, const CounterRandom& random) {
  constexpr int first_sweeps = 500;
  constexpr int sweeps_between = 10;
  const int length = static_cast<int>(std::lround(std::sqrt(n_features)));
  if (length * length != n_features || length % 2 != 0)
    throw ConfigError("Ising samples have L x L spins with an even L, not " + std::to_string(n_features));
  Dataset dataset = empty("ising", n_samples, n_features);
  std::vector<double> spins(n_features);
  for (int i = 0; i < n_features; ++i) spins[i] = random.uniform(purpose, i, centre_draws, 0) < 0.5 ? -1 : 1;
  std::uint32_t sweep = 0;
  const auto spin = [&](int row, int column) {
    return spins[(row + length) % length * length + (column + length) % length];
  };
  const auto sweep_once = [&] {
    for (int i = 0; i < n_features; ++i) {
      const int row = i / length;
      const int column = i % length;
      const double field =
          spin(row - 1, column) + spin(row + 1, column) + spin(row, column - 1) + spin(row, column + 1);
      const double up = 1 / (1 + std::exp(-2 * field / temperature));
      spins[i] = random.uniform(purpose, i, shape_draws, sweep) < up ? 1 : -1;
    }
    ++sweep;
  };
  for (int k = 0; k < first_sweeps; ++k) sweep_once();
  for (int s = 0; s < n_samples; ++s) {
    for (int k = 0; k < sweeps_between; ++k) sweep_once();
    for (int i = 0; i < n_features; ++i) dataset.values[static_cast<std::size_t>(s) * n_features + i] = spins[i];
  }
  return dataset;
}

}  // namespace driftwood::data
