#include "driftwood/core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace driftwood {
namespace {

constexpr int n_draws = 100000;

RandomPurpose purpose_of(std::uint32_t counter_word) {
  return static_cast<RandomPurpose>(counter_word >> 24);
}

TEST(CounterRandom, GivesThePublishedPhilox4x32Words) {
  struct Known {
    std::uint32_t counter[4];
    std::uint32_t key[2];
    CounterRandom::Block words;
  };
  // Random123's kat_vectors, philox4x32 with 10 rounds.
  const Known known[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (const Known& k : known) {
    const std::uint64_t replica = static_cast<std::uint64_t>(k.counter[3]) << 32 | k.counter[2];
    EXPECT_EQ(CounterRandom(k.key[0], k.key[1])
                  .block(purpose_of(k.counter[0]), k.counter[0] & 0xffffff, k.counter[1], replica),
              k.words);
  }
}

TEST(CounterRandom, UniformFillsTheUnitIntervalEvenly) {
  const CounterRandom random(1, 2);
  std::vector<int> bins(20, 0);
  for (int i = 0; i < n_draws; ++i) {
    const double u = random.uniform(RandomPurpose::theory_draw, i, 0, 0);
    ASSERT_GT(u, 0.0);
    ASSERT_LT(u, 1.0);
    ++bins[static_cast<int>(20 * u)];
  }
  double chi_square = 0;
  for (int count : bins) chi_square += std::pow(count - n_draws / 20.0, 2) / (n_draws / 20.0);
  EXPECT_LT(chi_square, 43.8);  // 0.1 percent point for 19 degrees of freedom
  EXPECT_GT(chi_square, 5.4);   // 99.9 percent: too even is wrong too
}

TEST(CounterRandom, NormalHasTheMomentsOfTheNormalDistribution) {
  const CounterRandom random(1, 2);
  double moment[5] = {};
  double neighbours = 0;
  for (int i = 0; i < n_draws; ++i) {
    const double x = random.normal(RandomPurpose::initial_weights, i, 0, 0);
    for (int k = 1; k <= 4; ++k) moment[k] += std::pow(x, k) / n_draws;
    neighbours += x * random.normal(RandomPurpose::initial_weights, i ^ 1, 0, 0) / n_draws;
  }
  const double error = 1 / std::sqrt(n_draws);
  EXPECT_NEAR(moment[1], 0, 4 * error);
  EXPECT_NEAR(moment[2], 1, 4 * error * std::sqrt(2));
  EXPECT_NEAR(moment[3], 0, 4 * error * std::sqrt(15));
  EXPECT_NEAR(moment[4], 3, 4 * error * std::sqrt(96));
  EXPECT_NEAR(neighbours, 0, 4 * error * std::sqrt(2)) << "the two numbers of a Box-Muller pair";
}

TEST(CounterRandom, PurposesStepsReplicasAndKeysAreIndependent) {
  const CounterRandom random(1, 2);
  double correlation[5] = {};
  for (int i = 0; i < n_draws; ++i) {
    const double x = random.uniform(RandomPurpose::minibatch, i, 3, 4) - 0.5;
    const double others[] = {random.uniform(RandomPurpose::langevin_noise, i, 3, 4),
                             random.uniform(RandomPurpose::minibatch, i, 4, 4),
                             random.uniform(RandomPurpose::minibatch, i, 3, 5),
                             CounterRandom(2, 2).uniform(RandomPurpose::minibatch, i, 3, 4),
                             CounterRandom(1, 3).uniform(RandomPurpose::minibatch, i, 3, 4)};
    for (int k = 0; k < 5; ++k) correlation[k] += 12 * x * (others[k] - 0.5) / n_draws;
  }
  for (double value : correlation) EXPECT_NEAR(value, 0, 4 / std::sqrt(n_draws));
}

TEST(CounterRandom, TheHighReplicaWordCounts) {
  const CounterRandom random(1, 2);
  EXPECT_NE(random.block(RandomPurpose::minibatch, 0, 0, 7),
            random.block(RandomPurpose::minibatch, 0, 0, (1ull << 32) + 7));
}

TEST(CounterRandom, BelowIsTheScaledWord) {
  const CounterRandom random(5, 6);
  std::vector<int> counts(7, 0);
  for (std::uint32_t i = 0; i < n_draws; ++i) {
    const std::uint32_t index = random.below(7, RandomPurpose::minibatch, i, 1, 2);
    const std::uint64_t word = random.block(RandomPurpose::minibatch, i / 4, 1, 2)[i % 4];
    ASSERT_EQ(index, word * 7 >> 32);
    ++counts.at(index);
  }
  for (int count : counts) EXPECT_NEAR(count, n_draws / 7.0, 4 * std::sqrt(n_draws / 7.0));
}

}  // namespace
}  // namespace driftwood
