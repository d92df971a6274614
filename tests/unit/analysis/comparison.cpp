#include "driftwood/analysis/comparison.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
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

CoordinateComparison compare(const Values& sample, const fp::Marginal& theory, const CounterRandom& random) {
  return compare_coordinate(sample, theory, Resampling(static_cast<int>(sample.size()), 16, 40, 19, random));
}

TEST(CompareCoordinate, OfASampleOfTheTheoryHasRatiosAboutOne) {
  const fp::Marginal theory = standard_normal();
  const int n_seeds = 60;
  double ratio[6] = {};
  for (int seed = 0; seed < n_seeds; ++seed) {
    const CoordinateComparison c = compare(normal_sample(2000, seed), theory, CounterRandom(seed, 1));
    ratio[0] += c.wasserstein1.ratio() / n_seeds;
    ratio[1] += c.kolmogorov_smirnov.ratio() / n_seeds;
    ratio[2] += c.mean.ratio() / n_seeds;
    ratio[3] += c.std.ratio() / n_seeds;
    ratio[4] += c.energy.ratio() / n_seeds;
    ratio[5] += c.kullback_leibler.ratio() / n_seeds;
  }
  EXPECT_NEAR(ratio[0], 1, 0.2);
  EXPECT_NEAR(ratio[1], 1, 0.2);
  EXPECT_NEAR(ratio[4], 1, 0.2);
  EXPECT_NEAR(ratio[5], 1, 0.1);
  const double mean_of_absolute_normal = std::sqrt(2 / M_PI);
  EXPECT_NEAR(ratio[2], mean_of_absolute_normal, 0.25);
  EXPECT_NEAR(ratio[3], mean_of_absolute_normal, 0.25);
}

/// What to expect of ratios where the theory is exact: how far one is above 1, and the largest of twelve.
TEST(Wasserstein1, OfASampleOfTheTheoryIsRarelyTwiceItsMean) {
  const fp::Marginal theory = standard_normal();
  constexpr int n_groups = 100;
  constexpr int n_in_group = 12;
  Values distances;
  for (int seed = 0; seed < n_groups * n_in_group; ++seed) {
    Values sample = normal_sample(500, 1000 + seed);
    std::sort(sample.begin(), sample.end());
    distances.push_back(wasserstein1(sample, theory));
  }
  const double mean = std::accumulate(distances.begin(), distances.end(), 0.0) / n_groups / n_in_group;
  Values largest;
  for (int group = 0; group < n_groups; ++group)
    largest.push_back(*std::max_element(&distances[group * n_in_group], &distances[group * n_in_group] + n_in_group));
  const auto quantile = [](Values& values, double part) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size()))];
  };
  EXPECT_NEAR(quantile(distances, 0.95) / mean, 1.66, 0.12);
  EXPECT_NEAR(quantile(largest, 0.5) / mean, 1.64, 0.15);
}

TEST(CompareCoordinate, MeasuresAShiftInUnitsOfTheFloor) {
  const int n = 4000;
  const double shift = 0.3;
  const CoordinateComparison c = compare(normal_sample(n, 5, shift), standard_normal(), CounterRandom(5, 1));
  EXPECT_NEAR(c.wasserstein1.distance, shift, 4 / std::sqrt(n));
  EXPECT_NEAR(c.mean.distance, shift, 4 / std::sqrt(n));
  // KS of two normals a shift apart: 2 Phi(shift / 2) - 1.
  EXPECT_NEAR(c.kolmogorov_smirnov.distance, std::erf(shift / 2 / std::sqrt(2.0)), 2 / std::sqrt(n));
  EXPECT_NEAR(c.mean.floor, 1 / std::sqrt(n), 0.5 / std::sqrt(n));
  EXPECT_GT(c.wasserstein1.ratio(), 8);
  EXPECT_GT(c.kolmogorov_smirnov.ratio(), 5);
}

TEST(CompareCoordinate, HasAnIntervalThatHoldsTheTrueDistance) {
  // Two normal densities a shift apart: the distance is the shift, the sample's is that within about 2 / sqrt(n).
  const double shift = 0.4;
  const int n_seeds = 60;
  int n_held = 0;
  for (int seed = 0; seed < n_seeds; ++seed) {
    const Interval interval =
        compare(normal_sample(900, seed, shift), standard_normal(), CounterRandom(seed, 1)).wasserstein1_interval;
    EXPECT_NEAR(interval.high - interval.low, 4 / std::sqrt(900), 2 / std::sqrt(900));
    if (interval.low <= shift && shift <= interval.high) ++n_held;
  }
  EXPECT_GE(n_held, 50);
}

TEST(CompareCoordinate, ReportsTheMomentsOfBothSides) {
  const CoordinateComparison c = compare(Values{0, 0, 0, 4}, fp::Marginal{{0, 3}, {1}}, CounterRandom(1, 1));
  EXPECT_DOUBLE_EQ(c.experiment.mean, 1);
  EXPECT_DOUBLE_EQ(c.theory.mean, 1.5);
  EXPECT_DOUBLE_EQ(c.mean.distance, 0.5);
  EXPECT_NEAR(c.theory.std, std::sqrt(0.75), 1e-14);
  EXPECT_NEAR(c.std.distance, std::sqrt(3.0) - std::sqrt(0.75), 1e-14);
  EXPECT_NEAR(c.theory.skewness, 0, 1e-12);
  EXPECT_NEAR(c.theory.kurtosis, 1.8, 1e-12);
}

OutputComparison compare_outputs(const Values& experiment, const Values& theory, const OutputShape& shape, int n_splits,
                                 const CounterRandom& random) {
  const int n = static_cast<int>(experiment.size()) / std::max(shape.n_inputs * shape.n_outputs, 1);
  const Resampling resampling(n, n_splits, 2, 1, random);
  return OutputReference(experiment, shape, resampling, random).compare(theory);
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
    const OutputComparison c = compare_outputs(experiment, theory, {3, 2, 8}, 16, CounterRandom(seed, 1));
    ratio[0] += c.wasserstein1[0].ratio() / n_seeds;
    ratio[1] += c.kolmogorov_smirnov[1].ratio() / n_seeds;
    ratio[2] += c.joint.sliced_wasserstein1.ratio() / n_seeds;
  }
  for (const double each : ratio) EXPECT_NEAR(each, 1, 0.2);
}

TEST(CompareOutputs, TellTheoryFromExperimentWhereTheyDiffer) {
  const Values experiment = outputs(1000, 3, 1);
  const CounterRandom random(1, 1);
  const Resampling resampling(1000, 8, 60, 99, random);
  const OutputReference reference(experiment, {3, 2, 4}, resampling, random);
  const JointComparison same = reference.compare(outputs(1000, 3, 1001)).joint;
  EXPECT_GE(same.p_value, 0.05);
  EXPECT_EQ(same.verdict, Verdict::indistinguishable);
  const JointComparison shifted = reference.compare(outputs(1000, 3, 1001, 0.3)).joint;
  EXPECT_DOUBLE_EQ(shifted.p_value, 0.01);
  EXPECT_EQ(shifted.verdict, Verdict::distinguishable);
  EXPECT_LT(shifted.sliced_interval.low, shifted.sliced_wasserstein1.distance);
  EXPECT_GT(shifted.sliced_interval.low, same.sliced_interval.high);
  EXPECT_EQ(reference.compare(outputs(1000, 3, 1001, 5)).joint.verdict, Verdict::far);
}

TEST(CompareOutputs, SeesAShiftInItsCoordinateOnly) {
  const Values experiment = outputs(1000, 2, 1);
  const Values theory = outputs(1000, 2, 1, 0.25);
  const OutputComparison c = compare_outputs(experiment, theory, {2, 2, 200}, 8, CounterRandom(1, 1));
  EXPECT_NEAR(c.wasserstein1[0].distance, 0.25, 1e-13);
  EXPECT_EQ(c.wasserstein1[1].distance, 0);
  EXPECT_EQ(c.kolmogorov_smirnov[1].distance, 0);
  // Mean of |cos| over the circle.
  EXPECT_NEAR(c.joint.sliced_wasserstein1.distance, 0.25 * 2 / M_PI, 0.02);
}

TEST(CompareOutputs, OfOneOutputSlicesAlongIt) {
  const Values experiment{1, 2, 5, 3};
  const Values theory{2, 3, 6, 4};
  const OutputComparison c = compare_outputs(experiment, theory, {1, 1, 16}, 4, CounterRandom(1, 1));
  EXPECT_DOUBLE_EQ(c.joint.sliced_wasserstein1.distance, 1);
  EXPECT_DOUBLE_EQ(c.joint.sliced_wasserstein1.distance, c.wasserstein1[0].distance);
  EXPECT_DOUBLE_EQ(c.joint.sliced_wasserstein1.floor, c.wasserstein1[0].floor);
}

TEST(CompareOutputs, IsAPureFunctionOfItsArguments) {
  const Values experiment = outputs(300, 2, 1);
  const Values theory = outputs(300, 2, 2);
  const OutputShape shape{2, 2, 4};
  const OutputComparison one = compare_outputs(experiment, theory, shape, 4, CounterRandom(1, 1));
  const OutputComparison same = compare_outputs(experiment, theory, shape, 4, CounterRandom(1, 1));
  const OutputComparison other = compare_outputs(experiment, theory, shape, 4, CounterRandom(2, 1));
  EXPECT_EQ(one.joint.sliced_wasserstein1.floor, same.joint.sliced_wasserstein1.floor);
  EXPECT_NE(one.joint.sliced_wasserstein1.floor, other.joint.sliced_wasserstein1.floor);
  EXPECT_EQ(one.wasserstein1[1].distance, other.wasserstein1[1].distance);
}

TEST(CompareOutputs, NeedsFiniteValuesAndSizesThatMatch) {
  const Values six(6, 1.0);
  const Values diverged{1, NAN};
  EXPECT_THROW(compare_outputs(diverged, diverged, {1, 1, 4}, 4, CounterRandom(1, 1)), InternalError);
  EXPECT_THROW(compare_outputs(six, six, {2, 2, 4}, 4, CounterRandom(1, 1)), InternalError);
}

}  // namespace
}  // namespace driftwood::analysis
