// Walls that absorb: survival, first-passage times and splitting probabilities in closed form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>
#include <numeric>

#include "support/world.hpp"
#include "verify/fp_solver/problems.hpp"

namespace driftwood::fp_solver {
namespace {

using test::world;
using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

constexpr double diffusion = 0.5;
constexpr double start_std = 0.06;

/// Brownian motion with a constant drift between 0 and 1, from a narrow start.
SolveResult between_walls(int n, double steps_per_cell, double drift, const std::vector<Wall>& walls,
                          const std::vector<double>& times, TimeScheme scheme, double start = 0.35) {
  SolveOptions options = fixed_steps({n}, 1 / (steps_per_cell * n));
  options.frame = FrameKind::fixed;
  options.low = {0};
  options.high = {1};
  options.walls = walls;
  options.flux = fp::FluxKind::chang_cooper;
  options.time_scheme = scheme;
  return solve(Line([=](double, double) { return drift; }, [](double, double) { return diffusion; }),
               {{start}, {start_std}}, times, options, world());
}

/// P(not absorbed by 0 or 1 until t), from a point; a normal start is a point's density a little later.
double survival(double start, double t) {
  double sum = 0;
  const double later = t + start_std * start_std / (2 * diffusion);
  for (int n = 1; n < 200; n += 2)
    sum +=
        std::sin(n * std::numbers::pi * start) / n * std::exp(-diffusion * std::pow(n * std::numbers::pi, 2) * later);
  return 4 / std::numbers::pi * sum;
}

class AbsorbingWalls : public testing::TestWithParam<TimeScheme> {};

INSTANTIATE_TEST_SUITE_P(Schemes, AbsorbingWalls, testing::Values(TimeScheme::strang, TimeScheme::sdirk2));

TEST_P(AbsorbingWalls, LetSurvivalDecayAsTheSeriesSaysAtSecondOrder) {
  std::vector<double> errors;
  const std::vector<int> cells{32, 64, 128};
  for (const int n : cells) {
    const auto result = between_walls(n, 4, 0, {Wall::absorbing, Wall::absorbing}, {0, 0.1, 0.3}, GetParam());
    ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
    double error = 0;
    for (const int at : {1, 2}) {
      const double mass = result.snapshots[at].mass();
      EXPECT_NEAR(mass + result.absorbed[2 * at] + result.absorbed[2 * at + 1], 1, 1e-12);
      error += std::abs(mass - survival(0.35, result.snapshots[at].time));
    }
    errors.push_back(error);
  }
  EXPECT_THAT(orders(cells, errors), Each(AllOf(Ge(1.7), Le(2.6)))) << testing::PrintToString(errors);
  EXPECT_LT(errors.back(), 1e-3);
}

TEST_P(AbsorbingWalls, SplitADriftingDensityAsTheFormulaSays) {
  const double v = 2;
  std::vector<double> errors;
  const std::vector<int> cells{16, 32, 64};
  // P(through 0 first) of a normal start: the mean of (e^{-v x/D} - e^{-v L/D}) / (1 - e^{-v L/D}).
  const double a = v / diffusion;
  const double mean = std::exp(-a * 0.35 + a * a * start_std * start_std / 2);
  const double exact = (mean - std::exp(-a)) / (1 - std::exp(-a));
  for (const int n : cells) {
    const auto result = between_walls(n, 6, v, {Wall::absorbing, Wall::absorbing}, {0, 2}, GetParam());
    ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
    EXPECT_NEAR(result.absorbed[2] + result.absorbed[3], 1, 1e-3);  // nearly all is gone
    errors.push_back(std::abs(result.absorbed[2] - exact));
  }
  EXPECT_LT(errors.back(), 2e-3);
  EXPECT_LT(errors.back(), 0.4 * errors.front()) << testing::PrintToString(errors);
}

TEST(MixedWalls, ReflectAtOneEndAndAbsorbAtTheOther) {
  // Mean first-passage time from a reflecting wall at 0 to 1: (1 - x^2) / 2D; of the start: 1 - x0^2 - std^2.
  double mean_time = 0;
  std::vector<double> times;
  for (int i = 0; i <= 120; ++i) times.push_back(0.06 * i);
  const auto result = between_walls(48, 2, 0, {Wall::no_flux, Wall::absorbing}, times, TimeScheme::strang);
  ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
  for (std::size_t i = 0; i + 1 < times.size(); ++i)
    mean_time += 0.06 * (result.snapshots[i].mass() + result.snapshots[i + 1].mass()) / 2;
  EXPECT_NEAR(mean_time, (1 - 0.35 * 0.35 - start_std * start_std) / (2 * diffusion), 4e-3);
  EXPECT_EQ(result.absorbed[2 * 120], 0);
}

TEST(AbsorbingBox, LosesWhatEveryAxisAloneWouldInTwoDimensions) {
  SolveOptions options = fixed_steps({48, 40}, 0.004);
  options.frame = FrameKind::fixed;
  options.low = {0, 0};
  options.high = {1, 1};
  options.walls.assign(4, Wall::absorbing);
  options.time_scheme = TimeScheme::strang;
  const fp::OrnsteinUhlenbeck brownian(Eigen::MatrixXd::Zero(2, 2), Eigen::VectorXd::Zero(2),
                                       diffusion * Eigen::MatrixXd::Identity(2, 2));
  const auto result = solve(brownian, {{0.35, 0.5}, {start_std, start_std}}, {0, 0.1}, options, world());
  ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
  EXPECT_NEAR(result.snapshots[1].mass() / (survival(0.35, 0.1) * survival(0.5, 0.1)), 1, 5e-3);
  EXPECT_NEAR(std::accumulate(result.absorbed.begin() + 4, result.absorbed.end(), result.snapshots[1].mass()), 1,
              1e-12);
  EXPECT_GT(result.absorbed[4], result.absorbed[5]);  // the near wall takes more
}

TEST(Walls, RefuseWhatDoesNotFit) {
  SolveOptions options = fixed_steps({32}, 0.1);
  const Line line([](double, double) { return 0.0; }, [](double, double) { return 1.0; });
  options.walls = {Wall::absorbing, Wall::no_flux};
  EXPECT_THROW(solve(line, {{0}, {1}}, {0, 1}, options, world()), ConfigError);  // no place
  options.low = {-1};
  options.high = {1};
  EXPECT_THROW(solve(line, {{0}, {1}}, {0, 1}, options, world()), ConfigError);  // a frame that moves
  options.frame = FrameKind::fixed;
  options.high = {-2};
  EXPECT_THROW(solve(line, {{0}, {1}}, {0, 1}, options, world()), ConfigError);
  options.high = {1, 2};
  EXPECT_THROW(solve(line, {{0}, {1}}, {0, 1}, options, world()), ConfigError);
}

}  // namespace
}  // namespace driftwood::fp_solver
