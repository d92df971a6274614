#include "driftwood/analysis/kernel_height.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/core/random.hpp"

namespace driftwood::analysis {
namespace {

using Values = std::vector<double>;

Values normal_values(int n, double mean, double std) {
  const CounterRandom dice(9, 10);
  Values values;
  for (int i = 0; i < n; ++i) values.push_back(mean + std * dice.normal(RandomPurpose::theory_draw, i, 0, 0));
  return values;
}

Values nodes_around(double mean, double std) {
  Values nodes;
  for (int i = -10; i <= 10; ++i) nodes.push_back(mean + 0.2 * i * std);
  return nodes;
}

double normal_height(double x, double mean, double variance) {
  return -(x - mean) * (x - mean) / (2 * variance) - std::log(2 * std::numbers::pi * variance) / 2;
}

TEST(KernelHeights, OfNormalValuesAreThoseOfTheWidenedNormalDensity) {
  const Values values = normal_values(20000, 1, 0.3);
  const double bandwidth = kernel_bandwidth(values);
  EXPECT_NEAR(bandwidth, 0.9 * 0.3 * std::pow(20000, -0.2), 0.02 * bandwidth);
  const KernelHeights kernel(nodes_around(1, 0.3), bandwidth);
  const Values heights = kernel.heights(kernel.bins_of(values), {}, 1);
  // Of n values under a kernel a density has a relative error of about 1 / sqrt(2 sqrt(pi) n p bandwidth).
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const double exact = normal_height(kernel.nodes()[i], 1, 0.09 + bandwidth * bandwidth);
    const double error = 1 / std::sqrt(2 * std::sqrt(std::numbers::pi) * 20000 * std::exp(exact) * bandwidth);
    EXPECT_NEAR(heights[i], exact, 3.5 * error);
  }
}

TEST(KernelHeights, OfASolvedDensityHaveLostTheSameDetail) {
  fp::Marginal marginal;
  const int n = 300;
  for (int i = 0; i <= n; ++i) marginal.edges.push_back(-1 + 4.0 * i / n);
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    marginal.mass.push_back(std::exp(normal_height((marginal.edges[i] + marginal.edges[i + 1]) / 2, 1, 0.09)));
    sum += marginal.mass.back();
  }
  for (double& mass : marginal.mass) mass /= sum;
  const KernelHeights kernel(nodes_around(1, 0.3), 0.1);
  const Values heights = kernel.heights(marginal);
  for (std::size_t i = 0; i < heights.size(); ++i)
    EXPECT_NEAR(heights[i], normal_height(kernel.nodes()[i], 1, 0.09 + 0.01), 5e-3);
}

TEST(KernelHeights, CountSamplesAndSayNothingWhereThereAreFew) {
  const Values values{0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const KernelHeights kernel({0, 1}, 0.05);
  const std::vector<int> bins = kernel.bins_of(values);
  const Values all = kernel.heights(bins, {}, 1, 5);
  EXPECT_TRUE(std::isnan(all[0]));
  EXPECT_NEAR(all[1], std::log(12.0 / 14 / (0.05 * std::sqrt(2 * std::numbers::pi))), 1e-2);
  std::vector<std::uint16_t> counts(2 * values.size(), 0);
  counts[0] = 14;  // all of the first sample are the first value
  EXPECT_NEAR(kernel.heights(bins, counts, 2, 5)[0], std::log(1 / (0.05 * std::sqrt(2 * std::numbers::pi))), 1e-2);
  EXPECT_THROW(KernelHeights({0, 1}, 0), InternalError);
}

TEST(Roughness, IsTheWeightedSpreadOfTheDifference) {
  const Values flat{0, 0, 0, 0, std::nan("")};
  EXPECT_NEAR(roughness_between(Values{1.5, 0.5, 1.5, 0.5, 7}, flat), 0.5, 1e-12);
  EXPECT_NEAR(roughness_between(Values{3, 3, 3, 3, 3}, flat), 0, 1e-12);
  EXPECT_TRUE(std::isnan(roughness_between(Values{1, 2}, Values{0, 0})));
}

}  // namespace
}  // namespace driftwood::analysis
