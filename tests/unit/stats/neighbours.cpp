#include "driftwood/stats/neighbours.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/core/random.hpp"

namespace driftwood::stats {
namespace {

std::vector<double> normal_points(int n, int dimension, std::uint32_t seed) {
  std::vector<double> points(static_cast<std::size_t>(n) * dimension);
  for (int i = 0; i < n; ++i)
    for (int k = 0; k < dimension; ++k)
      points[static_cast<std::size_t>(i) * dimension + k] =
          CounterRandom(seed, 0).normal(RandomPurpose::bootstrap, k, 0, i);
  return points;
}

std::vector<Neighbour> all_by_distance(const std::vector<double>& points, const std::vector<double>& from) {
  const std::size_t d = from.size();
  std::vector<Neighbour> result;
  for (std::size_t i = 0; i < points.size() / d; ++i) {
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) square += std::pow(points[i * d + k] - from[k], 2);
    result.push_back({std::sqrt(square), static_cast<int>(i)});
  }
  std::stable_sort(result.begin(), result.end(), [](auto& a, auto& b) { return a.distance < b.distance; });
  return result;
}

TEST(NeighbourIndex, FindsWhatAFullSearchFinds) {
  for (int d = 1; d <= 3; ++d) {
    const std::vector<double> points = normal_points(700, d, 1);
    const std::vector<double> questions = normal_points(30, d, 2);
    const NeighbourIndex index(points, d);
    for (int q = 0; q < 30; ++q) {
      std::vector<double> from(questions.begin() + q * d, questions.begin() + (q + 1) * d);
      for (double& x : from) x *= 2;
      const std::vector<Neighbour> expected = all_by_distance(points, from);
      const std::vector<Neighbour> found = index.nearest(from, 40);
      ASSERT_EQ(found.size(), 40u);
      for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(found[i].index, expected[i].index);
        EXPECT_DOUBLE_EQ(found[i].distance, expected[i].distance);
      }
    }
  }
}

TEST(NeighbourIndex, FindsTheNearestInAConeThatAFullSearchFinds) {
  const std::vector<double> points = normal_points(700, 2, 3);
  const std::vector<double> questions = normal_points(60, 4, 4);
  const NeighbourIndex index(points, 2);
  int n_empty = 0;
  for (int q = 0; q < 60; ++q) {
    const std::vector<double> from{2 * questions[4 * q], 2 * questions[4 * q + 1]};
    const std::vector<double> direction{questions[4 * q + 2], questions[4 * q + 3]};
    int expected = -1;
    for (const Neighbour& each : all_by_distance(points, from)) {
      const double ahead =
          direction[0] * (points[2 * each.index] - from[0]) + direction[1] * (points[2 * each.index + 1] - from[1]);
      if (ahead < 0.5 * std::hypot(direction[0], direction[1]) * each.distance) continue;
      expected = each.index;
      break;
    }
    const auto found = index.nearest_in_cone(from, direction, 0.5);
    EXPECT_EQ(found ? found->index : -1, expected);
    n_empty += expected < 0;
  }
  EXPECT_GT(n_empty, 3);  // the question has both answers
  EXPECT_LT(n_empty, 57);
}

TEST(NeighbourIndex, CopesWithCoincidingPoints) {
  const NeighbourIndex index(std::vector<double>(100, 1.5), 1);
  const std::vector<Neighbour> found = index.nearest(std::vector<double>{1.0}, 3);
  ASSERT_EQ(found.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(found[i].index, i);
    EXPECT_EQ(found[i].distance, 0.5);
  }
}

TEST(NeighbourIndex, GivesAllPointsWhenAskedForMore) {
  const NeighbourIndex index(std::vector<double>{3, 1, 2}, 1);
  EXPECT_EQ(index.nearest(std::vector<double>{0.0}, 10).size(), 3u);
}

TEST(NeighbourIndex, NeedsPoints) {
  EXPECT_THROW(NeighbourIndex(std::vector<double>{}, 2), InternalError);
}

}  // namespace
}  // namespace driftwood::stats
