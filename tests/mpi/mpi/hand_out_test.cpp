#include "driftwood/mpi/hand_out.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>

#include "driftwood/core/error.hpp"
#include "support/world.hpp"

namespace driftwood::mpi {
namespace {

std::vector<int> numbers(int n) {
  std::vector<int> all(n);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// How many groups worked on each item, over the whole world.
std::vector<double> times_worked(const std::vector<WorkQueue>& queues, int n_items) {
  std::vector<double> counts(n_items, 0);
  {
    SharedCounters counters(test::world(), static_cast<int>(queues.size()));
    hand_out(queues, test::world(), counters, [&](int item, const RankGroup& group) {
      if (group.ranks.is_root()) ++counts[item];
      return true;
    });
  }
  test::world().sum(counts);
  return counts;
}

class EveryAccess : public testing::TestWithParam<CounterAccess> {};
INSTANTIATE_TEST_SUITE_P(Access, EveryAccess, testing::Values(CounterAccess::one_sided, CounterAccess::messages));

TEST_P(EveryAccess, GivesEveryNumberOnce) {
  const Communicator& world = test::world();
  constexpr int n = 500;
  std::vector<double> seen(static_cast<std::size_t>(n) * world.size(), 0);
  {
    SharedCounters counters(world, 2, GetParam());
    EXPECT_EQ(counters.access(), GetParam());  // one machine has both
    for (int i = 0; i < n; ++i) ++seen.at(counters.fetch_and_add(1));
  }
  world.sum(seen);
  EXPECT_EQ(seen, std::vector<double>(seen.size(), 1.0));
}

TEST(HandOut, GivesEveryItemToOneGroup) {
  EXPECT_EQ(times_worked({{1, numbers(37)}}, 37), std::vector<double>(37, 1.0));
  EXPECT_EQ(times_worked({{2, numbers(7)}}, 7), std::vector<double>(7, 1.0));
  EXPECT_EQ(times_worked({{4, {0, 3}}, {2, {1}}, {1, {2, 4, 5}}}, 6), std::vector<double>(6, 1.0));
  EXPECT_EQ(times_worked({{2, {}}, {1, numbers(3)}}, 3), std::vector<double>(3, 1.0));
}

TEST(HandOut, GroupsHaveTheSizeOfTheirQueue) {
  SharedCounters counters(test::world(), 2);
  hand_out({{2, numbers(5)}, {1, numbers(5)}}, test::world(), counters, [&](int, const RankGroup& group) {
    EXPECT_EQ(group.ranks.size(), group.place.count);
    EXPECT_EQ(group.place.first + group.ranks.rank(), test::world().rank());
    EXPECT_LE(group.ranks.size(), 2);
    return true;
  });
}

TEST(HandOut, AGroupThatFailsLeavesTheRestToOthers) {
  const Communicator& world = test::world();
  double n_worked = 0;
  {
    SharedCounters counters(world, 1);
    try {
      hand_out({{1, numbers(20)}}, world, counters, [&](int, const RankGroup& group) {
        if (group.place.first == world.size() - 1) throw IoError("disk full");
        ++n_worked;
        return true;
      });
    } catch (const IoError&) {
    }
  }
  std::vector<double> total{n_worked};
  world.sum(total);
  EXPECT_GE(total[0], world.size() == 1 ? 0 : 19);
  EXPECT_LE(total[0], 20);
}

TEST_P(EveryAccess, HandsOutAPointInLessThanAMillisecond) {
  const Communicator& world = test::world();
  constexpr int n_items = 10000;
  const auto start = std::chrono::steady_clock::now();
  {
    SharedCounters counters(world, 1, GetParam());
    hand_out({{1, numbers(n_items)}}, world, counters, [&](int, const RankGroup&) {
      counters.serve();
      return true;
    });
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double per_item = world.max(seconds) * world.size() / n_items;
  if (world.is_root())
    std::printf("%d items on %d ranks: %.2g ms of a rank's time each\n", n_items, world.size(), 1e3 * per_item);
  EXPECT_LT(per_item, 1e-3);
}

}  // namespace
}  // namespace driftwood::mpi
