#include "driftwood/fp/first_passage.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "driftwood/core/error.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using std::numbers::pi;
using Values = std::vector<double>;

/// Brownian motion from x0 between absorbing walls at 0 and L.
constexpr double L = 2.0;
constexpr double x0 = 0.6;
constexpr double D = 0.5;

/// What has left through 0 (side = 0) or L (side = 1) until t: cosine series of the current at the walls.
double lost(int side, double t) {
  double sum = side == 0 ? 1 - x0 / L : x0 / L;
  for (int n = 1; n < 400; ++n)
    sum -= (side == 0 || n % 2 == 1 ? 1 : -1) * 2 / (n * pi) * std::sin(n * pi * x0 / L) *
           std::exp(-D * n * n * pi * pi * t / (L * L));
  return t == 0 ? 0.0 : sum;
}

struct Curve {
  Values times;
  Values absorbed;
};

Curve curve(int n, double end) {
  Curve result;
  for (int i = 0; i <= n; ++i) {
    result.times.push_back(end * i / n);
    for (const int side : {0, 1}) result.absorbed.push_back(lost(side, result.times.back()));
  }
  return result;
}

TEST(FirstPassage, OfBrownianMotionHasItsMeanAndItsSplitting) {
  const double exact = x0 * (L - x0) / (2 * D);
  Values errors;
  for (const int n : {40, 80, 160}) {
    const Curve observed = curve(n, 2.0);
    const FirstPassage result = first_passage(observed.times, observed.absorbed);
    errors.push_back(std::abs(result.mean - exact));
    EXPECT_NEAR(result.tail_rate, D * pi * pi / (L * L), 0.01);
    EXPECT_NEAR(result.splitting[0], 1 - x0 / L, 1e-3);
    EXPECT_NEAR(result.splitting[1], x0 / L, 1e-3);
    EXPECT_NEAR(result.splitting[0] + result.splitting[1], 1, 1e-12);
  }
  test::expect_order(errors, 1.7, 2.3);
  EXPECT_LT(errors.back(), 1e-3 * exact);
}

TEST(FirstPassage, DensityIsTheFallOfSurvival) {
  Values errors;
  for (const int n : {40, 80, 160}) {
    const Curve observed = curve(n, 2.0);
    const FirstPassage result = first_passage(observed.times, observed.absorbed);
    double error = 0;
    for (int i = n / 4; i <= n; ++i) {
      double exact = 0;
      for (int k = 1; k < 200; k += 2)
        exact += 4 * D * k * pi / (L * L) * std::sin(k * pi * x0 / L) *
                 std::exp(-D * k * k * pi * pi * observed.times[i] / (L * L));
      error = std::max(error, std::abs(result.density[i] - exact));
    }
    errors.push_back(error);
  }
  test::expect_order(errors, 1.7, 2.3);
}

TEST(FirstPassage, TailFollowsTheSlowestRateGiven) {
  const Curve observed = curve(400, 0.5);
  const double rate = D * pi * pi / (L * L);
  const FirstPassage result = first_passage(observed.times, observed.absorbed, rate);
  EXPECT_EQ(result.tail_rate, rate);
  EXPECT_NEAR(result.mean, x0 * (L - x0) / (2 * D), 5e-3);
}

TEST(FirstPassage, OfAnExponentialIsExactOnAnyTimes) {
  const Values times{0, 0.1, 0.5, 2.5};
  Values absorbed;
  for (const double t : times) absorbed.push_back(1 - std::exp(-0.7 * t));
  const FirstPassage result = first_passage(times, absorbed);
  EXPECT_NEAR(result.mean, 1 / 0.7, 1e-12);
  EXPECT_NEAR(result.tail_rate, 0.7, 1e-12);
  EXPECT_NEAR(result.splitting[0], 1, 1e-12);
}

TEST(FirstPassage, NeverComesWhereNothingLeaves) {
  const FirstPassage result = first_passage(Values{0, 1, 2}, Values(6, 0.0));
  EXPECT_EQ(result.survival, Values(3, 1.0));
  EXPECT_EQ(result.mean, std::numeric_limits<double>::infinity());
  EXPECT_EQ(result.splitting, Values(2, 0.0));
  EXPECT_THROW(first_passage(Values{0, 1}, Values(4, 0.0)), InternalError);
  EXPECT_THROW(first_passage(Values{0, 1, 2}, Values(4, 0.0)), InternalError);
}

}  // namespace
}  // namespace driftwood::fp
