// Problems with state-dependent coefficients, several basins, walls; and failures as values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "support/world.hpp"
#include "verify/fp_solver/problems.hpp"

namespace driftwood::fp_solver {
namespace {

using test::world;
using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;

const auto constant = [](double value) { return [value](double, double) { return value; }; };
const auto double_well = [](double, double w) { return w - w * w * w; };

TEST(MultiplicativeNoise, IsItos) {
  // dX = s^2 X/2 dt + s sqrt(1 + X^2) dW: <X>' = s^2/2 <X>, <X^2>' = 2 s^2 <X^2> + s^2.
  const double s2 = 0.2;
  const Line problem([=](double, double w) { return s2 * w / 2; },
                     [=](double, double w) { return s2 * (1 + w * w) / 2; });
  const fp::NormalDensity start{{0.5}, {0.2}};
  const double mean = 0.5 * std::exp(s2 / 2);
  const double square = (0.29 + 0.5) * std::exp(2 * s2) - 0.5;
  std::vector<double> errors;
  const std::vector<int> cells{64, 128, 256};
  for (const int n : cells) {
    const auto result = solve(problem, start, {0, 1}, fixed_steps({n}, 1.6 / n), world());
    ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
    EXPECT_NEAR(result.snapshots.back().mean()[0], mean, 150.0 / (n * n));
    errors.push_back(std::abs(result.snapshots.back().covariance()(0, 0) - (square - mean * mean)));
  }
  // Stratonovich's mean would be 0.5 exp(s^2) = 0.61 instead of 0.55.
  EXPECT_THAT(orders(cells, errors), Each(AllOf(Ge(1.6), Le(2.6)))) << testing::PrintToString(errors);
}

TEST(StationaryDensity, OfADoubleWellIsReachedFromOneSide) {
  // exp(-V/D), V = (w^2 - 1)^2 / 4, by quadrature.
  const double diffusion = 0.2;
  const auto weight = [&](double w) { return std::exp(-std::pow(w * w - 1, 2) / 4 / diffusion); };
  double norm = 0;
  for (int i = 0; i < 6000; ++i) norm += weight(-3 + (i + 0.5) * 1e-3) * 1e-3;
  std::vector<double> errors;
  const std::vector<int> cells{64, 128, 256};
  for (const int n : cells) {
    SolveOptions options = fixed_steps({n}, 5);
    options.frame = FrameKind::fixed;
    options.z_max = 14;
    options.flux = fp::FluxKind::chang_cooper;
    const auto result = solve(Line(double_well, constant(diffusion)), {{0.9}, {0.25}}, {0, 200}, options, world());
    ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
    const fp::Density& density = result.snapshots.back();
    double error = 0;
    for (int i = 0; i < n; ++i)
      error +=
          std::abs(density.p[i] -
                   weight(density.frame.centre[0] + density.frame.scale(0, 0) * density.grid.z_centre(0, i)) / norm) *
          density.cell_volume();
    errors.push_back(error);
  }
  EXPECT_THAT(orders(cells, errors), Each(AllOf(Ge(1.7), Le(2.4)))) << testing::PrintToString(errors);
}

TEST(RenormalisedFrame, LosesNoMinority) {
  // Most go to w = 1, where they are narrow; a small part crosses 0 and goes to w = -1.
  const Line problem(double_well, constant(0.002));
  const fp::NormalDensity start{{0.35}, {0.12}};
  SolveOptions options;
  options.cells = {512};
  const auto followed = solve(problem, start, {0, 6}, options, world());
  ASSERT_EQ(followed.report.status, SolveStatus::ok) << followed.report.message;
  options.frame = FrameKind::fixed;
  options.cells = {4096};
  options.z_max = 20;
  const auto fine = solve(problem, start, {0, 6}, options, world());
  const auto minority = [](const SolveResult& result) {
    return fp::marginal(result.snapshots.back(), 0).cumulative(0);
  };
  EXPECT_GT(minority(fine), 1e-3);
  EXPECT_LT(minority(fine), 2e-2);
  EXPECT_NEAR(minority(followed), minority(fine), 0.02 * minority(fine));
  EXPECT_LE(followed.report.max_wall_mass, 1e-7);
  EXPECT_LE(followed.report.max_mass_error, 1e-12);
}

TEST(LimitedFlux, IsSharperThanUpwindWhereDriftDominates) {
  const fp::OrnsteinUhlenbeck problem(Eigen::MatrixXd::Identity(1, 1), Eigen::VectorXd::Zero(1),
                                      Eigen::MatrixXd::Constant(1, 1, 1e-4));
  const fp::NormalDensity start{{2.0}, {0.1}};
  const auto error = [&](fp::FluxKind flux) {
    SolveOptions options = fixed_steps({200}, 0.005);
    options.frame = FrameKind::fixed;
    options.z_max = 25;
    options.flux = flux;
    const auto result = solve(problem, start, {0, 0.7}, options, world());
    EXPECT_GT(result.report.max_cell_peclet, 50);
    EXPECT_GE(result.report.min_density, 0);
    return fp::l1_error(result.snapshots.back(), problem.evolve(gaussian_of(start), 0.7));
  };
  EXPECT_LT(error(fp::FluxKind::limited) * 3, error(fp::FluxKind::chang_cooper));
}

TEST(AnyNumberOfRanks, GivesTheSameDensity) {
  const mpi::Communicator alone = world().split(world().rank());
  const fp::OrnsteinUhlenbeck plane(reference_drift(2), Eigen::VectorXd::Zero(2),
                                    (Eigen::MatrixXd(2, 2) << 0.02, 0.015, 0.015, 0.02).finished());
  SolveOptions options;
  options.cells = {40, 36};
  const auto shared_plane = solve(plane, {{1.0, -0.5}, {0.2, 0.3}}, {0, 0.4}, options, world());
  const auto own_plane = solve(plane, {{1.0, -0.5}, {0.2, 0.3}}, {0, 0.4}, options, alone);
  options.cells = {300};
  const Line line(double_well, constant(0.01));
  const auto shared_line = solve(line, {{0.2}, {0.2}}, {0, 3}, options, world());
  const auto own_line = solve(line, {{0.2}, {0.2}}, {0, 3}, options, alone);
  for (const auto& [shared, own] : {std::pair(&shared_plane, &own_plane), std::pair(&shared_line, &own_line)}) {
    const std::vector<double>& a = shared->snapshots.back().p;
    const std::vector<double>& b = own->snapshots.back().p;
    const double most = *std::max_element(b.begin(), b.end());
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-9 * most) << "cell " << i;
    EXPECT_EQ(shared->report.n_steps, own->report.n_steps);
  }
}

TEST(AnyNumberOfRanks, MayExceedTheRowsOfTheGrid) {
  SolveOptions options;
  options.cells = {8};
  options.frame = FrameKind::fixed;
  options.z_max = 2;
  options.max_wall_mass = 1;
  const auto result = solve(Line(constant(0), constant(0.1)), {{0}, {1}}, {0, 0.1}, options, world());
  EXPECT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
}

TEST(Failures, AreValuesWithAReason) {
  const fp::NormalDensity start{{0}, {1}};
  SolveOptions options;
  options.cells = {64};

  const Line broken(
      [](double t, double w) { return t > 0.5 && w > 1 ? std::numeric_limits<double>::quiet_NaN() : 0.0; },
      constant(0.1));
  const auto nan = solve(broken, start, {0, 0.25, 1}, options, world());
  EXPECT_EQ(nan.report.status, SolveStatus::bad_coefficients);
  EXPECT_THAT(nan.report.message, HasSubstr("not finite"));
  EXPECT_EQ(nan.snapshots.size(), 2u);

  const auto negative = solve(Line(constant(0), constant(-1)), start, {0, 1}, options, world());
  EXPECT_EQ(negative.report.status, SolveStatus::bad_coefficients);

  options.frame = FrameKind::fixed;
  options.when_wall_is_reached = WallPolicy::fail;
  const auto wall = solve(Line(constant(5), constant(0.1)), start, {0, 3}, options, world());
  EXPECT_EQ(wall.report.status, SolveStatus::wall_reached);
  EXPECT_THAT(wall.report.message, HasSubstr("fokker_planck.z_max"));

  options.when_wall_is_reached = WallPolicy::widen;
  const auto widened = solve(Line(constant(5), constant(0.1)), start, {0, 3}, options, world());
  EXPECT_EQ(widened.report.status, SolveStatus::ok) << widened.report.message;
  EXPECT_GE(widened.report.n_remaps, 1);
  EXPECT_NEAR(widened.snapshots.back().mean()[0], 15, 0.05);

  const auto collapsed =
      solve(Line([](double, double w) { return -5 * w; }, constant(1e-5)), start, {0, 3}, options, world());
  EXPECT_EQ(collapsed.report.status, SolveStatus::too_coarse);
  EXPECT_THAT(collapsed.report.message, HasSubstr("fokker_planck.cells"));
}

TEST(Failures, OfTheInputAreErrors) {
  SolveOptions options;
  options.cells = {4};
  EXPECT_THROW(solve(Line(constant(0), constant(1)), {{0}, {1}}, {0, 1}, options, world()), ConfigError);
  options.cells = {64};
  EXPECT_THROW(solve(Line(constant(0), constant(1)), {{0}, {0}}, {0, 1}, options, world()), ConfigError);
  options.tolerance = 0;
  EXPECT_THROW(solve(Line(constant(0), constant(1)), {{0}, {1}}, {0, 1}, options, world()), ConfigError);
}

}  // namespace
}  // namespace driftwood::fp_solver
