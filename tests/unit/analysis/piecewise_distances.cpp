#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/analysis/comparison.hpp"
#include "driftwood/core/error.hpp"

namespace driftwood::analysis {
namespace {

using Values = std::vector<double>;

const fp::Marginal unit_interval{{0, 1}, {1}};

TEST(Wasserstein1ToADensity, OfOnePointInTheMiddleCountsTheCrossing) {
  EXPECT_DOUBLE_EQ(wasserstein1(Values{0.5}, unit_interval), 0.25);
  EXPECT_DOUBLE_EQ(wasserstein1(Values{0.25}, unit_interval), 0.5 * (0.0625 + 0.5625));
}

TEST(Wasserstein1ToADensity, OfPointsOutsideTheBoxCountsTheWayIn) {
  EXPECT_DOUBLE_EQ(wasserstein1(Values{3}, unit_interval), 2.5);
  EXPECT_DOUBLE_EQ(wasserstein1(Values{-1, 2}, unit_interval), 1.0 + 0.25);
}

TEST(Wasserstein1ToADensity, OfCrossingsInsideTheStepsByHand) {
  // Cells of density 1/2 on [0, 1] and 1/4 on [1, 3]; points at 0 and 2: F_n = 1/2 meets F at 1, then F_n = 1 > F.
  const fp::Marginal theory{{0, 1, 3}, {0.5, 0.5}};
  EXPECT_DOUBLE_EQ(wasserstein1(Values{0, 2}, theory), 0.25 + 0.125 + 0.125);
  // Points at 1/2: F above until the point, then F_n = 1.
  EXPECT_DOUBLE_EQ(wasserstein1(Values{0.5, 0.5}, theory), 0.0625 + 0.5 * 0.625 + 0.5);
}

TEST(Wasserstein1ToADensity, OfItsOwnQuantilesShiftedIsTheShift) {
  // Cell centres with the cells' masses: shifting by more than a cell moves all of F_n to one side of F.
  const int n = 50;
  fp::Marginal theory;
  Values sample;
  for (int i = 0; i <= n; ++i) theory.edges.push_back(i * 0.1);
  theory.mass.assign(n, 1.0 / n);
  for (int i = 0; i < n; ++i) sample.push_back((i + 0.5) * 0.1 + 0.7);
  EXPECT_NEAR(wasserstein1(sample, theory), 0.7, 1e-14);
}

TEST(KolmogorovSmirnovToADensity, LooksAtBothSidesOfAStep) {
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(Values{0.7}, unit_interval), 0.7);
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(Values{0.3}, unit_interval), 0.7);
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(Values{0.25, 0.25, 0.5}, unit_interval), 0.5);
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(Values{2, 2}, unit_interval), 1);
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(Values{-2, 0.9}, unit_interval), 0.5);
}

TEST(KolmogorovSmirnovToADensity, AgreesWithTheFormulaOnTheSortedSample) {
  const fp::Marginal theory{{-1, 0, 0.5, 2, 4}, {0.1, 0.3, 0.4, 0.2}};
  const auto distribution = [](double x) {
    if (x < 0) return 0.1 * (x + 1);
    if (x < 0.5) return 0.1 + 0.6 * x;
    return x < 2 ? 0.4 + 0.4 / 1.5 * (x - 0.5) : 0.8 + 0.1 * (x - 2);
  };
  const Values sample{-0.7, 0.1, 0.2, 0.45, 0.5, 1.1, 1.9, 2.0, 3.9};
  double expected = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double f = distribution(sample[i]);
    expected = std::max({expected, std::abs((i + 1) / 9.0 - f), std::abs(i / 9.0 - f)});
  }
  EXPECT_NEAR(kolmogorov_smirnov(sample, theory), expected, 1e-15);
}

TEST(EnergyDistanceToADensity, ByHand) {
  // 2 int (F_n - F)^2: a third of the cube on either side of the crossing.
  EXPECT_DOUBLE_EQ(energy_distance(Values{0.5}, unit_interval), std::sqrt(2 * 2 * 0.125 / 3));
  // Outside of the box the difference is 1 all the way.
  EXPECT_DOUBLE_EQ(energy_distance(Values{3}, unit_interval), std::sqrt(2 * (1.0 / 3 + 2)));
  EXPECT_DOUBLE_EQ(energy_distance(Values{-2}, unit_interval), std::sqrt(2 * (2 + 1.0 / 3)));
}

TEST(KullbackLeibler, OfAHistogramByHand) {
  EXPECT_EQ(kullback_leibler(Values{0.1, 0.3, 0.6, 0.8}, unit_interval, 4), 0);
  EXPECT_DOUBLE_EQ(kullback_leibler(Values{0.1, 0.1, 0.2, 0.2}, unit_interval, 4), std::log(4));
  EXPECT_DOUBLE_EQ(kullback_leibler(Values{0.1, 0.2, 0.6, 0.9}, unit_interval, 4), 0.5 * std::log(2));
  // Bins that the theory fills equally; what lies outside counts with the bins at the ends.
  const fp::Marginal steep{{0, 1, 3}, {0.75, 0.25}};
  EXPECT_EQ(kullback_leibler(Values{-1, 0.5, 0.9, 7}, steep, 4), 0);
  EXPECT_GT(histogram_bins(100000), histogram_bins(1000));
}

TEST(Wasserstein1Resampled, IsThatOfTheResampledPoints) {
  const fp::Marginal theory{{-1, 0, 0.5, 2, 4}, {0.1, 0.3, 0.4, 0.2}};
  const Values sorted{-2, -0.5, 0.2, 0.2, 1.7, 3, 5};
  const Bootstrap bootstrap(7, 5, CounterRandom(3, 4));
  const std::vector<int> order{0, 1, 2, 3, 4, 5, 6};
  Values distances(5);
  wasserstein1_resampled(sorted, bootstrap.ranks(order), 5, theory, distances);
  for (int sample = 0; sample < 5; ++sample) {
    Values drawn;
    for (int k : order) drawn.insert(drawn.end(), bootstrap.counts(k)[sample], sorted[k]);
    ASSERT_EQ(drawn.size(), 7u);
    EXPECT_NEAR(distances[sample], wasserstein1(drawn, theory), 1e-14);
  }
  EXPECT_THROW(wasserstein1_resampled(sorted, {}, 5, theory, distances), InternalError);
}

TEST(BasicInterval, ReflectsTheQuantiles) {
  Values samples;
  for (int i = 0; i <= 400; ++i) samples.push_back(1 + i * 0.01);
  const Interval interval = basic_interval(2.5, samples);
  EXPECT_DOUBLE_EQ(interval.low, 5 - 4.9);
  EXPECT_DOUBLE_EQ(interval.high, 5 - 1.1);
  EXPECT_EQ(basic_interval(0.1, samples).low, 0);
  EXPECT_EQ(basic_interval(0.1, {}).high, 0.1);
}

TEST(PiecewiseDistances, DoNotDependOnTheTotalOfTheMasses) {
  const fp::Marginal doubled{{0, 1}, {2}};
  EXPECT_DOUBLE_EQ(wasserstein1(Values{0.5}, doubled), 0.25);
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(Values{0.5}, doubled), 0.5);
}

TEST(PiecewiseDistances, NeedASampleAndMass) {
  EXPECT_THROW(wasserstein1(Values{}, unit_interval), InternalError);
  EXPECT_THROW(kolmogorov_smirnov(Values{1}, fp::Marginal{{0, 1}, {0}}), InternalError);
}

}  // namespace
}  // namespace driftwood::analysis
