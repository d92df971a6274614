#include "driftwood/analysis/permutation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/core/error.hpp"

namespace driftwood::analysis {
namespace {

using Values = std::vector<double>;

Values normal_rows(int n, int width, std::uint32_t seed, double shift = 0) {
  Values rows;
  for (int r = 0; r < n; ++r)
    for (int k = 0; k < width; ++k) rows.push_back(shift + CounterRandom(seed, 5).normal(RandomPurpose::bootstrap, k, 0, r));
  return rows;
}

const Values axes{1, 0, 0, 1};

/// Of n rows on either side.
stats::HalfSplits permutations(int n, int n_permutations, std::uint32_t seed = 1) {
  return {2 * n, n_permutations, CounterRandom(seed, 1)};
}

TEST(PermutationTest, IsFairWhereTheSamplesAreOfOneDistribution) {
  // p is uniform on 1/20 .. 1: mean 0.525, standard deviation 0.288.
  const int n_seeds = 100;
  double mean = 0;
  int n_below = 0;
  for (int seed = 0; seed < n_seeds; ++seed) {
    const double p = permutation_test(normal_rows(100, 4, 2 * seed), normal_rows(100, 4, 2 * seed + 1), 2, 2, axes,
                                      permutations(100, 19, seed))
                         .p_value;
    mean += p / n_seeds;
    if (p <= 0.1001) ++n_below;
  }
  EXPECT_NEAR(mean, 0.525, 4 * 0.029);
  EXPECT_NEAR(n_below, 10, 4 * 3);
}

TEST(PermutationTest, SeesAShiftOfOneCoordinateOfOneItem) {
  const int n = 200;
  const Values a = normal_rows(n, 4, 1);
  Values b = normal_rows(n, 4, 2);
  for (int r = 0; r < n; ++r) b[4 * r + 3] += 0.8;
  const PermutationTest test = permutation_test(a, b, 2, 2, axes, permutations(n, 99));
  EXPECT_DOUBLE_EQ(test.p_value, 0.01);
  EXPECT_NEAR(test.distance, 0.8 / 4, 0.1);
}

TEST(PermutationTest, OfEqualSamplesFindsNothing) {
  const Values a = normal_rows(50, 2, 1);
  const PermutationTest test = permutation_test(a, a, 1, 2, axes, permutations(50, 99));
  EXPECT_EQ(test.distance, 0);
  EXPECT_EQ(test.p_value, 1);
}

TEST(PermutationTest, DoesNotDependOnUnits) {
  const Values a = normal_rows(80, 2, 1);
  const Values b = normal_rows(80, 2, 2, 0.3);
  Values scaled_a = a, scaled_b = b;
  for (std::size_t i = 1; i < a.size(); i += 2) {
    scaled_a[i] = 1024 * a[i];
    scaled_b[i] = 1024 * b[i];
  }
  const PermutationTest plain = permutation_test(a, b, 1, 2, axes, permutations(80, 49));
  const PermutationTest scaled = permutation_test(scaled_a, scaled_b, 1, 2, axes, permutations(80, 49));
  EXPECT_EQ(plain.p_value, scaled.p_value);
  EXPECT_NEAR(plain.distance, scaled.distance, 1e-13);
}

TEST(PermutationTest, DoesNotDependOnTheOrderOfTheRows) {
  // Of one distribution: p may be anything, and another order would give another.
  const Values a = normal_rows(80, 2, 1);
  const Values b = normal_rows(80, 2, 2);
  Values reversed;
  for (std::size_t row = b.size(); row >= 2; row -= 2) reversed.insert(reversed.end(), {b[row - 2], b[row - 1]});
  const PermutationTest test = permutation_test(a, b, 1, 2, axes, permutations(80, 499));
  EXPECT_GT(test.p_value, 0.1);
  EXPECT_EQ(test.p_value, permutation_test(a, reversed, 1, 2, axes, permutations(80, 499)).p_value);
}

TEST(PermutationTest, RefusesWhatDoesNotFit) {
  EXPECT_THROW(permutation_test(Values{1, 2}, Values{1, 2, 3, 4}, 1, 2, axes, permutations(1, 9)), InternalError);
  EXPECT_THROW(permutation_test(Values{1, 2}, Values{1, 2}, 1, 2, axes, permutations(2, 9)), InternalError);
  EXPECT_THROW(permutation_test({}, {}, 1, 2, axes, permutations(1, 9)), InternalError);
  EXPECT_THROW(permutation_test(Values{1, 2}, Values{1, 2}, 1, 2, {}, permutations(1, 9)), InternalError);
  EXPECT_THROW(permutation_test(Values{1, NAN}, Values{1, 2}, 1, 2, axes, permutations(1, 9)), InternalError);
}

TEST(Verdicts, FollowTheTestAndTheDistance) {
  EXPECT_EQ(verdict_of(0.05, 3), Verdict::indistinguishable);
  EXPECT_EQ(verdict_of(0.01, 0.1), Verdict::distinguishable);
  EXPECT_EQ(verdict_of(0.01, 0.5), Verdict::far);
  EXPECT_STREQ(name(Verdict::far), "far");
}

}  // namespace
}  // namespace driftwood::analysis
