#include "driftwood/data/generators.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "driftwood/core/error.hpp"
#include "driftwood/data/transforms.hpp"

namespace driftwood::data {
namespace {

const CounterRandom random_numbers(3, 4);

double covariance(const Dataset& dataset, int i, int j) {
  double mean_i = 0;
  double mean_j = 0;
  double product = 0;
  const double n = dataset.n_samples;
  for (int s = 0; s < dataset.n_samples; ++s) {
    mean_i += dataset.sample(s)[i] / n;
    mean_j += dataset.sample(s)[j] / n;
    product += dataset.sample(s)[i] * dataset.sample(s)[j] / n;
  }
  return product - mean_i * mean_j;
}

TEST(Gaussian, HasTheSpectrumAskedFor) {
  const Dataset dataset = gaussian(40000, 4, 1.5, random_numbers);
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j <= i; ++j) {
      const double scale = std::pow((i + 1.0) * (j + 1.0), -0.75);
      EXPECT_NEAR(covariance(dataset, i, j), i == j ? scale : 0, 5 * scale * std::sqrt(2.0 / 40000));
    }
}

TEST(Mixture, HasItsClustersAndTheirWidth) {
  const Dataset exact = mixture(500, 3, 4, 2.0, 0.0, random_numbers);
  std::set<double> centres;
  for (int s = 0; s < 500; ++s) centres.insert(exact.sample(s)[0]);
  EXPECT_EQ(centres.size(), 4u);
  const Dataset noisy = mixture(500, 3, 4, 2.0, 0.1, random_numbers);
  double square = 0;
  for (int at = 0; at < 1500; ++at) square += std::pow(noisy.values[at] - exact.values[at], 2) / 1500;
  EXPECT_NEAR(square, 0.01, 0.01 * 5 * std::sqrt(2.0 / 1500));
}

TEST(Curves, LieWhereTheirFormulasSay) {
  const Dataset circle = ring(200, 0, random_numbers);
  for (int s = 0; s < 200; ++s) EXPECT_NEAR(std::hypot(circle.sample(s)[0], circle.sample(s)[1]), 1, 1e-14);
  const Dataset moons = two_moons(200, 0, random_numbers);
  int upper = 0;
  for (int s = 0; s < 200; ++s) {
    const double x = moons.sample(s)[0];
    const double y = moons.sample(s)[1];
    const bool on_upper = std::abs(std::hypot(x, y) - 1) < 1e-12 && y >= 0;
    EXPECT_TRUE(on_upper || (std::abs(std::hypot(x - 1, y - 0.5) - 1) < 1e-12 && y <= 0.5));
    upper += on_upper ? 1 : 0;
  }
  EXPECT_NEAR(upper, 100, 35);
  const Dataset roll = swiss_roll(200, 0, random_numbers);
  for (int s = 0; s < 200; ++s) {
    const double angle = 10 * std::hypot(roll.sample(s)[0], roll.sample(s)[2]);
    EXPECT_NEAR(roll.sample(s)[0], angle * std::cos(angle) / 10, 1e-12);
    EXPECT_GE(roll.sample(s)[1], 0);
    EXPECT_LE(roll.sample(s)[1], 2.1);
  }
}

/// Mean energy of a 4 x 4 torus by summing over all states.
double exact_ising_energy(double temperature) {
  double weight_sum = 0;
  double energy_sum = 0;
  for (unsigned state = 0; state < 1u << 16; ++state) {
    const auto spin = [&](int row, int column) { return (state >> ((row & 3) * 4 + (column & 3)) & 1) != 0 ? 1 : -1; };
    int energy = 0;
    for (int i = 0; i < 16; ++i) energy -= spin(i / 4, i % 4) * (spin(i / 4 + 1, i % 4) + spin(i / 4, i % 4 + 1));
    const double weight = std::exp((-energy - 32) / temperature);
    weight_sum += weight;
    energy_sum += weight * energy;
  }
  return energy_sum / weight_sum;
}

TEST(Ising, HasTheExactMeanEnergyOfASmallTorus) {
  for (double temperature : {1.8, 2.5, 5.0}) {
    const int n = 4000;
    const Dataset dataset = ising(n, 16, temperature, random_numbers);
    double mean = 0;
    double square = 0;
    for (int s = 0; s < n; ++s) {
      const double* x = dataset.sample(s);
      double energy = 0;
      for (int i = 0; i < 16; ++i) energy -= x[i] * (x[(i / 4 + 1) % 4 * 4 + i % 4] + x[i / 4 * 4 + (i % 4 + 1) % 4]);
      mean += energy / n;
      square += energy * energy / n;
    }
    EXPECT_NEAR(mean, exact_ising_energy(temperature), 6 * std::sqrt((square - mean * mean) / n)) << temperature;
  }
  EXPECT_THROW(ising(1, 15, 1.0, random_numbers), ConfigError);
  EXPECT_THROW(ising(1, 9, 1.0, random_numbers), ConfigError);
}

TEST(Generators, GiveTheSameSamplesAgainAndOthersForAnotherSeed) {
  EXPECT_EQ(ring(5, 0.1, random_numbers).values, ring(5, 0.1, random_numbers).values);
  EXPECT_NE(ring(5, 0.1, random_numbers).values, ring(5, 0.1, CounterRandom(4, 4)).values);
}

TEST(Whitened, HasMeanZeroAndUnitCovariance) {
  const Dataset dataset = whitened(mixture(300, 3, 5, 2.0, 0.4, random_numbers));
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j <= i; ++j) EXPECT_NEAR(covariance(dataset, i, j), i == j ? 1 : 0, 1e-12);
  Dataset flat = mixture(300, 3, 5, 2.0, 0.4, random_numbers);
  for (int s = 0; s < 300; ++s) flat.values[s * 3 + 2] = flat.values[s * 3] - flat.values[s * 3 + 1];
  EXPECT_THROW(whitened(flat), ConfigError);
}

}  // namespace
}  // namespace driftwood::data
