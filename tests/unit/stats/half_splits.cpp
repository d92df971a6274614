#include "driftwood/stats/half_splits.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/stats/distances.hpp"

namespace driftwood::stats {
namespace {

using Values = std::vector<double>;

/// Rounded to tenths, so that there are ties; odd, so that one is left out.
Values sample_with_ties() {
  Values values(101);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::round(10 * CounterRandom(8, 9).normal(RandomPurpose::bootstrap, 0, 0, i)) / 10;
  return values;
}

struct Halves {
  Values one;
  Values other;
};
Halves halves_of(const Values& values, const CounterRandom& random, int split) {
  const std::vector<int> permutation = random_halves(static_cast<int>(values.size()), random, split);
  const std::size_t half = values.size() / 2;
  Halves result;
  for (std::size_t i = 0; i < half; ++i) {
    result.one.push_back(values[permutation[i]]);
    result.other.push_back(values[permutation[half + i]]);
  }
  return result;
}

TEST(HalfSplits, GiveTheDistancesOfTheHalvesThemselves) {
  const Values values = sample_with_ties();
  const CounterRandom random(1, 2);
  const HalfSplits splits(static_cast<int>(values.size()), 5, random);
  const std::vector<HalfDistances> distances = splits.distances(values, ascending_order(values));
  for (int split = 0; split < 5; ++split) {
    const Halves halves = halves_of(values, random, split);
    EXPECT_EQ(splits.wasserstein1(values, ascending_order(values))[split], distances[split].wasserstein1);
    EXPECT_NEAR(distances[split].wasserstein1, wasserstein1(halves.one, halves.other), 1e-14);
    EXPECT_DOUBLE_EQ(distances[split].kolmogorov_smirnov, kolmogorov_smirnov(halves.one, halves.other));
    EXPECT_NEAR(distances[split].energy, energy_distance_sorted(sorted(halves.one), sorted(halves.other)), 1e-14);
  }
}

TEST(HalfSplits, GiveTheMomentsOfTheHalvesThemselves) {
  const Values values = sample_with_ties();
  const CounterRandom random(1, 2);
  const std::vector<HalfMoments> found = HalfSplits(static_cast<int>(values.size()), 5, random).moments(values);
  for (int split = 0; split < 5; ++split) {
    const Halves halves = halves_of(values, random, split);
    EXPECT_NEAR(found[split].mean, std::abs(moments(halves.one).mean - moments(halves.other).mean), 1e-14);
    EXPECT_NEAR(found[split].std, std::abs(moments(halves.one).std - moments(halves.other).std), 1e-14);
  }
}

TEST(HalfSplits, OfOneReplicaAreEmpty) {
  const HalfSplits splits(1, 3, CounterRandom(1, 2));
  EXPECT_EQ(splits.distances(Values{4}, std::vector<int>{0})[2].wasserstein1, 0);
  EXPECT_EQ(splits.moments(Values{4})[2].mean, 0);
}

TEST(AscendingOrder, KeepsTiesInOrderOfPosition) {
  EXPECT_EQ(ascending_order(Values{2, 1, 2, 0, 1}), (std::vector<int>{3, 1, 4, 0, 2}));
}

}  // namespace
}  // namespace driftwood::stats
