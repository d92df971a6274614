#include "driftwood/app/schedule.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "driftwood/core/error.hpp"

namespace driftwood::app {
namespace {

TEST(Schedule, OneRankPerPointWhilePointsAreEnough) {
  EXPECT_EQ(choose_ranks_per_point(0, 4, 9), 1);
  EXPECT_EQ(choose_ranks_per_point(0, 4, 4), 1);
}

TEST(Schedule, FewPointsShareTheRanks) {
  EXPECT_EQ(choose_ranks_per_point(0, 8, 2), 4);
  EXPECT_EQ(choose_ranks_per_point(0, 7, 2), 3);
}

TEST(Schedule, MoreRanksPerPointThanRanksIsTheUsersError) {
  EXPECT_EQ(choose_ranks_per_point(3, 3, 1), 3);
  EXPECT_THROW(choose_ranks_per_point(4, 3, 1), ConfigError);
}

TEST(Schedule, EveryPointIsAssignedOnceAndTheLoadIsEven) {
  const std::vector<double> costs{1, 8, 2, 4, 4, 1};
  const auto groups = assign_points(costs, 2);
  ASSERT_EQ(groups.size(), 2u);
  std::vector<int> seen(costs.size(), 0);
  for (const auto& group : groups) {
    double load = 0;
    for (int point : group) {
      ++seen[point];
      load += costs[point];
    }
    EXPECT_DOUBLE_EQ(load, 10.0);
  }
  EXPECT_EQ(seen, std::vector<int>(costs.size(), 1));
}

}  // namespace
}  // namespace driftwood::app
