// The kernels' Langevin noise: without data to learn from, a step is the noise alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "driftwood/nn/training.hpp"

namespace driftwood::nn {
namespace {

const CounterRandom random_numbers(31, 8);
constexpr std::uint64_t first_replica = (1ull << 32) - 5;
const Network network{{3, 2, 3}, Activation::linear, false};  // 12 parameters

/// The noise of `n_replicas` replicas at step `step`, row-major: from weights 0 with zeros as data and 2 eta T = 1.
std::vector<double> noise(Precision precision, int n_replicas, std::uint32_t step, Layout layout,
                          const Kernel& kernel = *available_kernels().front()) {
  const data::Dataset zeros{
      .name = "zeros", .feature_names = {}, .n_samples = 1, .n_features = 3, .values = {0.0, 0.0, 0.0}};
  const SgdOptions options{.learning_rate = 0.5,
                           .batch_size = 1,
                           .temperature = 1.0,
                           .trained = std::vector<char>(12, 1),
                           .precision = precision};
  std::vector<double> parameters(static_cast<std::size_t>(n_replicas) * 12, 0.0);
  SgdTrainer(network, zeros, options, random_numbers, kernel, layout).train(parameters, first_replica, step, 1);
  return parameters;
}

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

class Noise : public testing::TestWithParam<Precision> {};

TEST_P(Noise, IsThatOfCounterRandomToRoundOff) {
  const double tolerance = GetParam() == Precision::double_precision ? 4e-15 : 4e-6;
  for (Layout layout : {Layout::replicas_side_by_side, Layout::one_by_one}) {
    const std::vector<double> drawn = noise(GetParam(), 200, 7, layout);
    for (std::size_t at = 0; at < drawn.size(); ++at) {
      const double expected = random_numbers.normal(RandomPurpose::langevin_noise, static_cast<std::uint32_t>(at % 12),
                                                    7, first_replica + at / 12);
      ASSERT_NEAR(drawn[at], expected, tolerance * (1 + std::abs(expected))) << "parameter " << at % 12;
    }
  }
}

TEST_P(Noise, HasTheSameBitsOnEveryInstructionSetAndInBothLayouts) {
  const std::vector<double> expected = noise(GetParam(), 40, 3, Layout::replicas_side_by_side, portable_kernel);
  for (const Kernel* kernel : available_kernels())
    for (Layout layout : {Layout::replicas_side_by_side, Layout::one_by_one})
      EXPECT_EQ(noise(GetParam(), 40, 3, layout, *kernel), expected) << kernel->name;
}

TEST_P(Noise, HasTheMomentsAndTailsOfANormalDensity) {
  std::vector<double> drawn = noise(GetParam(), 100000, 0, Layout::automatic);
  const double n = static_cast<double>(drawn.size());
  double moment[7] = {};
  double beyond[5] = {};
  double neighbours = 0;
  for (std::size_t at = 0; at < drawn.size(); ++at) {
    ASSERT_TRUE(std::isfinite(drawn[at]));
    for (int k = 1; k <= 6; ++k) moment[k] += std::pow(drawn[at], k) / n;
    for (int k = 1; k <= 4; ++k) beyond[k] += std::abs(drawn[at]) > k ? 1 : 0;
    neighbours += drawn[at] * drawn[at ^ 1] / n;
  }
  EXPECT_NEAR(moment[1], 0, 4 * std::sqrt(1 / n));
  EXPECT_NEAR(moment[2], 1, 4 * std::sqrt(2 / n));
  EXPECT_NEAR(moment[3], 0, 4 * std::sqrt(15 / n));
  EXPECT_NEAR(moment[4], 3, 4 * std::sqrt(96 / n));
  EXPECT_NEAR(moment[6], 15, 4 * std::sqrt(10170 / n));
  EXPECT_NEAR(neighbours, 0, 4 * std::sqrt(2 / n)) << "the two numbers of a pair";
  for (int k = 1; k <= 4; ++k) {
    const double expected = 2 * n * normal_cdf(-k);
    EXPECT_NEAR(beyond[k], expected, 4 * std::sqrt(expected)) << "beyond " << k << " standard deviations";
  }
}

TEST_P(Noise, IsWithinTheKolmogorovSmirnovDistanceOfANormalSample) {
  std::vector<double> drawn = noise(GetParam(), 20000, 1, Layout::automatic);
  std::sort(drawn.begin(), drawn.end());
  const double n = static_cast<double>(drawn.size());
  double distance = 0;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const double cdf = normal_cdf(drawn[i]);
    distance = std::max(
        {distance, std::abs(cdf - static_cast<double>(i) / n), std::abs(cdf - static_cast<double>(i + 1) / n)});
  }
  EXPECT_LT(distance, 1.95 / std::sqrt(n)) << "exceeded once in a thousand";
}

INSTANTIATE_TEST_SUITE_P(In, Noise, testing::Values(Precision::double_precision, Precision::single_precision),
                         [](const auto& precision) {
                           return precision.param == Precision::double_precision ? "Double" : "Single";
                         });

}  // namespace
}  // namespace driftwood::nn
