#include "driftwood/fp/line_factors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "driftwood/core/error.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;

/// Random rates between all cells i and i + offset of n, over `decades` decades up to `largest`.
EdgeRates::Direction random_direction(long n, long offset, double largest, double decades, std::uint32_t number) {
  EdgeRates::Direction direction{{}, offset, Values(n + offset, 0.0), Values(n + offset, 0.0)};
  const auto rate = [&](long edge, std::uint32_t way) {
    return largest * std::pow(10, -decades * test::uniform(2 * number + way, edge));
  };
  for (long to = offset; to < n; ++to) {  // what lies before are edges into the range from outside
    direction.forward[to] = rate(to, 0);
    direction.backward[to] = rate(to, 1);
  }
  return direction;
}

EdgeRates random_rates(long n, const std::vector<long>& offsets, double largest, double decades) {
  EdgeRates rates{{0, n}, {}};
  for (const long offset : offsets)
    rates.directions.push_back(
        random_direction(n, offset, largest, decades, static_cast<std::uint32_t>(rates.directions.size())));
  return rates;
}

Values random_vector(long n) {
  Values x;
  for (long i = 0; i < n; ++i) x.push_back(i % 7 == 3 ? 0 : std::pow(10, -6 * test::uniform(90, i)));
  return x;
}

Values solved(const EdgeRates& rates, Values x) {
  LineFactors(rates).solve(x);
  return x;
}

/// (I - L) x, and in `size` the sum of its terms' sizes.
Values applied(const EdgeRates& rates, const Values& x, Values& size) {
  const Values change = test::apply(rates, x);
  Values result(x.size());
  size.assign(x.size(), 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    result[i] = x[i] - change[i];
    size[i] = x[i];
  }
  for (const EdgeRates::Direction& direction : rates.directions)
    for (std::size_t to = direction.offset; to < x.size(); ++to) {
      const std::size_t from = to - direction.offset;
      const double sum = direction.forward[to] * x[from] + direction.backward[to] * x[to];
      size[from] += sum;
      size[to] += sum;
    }
  return result;
}

double sum(const Values& x) {
  return std::accumulate(x.begin(), x.end(), 0.0);
}

TEST(LineFactors, SolveTwoCellsByHand) {
  // I - L = [[1 + 3, -1], [-3, 1 + 1]], determinant 5.
  const EdgeRates rates{{0, 2}, {{{1, 0, 0, 0}, 1, {0, 3, 0}, {0, 1, 0}}}};
  const Values x = solved(rates, {5, 10});
  EXPECT_NEAR(x[0], (2 * 5 + 10) / 5.0, 1e-15);
  EXPECT_NEAR(x[1], (3 * 5 + 4 * 10) / 5.0, 1e-14);
}

TEST(LineFactors, InvertOneDirectionExactly) {
  for (const double decades : {0.0, 3.0, 12.0})
    for (const double largest : {1e-3, 1.0, 1e6})
      for (const long offset : {1L, 2L, 7L, 30L, 59L}) {
        const long n = 60;  // not a multiple of every offset
        const EdgeRates rates = random_rates(n, {offset}, largest, decades);
        const Values rhs = random_vector(n);
        Values size;
        const Values back = applied(rates, solved(rates, rhs), size);
        for (long i = 0; i < n; ++i) EXPECT_NEAR(back[i], rhs[i], 1e-13 * std::max(size[i], rhs[i])) << offset;
      }
}

TEST(LineFactors, InvertTheProductOfSeveralDirections) {
  const long n = 6 * 9;
  const EdgeRates rates = random_rates(n, {1, 8, 9, 10}, 3, 2);
  const Values rhs = random_vector(n);
  Values x = solved(rates, rhs);
  Values size;
  for (auto direction = rates.directions.rbegin(); direction != rates.directions.rend(); ++direction)
    x = applied({rates.owned, {*direction}}, x, size);
  for (long i = 0; i < n; ++i) EXPECT_NEAR(x[i], rhs[i], 1e-12);
}

TEST(LineFactors, KeepTheSumAndTheSignForRatesOverManyDecades) {
  for (const double largest : {1.0, 1e8, 1e16}) {
    const EdgeRates rates = random_rates(200, {1, 19, 20, 21}, largest, 24);
    const Values rhs = random_vector(200);
    const Values x = solved(rates, rhs);
    for (const double value : x) EXPECT_GE(value, 0);
    EXPECT_NEAR(sum(x) / sum(rhs), 1, 1e-13);
  }
}

TEST(LineFactors, SpreadAPointOverEveryCellOfALineAndNoOther) {
  const EdgeRates rates = random_rates(60, {6}, 10, 1);
  Values rhs(60, 0.0);
  rhs[20] = 1;
  const Values x = solved(rates, rhs);
  for (int i = 0; i < 60; ++i) {
    const bool is_on_the_line = i % 6 == 2;
    EXPECT_EQ(x[i] > 0, is_on_the_line) << i;
    EXPECT_GE(x[i], 0) << i;
  }
}

TEST(LineFactors, DoNothingWithoutRates) {
  const Values rhs = random_vector(10);
  EXPECT_EQ(solved(random_rates(10, {1, 3}, 0, 0), rhs), rhs);
  EXPECT_EQ(solved({{0, 10}, {}}, rhs), rhs);
}

TEST(LineFactors, LeaveOutEdgesThatLeaveTheRange) {
  // Two cells of a longer line, each with an edge to a cell outside.
  const EdgeRates rates{{4, 2}, {{{1, 0, 0, 0}, 1, {7, 3, 9}, {8, 1, 5}}}};
  EXPECT_EQ(solved(rates, {5, 10}), solved({{0, 2}, {{{1, 0, 0, 0}, 1, {0, 3, 0}, {0, 1, 0}}}}, {5, 10}));
  // Every edge of this direction leaves it.
  const EdgeRates far{{4, 2}, {{{1, 0, 0, 0}, 2, {7, 3, 9, 1}, {8, 1, 5, 1}}}};
  EXPECT_EQ(solved(far, {5, 10}), (Values{5, 10}));
}

TEST(LineFactors, ReachTheEquilibriumForLargeRates) {
  // Detailed balance with q_i = 2^-i.
  const long n = 12;
  EdgeRates rates = random_rates(n, {1}, 1e12, 0);
  for (double& backward : rates.directions[0].backward) backward *= 2;
  Values rhs(n, 0.0);
  rhs[n - 1] = 1;
  const Values x = solved(rates, rhs);
  for (long i = 0; i < n; ++i) EXPECT_NEAR(x[i], std::pow(2, -i) / (2 - std::pow(2, 1 - n)), 1e-9);
}

TEST(LineFactors, RefuseAVectorOfAnotherSize) {
  Values x(9, 1.0);
  EXPECT_THROW(LineFactors(random_rates(10, {1}, 1, 0)).solve(x), InternalError);
}

}  // namespace
}  // namespace driftwood::fp
