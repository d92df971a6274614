#include "driftwood/fp/sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;

Values rough(long n) {
  Values values(n);
  for (long i = 0; i < n; ++i) values[i] = std::pow(test::uniform(7, i), 12) / static_cast<double>(n);
  return values;
}

TEST(PairwiseSum, LosesNothingOverAMillionTenths) {
  EXPECT_NEAR(pairwise_sum(Values(1 << 20, 0.1)) / (0.1 * (1 << 20)), 1, 1e-15);
  EXPECT_EQ(pairwise_sum(Values{1, 2, 4}), 7);
  EXPECT_EQ(pairwise_sum({}), 0);
}

TEST(OrderlessSum, HasTheSameBitsInAnyOrderAndGrouping) {
  Values masses = rough(1003);
  long double exact = 0;
  for (const double mass : masses) exact += mass;
  OrderlessSum whole;
  add_row(masses, whole, nullptr, nullptr);
  EXPECT_NEAR(static_cast<double>(whole.upper - exact + whole.lower), 0, 1e-18);  // the long double rounds, too
  std::mt19937 shuffler(3);
  for (const std::size_t cut : {1, 17, 500}) {
    std::shuffle(masses.begin(), masses.end(), shuffler);
    OrderlessSum first;
    OrderlessSum second;
    add_row(std::span(masses).first(cut), first, nullptr, nullptr);
    add_row(std::span(masses).subspan(cut), second, nullptr, nullptr);
    EXPECT_EQ(first.upper + second.upper, whole.upper);
    EXPECT_EQ(first.lower + second.lower, whole.lower);
  }
}

TEST(OrderlessSum, OfColumnsIsEachColumnsOwn) {
  const Values first = rough(37);
  const Values second(37, 0.25);
  Values upper(37, 0.0);
  Values lower(37, 0.0);
  OrderlessSum sum;
  add_row(first, sum, upper.data(), lower.data());
  add_row(second, sum, upper.data(), lower.data());
  for (int i = 0; i < 37; ++i) EXPECT_EQ(upper[i] + lower[i], 0.25 + first[i]);
}

TEST(RangeOf, FindsTheEndsWhereverTheyAre) {
  for (const long at : {0, 15, 16, 31, 34}) {
    Values values(35, 0.5);
    values[at] = -1;
    values[34 - at] = values[34 - at] < 0 ? -1 : 2;
    const auto [least, most] = range_of(values);
    EXPECT_EQ(least, -1);
    EXPECT_EQ(most, *std::max_element(values.begin(), values.end()));
  }
  EXPECT_EQ(range_of({}), std::pair(0.0, 0.0));
}

TEST(LargestWhere, LeavesOutWhatHasNoWeight) {
  for (const long at : {0, 15, 16, 36}) {
    Values values(37, 1.0);
    Values weights(37, 1.0);
    values[at] = 5;
    EXPECT_EQ(largest_where(values, weights, 0.5), 5);
    weights[at] = 0.5;
    EXPECT_EQ(largest_where(values, weights, 0.5), 1);
  }
}

}  // namespace
}  // namespace driftwood::fp
