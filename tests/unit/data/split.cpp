#include "driftwood/data/split.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "driftwood/core/error.hpp"
#include "driftwood/data/transforms.hpp"

namespace driftwood::data {
namespace {

const CounterRandom random_numbers(5, 0);

/// Sample i is (i, -i).
Dataset numbered(int n) {
  Dataset dataset{.name = "numbers", .feature_names = {"a", "b"}, .n_samples = n, .n_features = 2, .values = {}};
  for (int i = 0; i < n; ++i) dataset.values.insert(dataset.values.end(), {1.0 * i, -1.0 * i});
  return dataset;
}

std::vector<double> first_feature(const Dataset& dataset) {
  std::vector<double> values;
  for (int i = 0; i < dataset.n_samples; ++i) values.push_back(dataset.sample(i)[0]);
  return values;
}

TEST(Split, EverySampleIsInOnePartAndBothKeepTheirOrder) {
  const Split parts = split(numbered(150), 0.2, random_numbers);
  EXPECT_EQ(parts.test.n_samples, 30);
  EXPECT_EQ(parts.train.n_samples, 120);
  const std::vector<double> train = first_feature(parts.train);
  const std::vector<double> test = first_feature(parts.test);
  EXPECT_TRUE(std::is_sorted(train.begin(), train.end()));
  EXPECT_TRUE(std::is_sorted(test.begin(), test.end()));
  std::vector<double> all;
  std::merge(train.begin(), train.end(), test.begin(), test.end(), std::back_inserter(all));
  EXPECT_EQ(all, first_feature(numbered(150)));
}

TEST(Split, LargerFractionsHoldOutMoreOfTheSameAndSeedsDiffer) {
  const auto held_out = [](double fraction, std::uint32_t seed) {
    return first_feature(split(numbered(100), fraction, CounterRandom(seed, 0)).test);
  };
  const std::vector<double> few = held_out(0.1, 5);
  const std::vector<double> many = held_out(0.4, 5);
  EXPECT_TRUE(std::includes(many.begin(), many.end(), few.begin(), few.end()));
  EXPECT_EQ(few, held_out(0.1, 5));
  EXPECT_NE(few, held_out(0.1, 6));
}

TEST(Split, NoPartIsEverEmptyUnlessNothingIsHeldOut) {
  EXPECT_EQ(split(numbered(3), 0.01, random_numbers).test.n_samples, 1);
  EXPECT_EQ(split(numbered(3), 0.9, random_numbers).train.n_samples, 1);
  EXPECT_EQ(split(numbered(3), 0, random_numbers).test.n_samples, 0);
  EXPECT_EQ(split(numbered(3), 0, random_numbers).train.values, numbered(3).values);
  EXPECT_THROW(split(numbered(1), 0.5, random_numbers), ConfigError);
}

TEST(Split, HeldOutSamplesAreScaledByTheMomentsOfTheOthers) {
  const Split parts = split(numbered(10), 0.3, random_numbers);
  const std::vector<double> train = first_feature(parts.train);
  double mean = 0;
  double square = 0;
  for (double x : train) mean += x / 7;
  for (double x : train) square += (x - mean) * (x - mean) / 7;
  const Dataset scaled = standardised(parts.test, parts.train);
  for (int i = 0; i < 3; ++i)
    EXPECT_NEAR(scaled.sample(i)[1], -(parts.test.sample(i)[0] - mean) / std::sqrt(square), 1e-14);
  EXPECT_THROW(whitened(parts.test, parts.train), ConfigError) << "b follows from a";
}

}  // namespace
}  // namespace driftwood::data
