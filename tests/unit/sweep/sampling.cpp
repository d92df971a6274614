#include "driftwood/sweep/sampling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "driftwood/sweep/axis.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {
namespace {

std::vector<double> numbers(const char* key, const std::string& text, const Sampler& sampler) {
  std::vector<double> all;
  for (const std::string& value : expand(option(key), {text, "here:1"}, {.sampler = sampler, .may_repeat = true}))
    all.push_back(parse_number(value));
  return all;
}

/// The largest difference between the share of the samples below x and x.
double discrepancy(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  double worst = 0;
  for (std::size_t i = 0; i < samples.size(); ++i)
    worst =
        std::max(worst, std::abs((static_cast<double>(i) + 0.5) / static_cast<double>(samples.size()) - samples[i]));
  return worst;
}

class EveryDesign : public testing::TestWithParam<Design> {};

TEST_P(EveryDesign, FillsTheUnitIntervalEvenly) {
  for (int place = 0; place < 5; ++place) {
    const auto samples = unit_samples({GetParam(), 7, place}, "axis" + std::to_string(place), 1000);
    for (const double sample : samples) {
      ASSERT_GT(sample, 0.0);
      ASSERT_LT(sample, 1.0);
    }
    EXPECT_LT(discrepancy(samples), GetParam() == Design::random ? 0.06 : 0.004);
  }
}

TEST_P(EveryDesign, GivesOtherNumbersForOtherSeedsAndKeys) {
  const auto samples = unit_samples({GetParam(), 1, 0}, "a", 10);
  EXPECT_EQ(samples, unit_samples({GetParam(), 1, 0}, "a", 10));
  EXPECT_NE(samples, unit_samples({GetParam(), 2, 0}, "a", 10));
  EXPECT_NE(samples, unit_samples({GetParam(), 1, 0}, "b", 10));
}

INSTANTIATE_TEST_SUITE_P(Designs, EveryDesign, testing::Values(Design::random, Design::latin, Design::sobol));

TEST(Sampling, RandomAndSobolKeepTheirFirstPointsWhenTheyGrow) {
  for (const Design design : {Design::random, Design::sobol}) {
    auto large = unit_samples({design, 3, 2}, "a", 40);
    large.resize(25);
    EXPECT_EQ(large, unit_samples({design, 3, 2}, "a", 25));
  }
}

TEST(Sampling, ALatinHypercubeHasOnePointInEachSliceOfEveryAxis) {
  for (const char* key : {"a", "b"}) {
    std::set<int> slices;
    for (const double sample : unit_samples({Design::latin, 5, 0}, key, 37))
      slices.insert(static_cast<int>(sample * 37));
    EXPECT_EQ(slices.size(), 37u);
  }
}

TEST(Sampling, SobolSpreadsPairsOfAxesBetterThanChance) {
  // Of 256 points every cell of a 16 x 16 grid has exactly one: the first two coordinates are a (0, 8, 2)-net in base
  // 2, and a digital shift keeps it one (I. Sobol 1967).
  const auto x = unit_samples({Design::sobol, 11, 0}, "a", 256);
  const auto y = unit_samples({Design::sobol, 11, 1}, "b", 256);
  std::set<std::pair<int, int>> cells;
  for (std::size_t i = 0; i < x.size(); ++i) cells.emplace(static_cast<int>(x[i] * 16), static_cast<int>(y[i] * 16));
  // The sequence may start at its second point: then one cell may lack and another have two.
  EXPECT_GE(cells.size(), 255u);
}

TEST(Sampling, DistributionsHaveTheirMomentsAndBounds) {
  const Sampler latin{Design::latin, 1, 0};
  const auto mean = [](const std::vector<double>& all) {
    double sum = 0;
    for (const double value : all) sum += value;
    return sum / static_cast<double>(all.size());
  };
  EXPECT_NEAR(mean(numbers("initial.mean", "uniform(-1, 3, 500)", latin)), 1.0, 0.01);
  auto logs = numbers("training.learning_rate", "loguniform(0.001, 0.1, 500)", latin);
  EXPECT_GE(*std::min_element(logs.begin(), logs.end()), 0.001);
  EXPECT_LE(*std::max_element(logs.begin(), logs.end()), 0.1);
  for (double& value : logs) value = std::log10(value);
  EXPECT_NEAR(mean(logs), -2.0, 0.01);
  auto normals = numbers("initial.mean", "normal(2, 0.5, 500)", latin);
  EXPECT_NEAR(mean(normals), 2.0, 0.01);
  for (double& value : normals) value = (value - 2) * (value - 2);
  EXPECT_NEAR(mean(normals), 0.25, 0.01);
}

TEST(Sampling, IntegersAreEquallyLikelyBothEndsIncluded) {
  std::vector<int> counts(4, 0);
  for (const double value : numbers("training.batch_size", "uniform(1, 4, 400)", {Design::latin, 1, 0}))
    ++counts.at(static_cast<std::size_t>(value) - 1);
  EXPECT_THAT(counts, testing::Each(testing::AllOf(testing::Ge(99), testing::Le(101))));
}

TEST(Sampling, NormalQuantilesAreThePublishedOnes) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(normal_quantile(0.5), 0.0, 1e-15);
  EXPECT_NEAR(normal_quantile(1e-10), -6.361340902404056, 1e-12);
}

}  // namespace
}  // namespace driftwood::sweep
