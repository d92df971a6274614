#include "driftwood/sweep/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "driftwood/core/error.hpp"

namespace driftwood::sweep {
namespace {

using testing::ElementsAre;

int only_size(std::size_t n_points, int n_ranks, int requested = 0) {
  const auto queues = make_schedule(std::vector<double>(n_points, 3.5), n_ranks, requested);
  EXPECT_EQ(queues.size(), 1u);
  return queues.front().ranks_per_item;
}

TEST(Schedule, OneRankPerPointWhilePointsAreEnough) {
  EXPECT_EQ(only_size(9, 4), 1);
  EXPECT_EQ(only_size(4, 4), 1);
}

TEST(Schedule, FewPointsShareTheRanks) {
  EXPECT_EQ(only_size(2, 8), 4);
  EXPECT_EQ(only_size(2, 7), 3);
  EXPECT_EQ(only_size(1, 7), 7);
}

TEST(Schedule, MoreRanksPerPointThanRanksIsTheUsersError) {
  EXPECT_EQ(only_size(1, 3, 3), 3);
  EXPECT_THROW(make_schedule({1}, 3, 4), ConfigError);
}

TEST(Schedule, ALongPointGetsTheRanksThatItsShareOfTheWorkIsWorth) {
  // 60 of 100 seconds on 8 ranks: 4.8 ranks, so 4; the others 1 each. The longest first.
  const auto queues = make_schedule({11, 60, 9, 20}, 8, 0);
  ASSERT_EQ(queues.size(), 2u);
  EXPECT_EQ(queues[0].ranks_per_item, 4);
  EXPECT_THAT(queues[0].items, ElementsAre(1));
  EXPECT_EQ(queues[1].ranks_per_item, 1);
  EXPECT_THAT(queues[1].items, ElementsAre(3, 0, 2));
}

TEST(Schedule, PointsThatAreNearlyAlikeShareTheRanksEvenly) {
  const auto queues = make_schedule({36.2, 36.0, 36.1, 36.3}, 8, 0);
  ASSERT_EQ(queues.size(), 1u);
  EXPECT_EQ(queues[0].ranks_per_item, 2);
}

TEST(Schedule, WithoutDonePointsGroupsStayAsTheyWere) {
  const auto left = only_wanted(make_schedule({11, 60, 9, 20}, 8, 0), [](int item) { return item == 2; });
  ASSERT_EQ(left.size(), 2u);
  EXPECT_TRUE(left[0].items.empty());
  EXPECT_THAT(left[1].items, ElementsAre(2));
}

TEST(Parts, CoverTheGroupAndTheLastTakesWhatIsLeftOver) {
  EXPECT_EQ(part_of({0, 7}, 3, 2).count, 3);
  EXPECT_EQ(part_of({0, 7}, 3, 3).first, 3);
  EXPECT_EQ(part_of({0, 7}, 3, 6).count, 4);
  EXPECT_EQ(part_of({10, 4}, 2, 3).first, 12);
  EXPECT_EQ(part_of({0, 2}, 5, 1).count, 2);
}

double ideal(const std::vector<double>& costs, int item, int ranks) {
  return costs[static_cast<std::size_t>(item)] / ranks;
}

TEST(Forecast, PlaysTheLongestFirst) {
  const std::vector<double> costs{1, 8, 2, 4, 4, 1};
  const auto result =
      forecast(make_schedule(costs, 2, 1), 2, [&](int item, int ranks) { return ideal(costs, item, ranks); });
  EXPECT_DOUBLE_EQ(result.makespan, 10);
  EXPECT_DOUBLE_EQ(result.efficiency(2), 1);
  EXPECT_THAT(result.seconds, testing::ElementsAreArray(costs));
}

TEST(Forecast, GroupsCutThemselvesWithoutWaitingForOthers) {
  // Item 0 keeps ranks 0..1 until 5; ranks 2 and 3 are free for items 1..3 at once.
  const std::vector<WorkQueue> queues{{2, {0}}, {1, {1, 2, 3}}};
  const std::vector<double> seconds{5, 3, 2, 1};
  const auto result = forecast(queues, 4, [&](int item, int) { return seconds[static_cast<std::size_t>(item)]; });
  EXPECT_DOUBLE_EQ(result.makespan, 5);
  EXPECT_DOUBLE_EQ(result.busy_seconds, 5 * 2 + 3 + 2 + 1);
  EXPECT_DOUBLE_EQ(result.last_start, 2);
}

TEST(Forecast, AMixedSweepKeepsTwoRanksBusy) {
  std::vector<double> costs;
  for (int i = 0; i < 100; ++i) costs.push_back(std::pow(100.0, i / 99.0));
  const auto result =
      forecast(make_schedule(costs, 2, 0), 2, [&](int item, int ranks) { return ideal(costs, item, ranks); });
  EXPECT_GE(result.efficiency(2), 0.98);
  EXPECT_LE(result.efficiency(2), 1.0);
}

TEST(Forecast, NeverExceedsGrahamsBoundAndNeverBeatsTheWork) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 50; ++trial) {
    const int n_ranks = 1 + static_cast<int>(random() % 9);
    std::vector<double> costs(1 + random() % 40);
    for (double& cost : costs) cost = 1 + static_cast<double>(random() % 1000);
    const auto result = forecast(make_schedule(costs, n_ranks, 1), n_ranks,
                                 [&](int item, int ranks) { return ideal(costs, item, ranks); });
    double total = 0;
    for (const double cost : costs) total += cost;
    const double longest = *std::max_element(costs.begin(), costs.end());
    EXPECT_GE(result.makespan * (1 + 1e-12), std::max(longest, total / n_ranks));
    EXPECT_LE(result.makespan, total / n_ranks + longest);  // R. Graham 1966
  }
}

TEST(Forecast, OfAHundredThousandPointsOnSixteenThousandRanksTakesLittleTime) {
  std::vector<double> costs;
  for (int i = 0; i < 100000; ++i) costs.push_back(1 + i % 100);
  const auto queues = make_schedule(costs, 16384, 0);
  const auto result = forecast(queues, 16384, [&](int item, int ranks) { return ideal(costs, item, ranks); });
  EXPECT_GT(result.efficiency(16384), 0.7);
}

TEST(TimeLeft, IsPredictedAtFirstAndMeasuredLater) {
  EXPECT_DOUBLE_EQ(seconds_left(100, 0, 0, 4), 25);
  EXPECT_NEAR(seconds_left(100, 50, 100, 1), 100, 4);  // it takes twice as long as predicted
  EXPECT_EQ(seconds_left(100, 100, 300, 4), 0);
}

}  // namespace
}  // namespace driftwood::sweep
