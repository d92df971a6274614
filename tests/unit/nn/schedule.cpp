#include "driftwood/nn/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "driftwood/core/error.hpp"

namespace driftwood::nn {
namespace {

using Kind = Schedule::Kind;

TEST(Schedule, FollowsItsFormula) {
  EXPECT_EQ((Schedule{Kind::constant, 10, 0.5}.relative_rate(1000)), 1.0);
  const Schedule step{Kind::step, 10, 0.5};
  EXPECT_EQ(step.relative_rate(9), 1.0);
  EXPECT_EQ(step.relative_rate(10), 0.5);
  EXPECT_EQ(step.relative_rate(29), 0.25);
  const Schedule cosine{Kind::cosine, 100, 0.2};
  EXPECT_DOUBLE_EQ(cosine.relative_rate(0), 1.0);
  EXPECT_DOUBLE_EQ(cosine.relative_rate(50), 0.6);
  EXPECT_DOUBLE_EQ(cosine.relative_rate(100), 0.2);
  EXPECT_DOUBLE_EQ(cosine.relative_rate(5000), 0.2);
  EXPECT_DOUBLE_EQ((Schedule{Kind::inverse_time, 50, 0}.relative_rate(100)), 1.0 / 3);
}

TEST(TimeAxis, IsTheSumOfTheLearningRatesOverOneMinusMomentum) {
  const std::vector<std::uint32_t> steps = {0, 1, 10, 11, 200};
  for (Kind kind : {Kind::constant, Kind::step, Kind::cosine, Kind::inverse_time}) {
    const TimeAxis axis{0.05, 0.8, {kind, 10, 0.5}};
    const std::vector<double> times = axis.times(steps);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      double sum = 0;
      for (std::uint32_t k = 0; k < steps[i]; ++k) sum += 0.05 * axis.schedule.relative_rate(k) / (1 - 0.8);
      EXPECT_NEAR(times[i], sum, 1e-12 * (1 + sum));
    }
  }
}

TEST(TimeAxis, FindsTheStepsNearestToATime) {
  EXPECT_EQ((TimeAxis{0.02, 0, {}}.steps_until(10)), 500u);
  EXPECT_EQ((TimeAxis{0.02, 0.9, {}}.steps_until(10)), 50u);
  EXPECT_EQ((TimeAxis{0.02, 0, {}}.steps_until(1e-9)), 1u);
  const TimeAxis axis{0.1, 0, {Kind::step, 10, 0.5}};  // 1 after 10 steps, 1.5 after 20
  EXPECT_EQ(axis.steps_until(1.0), 10u);
  EXPECT_EQ(axis.steps_until(1.26), 15u);
  EXPECT_THROW(axis.steps_until(2.1), ConfigError);
}

}  // namespace
}  // namespace driftwood::nn
