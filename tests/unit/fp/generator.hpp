#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "driftwood/core/random.hpp"
#include "driftwood/fp/edge_rates.hpp"

namespace driftwood::fp::test {

/// A reproducible number in (0, 1).
inline double uniform(std::uint32_t draw, std::uint64_t row = 0) {
  return CounterRandom(21, 22).uniform(RandomPurpose::bootstrap, draw, 0, row);
}

/// L q for rates whose owned cells are all cells: what flows along every edge leaves one end and enters the other.
inline std::vector<double> apply(const EdgeRates& rates, const std::vector<double>& q) {
  std::vector<double> result(q.size(), 0.0);
  for (const EdgeRates::Direction& direction : rates.directions)
    for (std::size_t to = direction.offset; to < q.size(); ++to) {
      const std::size_t from = to - direction.offset;
      const double flow = direction.forward[to] * q[from] - direction.backward[to] * q[to];
      result[from] -= flow;
      result[to] += flow;
    }
  return result;
}

/// Errors of successive grids, each twice as fine as the one before: the order lies within the bounds every time.
inline void expect_order(const std::vector<double>& errors, double least, double most) {
  ASSERT_GE(errors.size(), 3u);
  for (std::size_t i = 1; i < errors.size(); ++i) {
    const double order = std::log2(errors[i - 1] / errors[i]);
    EXPECT_GE(order, least) << "errors " << errors[i - 1] << ", " << errors[i];
    EXPECT_LE(order, most) << "errors " << errors[i - 1] << ", " << errors[i];
  }
}

}  // namespace driftwood::fp::test
