#include "driftwood/stats/distances.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "driftwood/core/error.hpp"

namespace driftwood::stats {
namespace {

using Values = std::vector<double>;

TEST(Moments, OfFourValuesByHand) {
  const Moments m = moments(Values{0, 0, 0, 4});
  EXPECT_DOUBLE_EQ(m.mean, 1);
  EXPECT_DOUBLE_EQ(m.std, std::sqrt(3.0));
  EXPECT_DOUBLE_EQ(m.skewness, 6 / std::pow(3.0, 1.5));
  EXPECT_DOUBLE_EQ(m.kurtosis, 21.0 / 9.0);
}

TEST(Moments, FarFromZeroLoseNothing) {
  const Moments m = moments(Values{1e9 - 1, 1e9, 1e9 + 1});
  EXPECT_EQ(m.mean, 1e9);
  EXPECT_DOUBLE_EQ(m.std, std::sqrt(2.0 / 3.0));
}

TEST(Moments, OfAConstantSampleHaveNoSpreadAndNoShape) {
  const Moments m = moments(Values(7, 0.1));
  EXPECT_EQ(m.mean, 0.1);
  EXPECT_EQ(m.std, 0);
  EXPECT_TRUE(std::isnan(m.skewness));
  EXPECT_TRUE(std::isnan(m.kurtosis));
}

TEST(Moments, OfAnEmptySampleAreAnError) {
  EXPECT_THROW(moments(Values{}), InternalError);
}

TEST(Wasserstein1, OfSamplesOfDifferentSizesByHand) {
  // F - G: 1 on [0, 1), 1/2 on [1, 2), 1/2 - 1 = -1/2 never: G jumps to 1 at 2 where F is 1/2; F follows at 3.
  EXPECT_DOUBLE_EQ(wasserstein1(Values{3, 0}, Values{2}), 0.5 * 2 + 0.5 * 1);
  EXPECT_DOUBLE_EQ(wasserstein1(Values{0, 1, 2}, Values{1}), 2.0 / 3.0);
}

TEST(Wasserstein1, CountsTies) {
  EXPECT_DOUBLE_EQ(wasserstein1(Values{1, 1, 1, 5}, Values{1, 5}), 0.25 * 4);
  EXPECT_EQ(wasserstein1(Values{2, 1, 2, 1}, Values{1, 2}), 0);
}

TEST(Wasserstein1, OfAShiftIsTheShift) {
  const Values a{0.3, -1.2, 2.5, 0.9};
  Values b = a;
  for (double& x : b) x += 3;
  EXPECT_NEAR(wasserstein1(a, b), 3, 1e-14);
  EXPECT_NEAR(wasserstein1(b, a), 3, 1e-14);
}

TEST(KolmogorovSmirnov, OfSamplesOfDifferentSizesByHand) {
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(Values{0, 3}, Values{2}), 0.5);
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(Values{1, 2, 3}, Values{2.5, 4}), 2.0 / 3.0);
  EXPECT_EQ(kolmogorov_smirnov(Values{1, 2}, Values{3}), 1);
}

TEST(KolmogorovSmirnov, DoesNotSeeTheOrderWithinATie) {
  EXPECT_EQ(kolmogorov_smirnov(Values{1, 1, 2, 2}, Values{1, 2}), 0);
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(Values{1, 1, 1, 2}, Values{1, 2, 2, 2}), 0.5);
}

TEST(RandomDirections, AreUnitVectorsOfNoPreferredDirection) {
  const int n = 4000;
  const Values directions = random_directions(3, n, CounterRandom(1, 2));
  ASSERT_EQ(directions.size(), 3u * n);
  double mean[3] = {0, 0, 0};
  double square[3] = {0, 0, 0};
  for (int k = 0; k < n; ++k) {
    const double* e = &directions[3 * k];
    EXPECT_NEAR(e[0] * e[0] + e[1] * e[1] + e[2] * e[2], 1, 1e-14);
    for (int i = 0; i < 3; ++i) mean[i] += e[i] / n, square[i] += e[i] * e[i] / n;
  }
  // Standard errors: sqrt(1/3 / n) = 0.009 and sqrt(4/45 / n) = 0.005.
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(mean[i], 0, 0.04);
    EXPECT_NEAR(square[i], 1.0 / 3.0, 0.02);
  }
}

TEST(RandomHalves, ArePermutationsThatDifferBySplit) {
  const CounterRandom random(3, 4);
  std::vector<int> first = random_halves(11, random, 0);
  EXPECT_EQ(first, random_halves(11, random, 0));
  EXPECT_NE(first, random_halves(11, random, 1));
  std::sort(first.begin(), first.end());
  std::vector<int> all(11);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(first, all);
}

TEST(RandomHalves, PutEveryReplicaInEachHalfEquallyOften) {
  const int n_splits = 4000;
  std::vector<int> in_first(5, 0);
  std::vector<int> left_out(5, 0);
  for (int split = 0; split < n_splits; ++split) {
    const std::vector<int> halves = random_halves(5, CounterRandom(5, 6), split);
    ++in_first[halves[0]], ++in_first[halves[1]], ++left_out[halves[4]];
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(in_first[i], 0.4 * n_splits, 5 * std::sqrt(0.24 * n_splits));
    EXPECT_NEAR(left_out[i], 0.2 * n_splits, 5 * std::sqrt(0.16 * n_splits));
  }
}

TEST(EnergyDistance, IsThatOfMeanDistances) {
  // Its definition: 2 E|X - Y| - E|X - X'| - E|Y - Y'|, over all pairs.
  const std::vector<double> a{-1.5, 0.2, 0.2, 1, 4};
  const std::vector<double> b{-0.5, 0.1, 2};
  const auto mean = [](const std::vector<double>& x, const std::vector<double>& y) {
    double sum = 0;
    for (const double i : x)
      for (const double j : y) sum += std::abs(i - j);
    return sum / static_cast<double>(x.size() * y.size());
  };
  EXPECT_NEAR(energy_distance_sorted(a, b), std::sqrt(2 * mean(a, b) - mean(a, a) - mean(b, b)), 1e-14);
  EXPECT_EQ(energy_distance_sorted(a, a), 0);
}

}  // namespace
}  // namespace driftwood::stats
