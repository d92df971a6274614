#include "driftwood/analysis/comparison.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/core/error.hpp"

namespace driftwood::analysis {
namespace {

using Values = std::vector<double>;

fp::Marginal standard_normal() {
  const int n = 700;
  fp::Marginal marginal;
  for (int i = 0; i <= n; ++i) marginal.edges.push_back(-7 + 14.0 * i / n);
  const auto below = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  for (int i = 0; i < n; ++i) marginal.mass.push_back(below(marginal.edges[i + 1]) - below(marginal.edges[i]));
  return marginal;
}

Values normal_sample(int n, std::uint32_t seed, double shift = 0, double scale = 1) {
  Values sample(n);
  for (int i = 0; i < n; ++i)
    sample[i] = shift + scale * CounterRandom(seed, 99).normal(RandomPurpose::bootstrap, 0, 0, i);
  return sample;
}

TEST(CompareCoordinate, OfASampleOfTheTheoryHasRatiosAboutOne) {
  const fp::Marginal theory = standard_normal();
  const int n_seeds = 60;
  double ratio[4] = {0, 0, 0, 0};
  for (int seed = 0; seed < n_seeds; ++seed) {
    const CoordinateComparison c = compare_coordinate(normal_sample(2000, seed), theory, 16, CounterRandom(seed, 1));
    ratio[0] += c.wasserstein1.ratio() / n_seeds;
    ratio[1] += c.kolmogorov_smirnov.ratio() / n_seeds;
    ratio[2] += c.mean.ratio() / n_seeds;
    ratio[3] += c.std.ratio() / n_seeds;
  }
  EXPECT_NEAR(ratio[0], 1, 0.2);
  EXPECT_NEAR(ratio[1], 1, 0.2);
  const double mean_of_absolute_normal = std::sqrt(2 / M_PI);
  EXPECT_NEAR(ratio[2], mean_of_absolute_normal, 0.25);
  EXPECT_NEAR(ratio[3], mean_of_absolute_normal, 0.25);
}

TEST(CompareCoordinate, MeasuresAShiftInUnitsOfTheFloor) {
  const int n = 4000;
  const double shift = 0.3;
  const CoordinateComparison c =
      compare_coordinate(normal_sample(n, 5, shift), standard_normal(), 16, CounterRandom(5, 1));
  EXPECT_NEAR(c.wasserstein1.distance, shift, 4 / std::sqrt(n));
  EXPECT_NEAR(c.mean.distance, shift, 4 / std::sqrt(n));
  // KS of two normals a shift apart: 2 Phi(shift / 2) - 1.
  EXPECT_NEAR(c.kolmogorov_smirnov.distance, std::erf(shift / 2 / std::sqrt(2.0)), 2 / std::sqrt(n));
  EXPECT_NEAR(c.mean.floor, 1 / std::sqrt(n), 0.5 / std::sqrt(n));
  EXPECT_GT(c.wasserstein1.ratio(), 8);
  EXPECT_GT(c.kolmogorov_smirnov.ratio(), 5);
}

TEST(CompareCoordinate, ReportsTheMomentsOfBothSides) {
  const CoordinateComparison c =
      compare_coordinate(Values{0, 0, 0, 4}, fp::Marginal{{0, 3}, {1}}, 4, CounterRandom(1, 1));
  EXPECT_DOUBLE_EQ(c.experiment.mean, 1);
  EXPECT_DOUBLE_EQ(c.theory.mean, 1.5);
  EXPECT_DOUBLE_EQ(c.mean.distance, 0.5);
  EXPECT_NEAR(c.theory.std, std::sqrt(0.75), 1e-14);
  EXPECT_NEAR(c.std.distance, std::sqrt(3.0) - std::sqrt(0.75), 1e-14);
  EXPECT_NEAR(c.theory.skewness, 0, 1e-12);
  EXPECT_NEAR(c.theory.kurtosis, 1.8, 1e-12);
}

OutputComparison compare_outputs(const Values& experiment, const Values& theory, const OutputSampling& sampling,
                                 const CounterRandom& random) {
  return OutputReference(experiment, sampling, random).compare(theory);
}

/// n x n_inputs x 2 outputs, correlated, different for every input.
Values outputs(int n, int n_inputs, std::uint32_t seed, double shift = 0) {
  Values f;
  for (int r = 0; r < n; ++r)
    for (int i = 0; i < n_inputs; ++i) {
      const double a = CounterRandom(seed, 7).normal(RandomPurpose::bootstrap, 2 * i, 0, r);
      const double b = CounterRandom(seed, 7).normal(RandomPurpose::bootstrap, 2 * i + 1, 0, r);
      f.push_back(i + a + shift);
      f.push_back((i + 1) * (b + 0.5 * a));
    }
  return f;
}

TEST(CompareOutputs, OfTwoSamplesOfOneDistributionHasRatiosAboutOne) {
  const int n_seeds = 20;
  double ratio[3] = {0, 0, 0};
  for (int seed = 0; seed < n_seeds; ++seed) {
    const Values experiment = outputs(1000, 3, seed);
    const Values theory = outputs(1000, 3, seed + 1000);
    const OutputComparison c = compare_outputs(experiment, theory, {3, 2, 16, 8}, CounterRandom(seed, 1));
    ratio[0] += c.wasserstein1[0].ratio() / n_seeds;
    ratio[1] += c.kolmogorov_smirnov[1].ratio() / n_seeds;
    ratio[2] += c.sliced_wasserstein1.ratio() / n_seeds;
  }
  for (const double each : ratio) EXPECT_NEAR(each, 1, 0.2);
}

TEST(CompareOutputs, SeesAShiftInItsCoordinateOnly) {
  const Values experiment = outputs(1000, 2, 1);
  const Values theory = outputs(1000, 2, 1, 0.25);
  const OutputComparison c = compare_outputs(experiment, theory, {2, 2, 8, 200}, CounterRandom(1, 1));
  EXPECT_NEAR(c.wasserstein1[0].distance, 0.25, 1e-13);
  EXPECT_EQ(c.wasserstein1[1].distance, 0);
  EXPECT_EQ(c.kolmogorov_smirnov[1].distance, 0);
  // Mean of |cos| over the circle.
  EXPECT_NEAR(c.sliced_wasserstein1.distance, 0.25 * 2 / M_PI, 0.02);
}

TEST(CompareOutputs, OfOneOutputSlicesAlongIt) {
  const Values experiment{1, 2, 5, 3};
  const Values theory{2, 3, 6, 4};
  const OutputComparison c = compare_outputs(experiment, theory, {1, 1, 4, 16}, CounterRandom(1, 1));
  EXPECT_DOUBLE_EQ(c.sliced_wasserstein1.distance, 1);
  EXPECT_DOUBLE_EQ(c.sliced_wasserstein1.distance, c.wasserstein1[0].distance);
  EXPECT_DOUBLE_EQ(c.sliced_wasserstein1.floor, c.wasserstein1[0].floor);
}

TEST(CompareOutputs, IsAPureFunctionOfItsArguments) {
  const Values experiment = outputs(300, 2, 1);
  const Values theory = outputs(300, 2, 2);
  const OutputSampling sampling{2, 2, 4, 4};
  const OutputComparison one = compare_outputs(experiment, theory, sampling, CounterRandom(1, 1));
  const OutputComparison same = compare_outputs(experiment, theory, sampling, CounterRandom(1, 1));
  const OutputComparison other = compare_outputs(experiment, theory, sampling, CounterRandom(2, 1));
  EXPECT_EQ(one.sliced_wasserstein1.floor, same.sliced_wasserstein1.floor);
  EXPECT_NE(one.sliced_wasserstein1.floor, other.sliced_wasserstein1.floor);
  EXPECT_EQ(one.wasserstein1[1].distance, other.wasserstein1[1].distance);
}

TEST(CompareOutputs, NeedsFiniteValuesAndSizesThatMatch) {
  const Values six(6, 1.0);
  const Values diverged{1, NAN};
  EXPECT_THROW(compare_outputs(diverged, diverged, {1, 1, 4, 4}, CounterRandom(1, 1)), InternalError);
  EXPECT_THROW(compare_outputs(six, six, {2, 2, 4, 4}, CounterRandom(1, 1)), InternalError);
}

}  // namespace
}  // namespace driftwood::analysis
