// Ornstein-Uhlenbeck problems: the exact density is known at every time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/world.hpp"
#include "verify/fp_solver/problems.hpp"

namespace driftwood::fp_solver {
namespace {

using test::world;
using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

void expect_sound(const SolveResult& result) {
  EXPECT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
  EXPECT_LE(result.report.max_mass_error, 1e-12);
  EXPECT_GE(result.report.min_density, 0);
  for (const fp::Density& density : result.snapshots) {
    EXPECT_NEAR(density.mass(), 1, 1e-12);
    EXPECT_GE(*std::min_element(density.p.begin(), density.p.end()), 0);
  }
}

/// The reference problem of d weights with a full diffusion tensor, at n cells an axis and a step in proportion.
double reference_error(int d, int n, double steps_per_cell) {
  Eigen::MatrixXd diffusion = 0.2 * Eigen::MatrixXd::Identity(d, d);
  for (int i = 0; i + 1 < d; ++i) diffusion(i, i + 1) = diffusion(i + 1, i) = 0.08;
  const fp::OrnsteinUhlenbeck problem(reference_drift(d), Eigen::VectorXd::Zero(d), diffusion);
  const std::vector<double> mean{0.8, -0.6, 0.5};
  const fp::NormalDensity start{{mean.begin(), mean.begin() + d}, std::vector<double>(d, std::sqrt(0.1))};
  const auto result =
      solve(problem, start, {0, 1}, fixed_steps(std::vector<int>(d, n), 1 / (steps_per_cell * n)), world());
  expect_sound(result);
  return fp::l1_error(result.snapshots.back(), problem.evolve(gaussian_of(start), 1));
}

TEST(OrnsteinUhlenbeck, OneWeightConvergesAtSecondOrder) {
  std::vector<double> errors;
  const std::vector<int> cells{64, 128, 256, 512};
  for (const int n : cells) errors.push_back(reference_error(1, n, 1));
  EXPECT_THAT(orders(cells, errors), Each(AllOf(Ge(1.8), Le(2.3)))) << testing::PrintToString(errors);
  EXPECT_LT(errors.back(), 1e-3);
}

TEST(OrnsteinUhlenbeck, TwoWeightsWithFullTensorConvergeAtSecondOrder) {
  std::vector<double> errors;
  const std::vector<int> cells{64, 96, 144};
  for (const int n : cells) errors.push_back(reference_error(2, n, 0.5));
  EXPECT_THAT(orders(cells, errors), Each(AllOf(Ge(1.7), Le(2.4)))) << testing::PrintToString(errors);
}

TEST(OrnsteinUhlenbeck, ThreeWeightsWithFullTensorComeCloserOnFinerGrids) {
  EXPECT_LT(reference_error(3, 32, 0.25), 0.7 * reference_error(3, 24, 0.25));
}

/// Self-convergence on one grid, so that only the time scheme's error is left.
const std::vector<int> step_counts{16, 32, 64};
std::vector<double> errors_in_time(TimeScheme scheme) {
  const Line problem([](double t, double w) { return -(1 + 0.5 * std::sin(3 * t)) * w; },
                     [](double t, double) { return 0.3 + 0.2 * std::cos(2 * t); });
  const fp::NormalDensity start{{1.0}, {0.4}};
  const auto at = [&](double step) {
    SolveOptions options = fixed_steps({64}, step);
    options.time_scheme = scheme;
    options.frame = FrameKind::fixed;
    options.z_max = 12;
    options.flux = fp::FluxKind::chang_cooper;
    const auto result = solve(problem, start, {0, 1}, options, world());
    expect_sound(result);
    return result.snapshots.back();
  };
  const fp::Density reference = at(1.0 / 1024);
  std::vector<double> errors;
  for (const int n : step_counts) errors.push_back(l1_distance(at(1.0 / n), reference));
  return errors;
}

TEST(TimeSchemes, ModifiedPatankarIsOfSecondOrderWithRatesThatChangeInTime) {
  const auto errors = errors_in_time(TimeScheme::modified_patankar);
  EXPECT_THAT(orders(step_counts, errors), Each(AllOf(Ge(1.8), Le(2.3)))) << testing::PrintToString(errors);
}

TEST(TimeSchemes, BackwardEulerIsOfFirstOrder) {
  const auto errors = errors_in_time(TimeScheme::backward_euler);
  EXPECT_THAT(orders(step_counts, errors), Each(AllOf(Ge(0.85), Le(1.2)))) << testing::PrintToString(errors);
}

TEST(TimeSchemes, BothStayNonNegativeAndConservativeAtAnyStep) {
  const fp::OrnsteinUhlenbeck problem(reference_drift(2), Eigen::VectorXd::Zero(2),
                                      (Eigen::MatrixXd(2, 2) << 0.5, 0.3, 0.3, 0.4).finished());
  const fp::NormalDensity start{{2.0, -1.0}, {0.3, 0.3}};
  for (const TimeScheme scheme : {TimeScheme::modified_patankar, TimeScheme::backward_euler})
    for (const double step : {0.01, 1.0, 100.0}) {
      SolveOptions options = fixed_steps({40, 32}, step);
      options.time_scheme = scheme;
      options.frame = FrameKind::fixed;
      options.z_max = 16;
      options.max_wall_mass = 1;
      expect_sound(solve(problem, start, {0, step}, options, world()));
    }
}

TEST(RenormalisedFrame, FollowsADensityThatTravelsFarAndChangesItsWidthAHundredfold) {
  for (const int d : {1, 2})
    for (const double start_std : {20.0, 0.002}) {
      // Stationary standard deviation 0.2.
      const fp::OrnsteinUhlenbeck problem(Eigen::MatrixXd::Identity(d, d), Eigen::VectorXd::Zero(d),
                                          0.04 * Eigen::MatrixXd::Identity(d, d));
      const fp::NormalDensity start{std::vector<double>(d, 30.0), std::vector<double>(d, start_std)};
      SolveOptions options;
      options.cells.assign(d, 64);
      const auto followed = solve(problem, start, {0, 8}, options, world());
      expect_sound(followed);
      const fp::Gaussian exact = problem.evolve(gaussian_of(start), 8);
      EXPECT_LT(fp::l1_error(followed.snapshots.back(), exact), 1e-2) << "d = " << d << ", std " << start_std;

      options.frame = FrameKind::fixed;
      options.when_wall_is_reached = WallPolicy::fail;
      options.z_max = start_std > 1 ? 7 : 20000;  // the same cells on a box that holds start and end
      const auto fixed = solve(problem, start, {0, 8}, options, world());
      EXPECT_TRUE(fixed.report.status != SolveStatus::ok || fp::l1_error(fixed.snapshots.back(), exact) > 0.1)
          << "d = " << d << ", std " << start_std << ": " << fixed.report.message;
    }
}

TEST(RenormalisedFrame, ReportsTheAnomalousDimension) {
  // d ln(std)/dt = -k + D / variance.
  const fp::OrnsteinUhlenbeck problem(Eigen::MatrixXd::Constant(1, 1, 2.0), Eigen::VectorXd::Zero(1),
                                      Eigen::MatrixXd::Constant(1, 1, 0.1));
  const fp::NormalDensity start{{1.0}, {1.0}};
  SolveOptions options;
  options.cells = {256};
  const auto result = solve(problem, start, {0, 0.3, 1}, options, world());
  const double times[] = {0, 0.3, 1};
  for (int i = 0; i < 3; ++i) {
    const double variance = problem.evolve(gaussian_of(start), times[i]).covariance(0, 0);
    EXPECT_NEAR(result.anomalous_dimension[i], -2 + 0.1 / variance, 5e-3);
  }
}

TEST(AnisotropicDiffusion, OneToAHundredTurnedBy30DegreesStaysSoundAndConverges) {
  const double c = std::cos(M_PI / 6);
  const double s = std::sin(M_PI / 6);
  const Eigen::Matrix2d turn{{c, -s}, {s, c}};
  const Eigen::Matrix2d axes{{1, 0}, {0, 0.01}};
  const fp::OrnsteinUhlenbeck problem(Eigen::MatrixXd::Identity(2, 2), Eigen::VectorXd::Zero(2),
                                      0.2 * turn * axes * turn.transpose());
  const fp::NormalDensity start{{0.3, 0.2}, {0.3, 0.3}};
  std::vector<double> errors;
  const std::vector<int> cells{32, 64, 128};
  for (const int n : cells) {
    const auto result = solve(problem, start, {0, 0.5}, fixed_steps({n, n}, 0.8 / n), world());
    expect_sound(result);
    errors.push_back(fp::l1_error(result.snapshots.back(), problem.evolve(gaussian_of(start), 0.5)));
  }
  EXPECT_THAT(orders(cells, errors), Each(Ge(0.9))) << testing::PrintToString(errors);
}

TEST(DegenerateDiffusion, OfAVelocityOnlyIsSolved) {
  // w' = v, v' = -v - w + noise.
  const Eigen::Matrix2d drift{{0, -1}, {1, 1}};
  const Eigen::Matrix2d diffusion{{0, 0}, {0, 0.3}};
  const fp::OrnsteinUhlenbeck problem(drift, Eigen::VectorXd::Zero(2), diffusion);
  const fp::NormalDensity start{{1.0, 0.0}, {0.5, 0.5}};
  std::vector<double> errors;
  const std::vector<int> cells{32, 64, 128};
  for (const int n : cells) {
    const auto result = solve(problem, start, {0, 1}, fixed_steps({n, n}, 1.6 / n), world());
    expect_sound(result);
    errors.push_back(fp::l1_error(result.snapshots.back(), problem.evolve(gaussian_of(start), 1)));
  }
  EXPECT_THAT(orders(cells, errors), Each(Ge(0.9))) << testing::PrintToString(errors);
}

}  // namespace
}  // namespace driftwood::fp_solver
