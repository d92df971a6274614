// Time schemes: stability functions, orders, positivity, and the same bits on any number of ranks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <complex>
#include <map>
#include <numbers>

#include "support/world.hpp"
#include "verify/fp_solver/problems.hpp"

namespace driftwood::fp_solver {
namespace {

using test::world;
using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

const std::map<TimeScheme, std::string> names{{TimeScheme::strang, "strang"},
                                              {TimeScheme::modified_patankar, "modified_patankar"},
                                              {TimeScheme::backward_euler, "backward_euler"},
                                              {TimeScheme::bdf2, "bdf2"},
                                              {TimeScheme::crank_nicolson, "crank_nicolson"},
                                              {TimeScheme::sdirk2, "sdirk2"}};

class EveryScheme : public testing::TestWithParam<TimeScheme> {};

INSTANTIATE_TEST_SUITE_P(Schemes, EveryScheme,
                         testing::Values(TimeScheme::strang, TimeScheme::modified_patankar, TimeScheme::backward_euler,
                                         TimeScheme::bdf2, TimeScheme::crank_nicolson, TimeScheme::sdirk2),
                         [](const auto& tested) { return names.at(tested.param); });

/// Those that multiply every mode by a number: all but modified Patankar, whose rates depend on the density.
class LinearScheme : public testing::TestWithParam<TimeScheme> {};
INSTANTIATE_TEST_SUITE_P(Schemes, LinearScheme,
                         testing::Values(TimeScheme::strang, TimeScheme::backward_euler, TimeScheme::bdf2,
                                         TimeScheme::crank_nicolson, TimeScheme::sdirk2),
                         [](const auto& tested) { return names.at(tested.param); });

SolveOptions in_box(SolveOptions options, double low, double high) {
  const std::size_t d = options.cells.size();
  options.frame = FrameKind::fixed;
  options.low.assign(d, low);
  options.high.assign(d, high);
  options.flux = fp::FluxKind::chang_cooper;
  return options;
}

/// Brownian motion between walls without flux: cosine modes, which the cells have exactly.
class Modes {
 public:
  Modes(int n, double diffusion) : n_(n), diffusion_(diffusion) {}
  double eigenvalue(int mode) const {
    const double s = std::sin(mode * std::numbers::pi / (2 * n_));
    return -4 * diffusion_ * n_ * n_ * s * s;  // cells of 1/n
  }
  /// The coefficient of a mode in the cells' values.
  double of(const std::vector<double>& p, int mode) const {
    double sum = 0;
    for (int i = 0; i < n_; ++i) sum += p[i] * std::cos(mode * std::numbers::pi * (i + 0.5) / n_);
    return sum / n_;
  }

 private:
  int n_;
  double diffusion_;
};

/// What a mode is multiplied by in `n_steps` steps of z = eigenvalue times step.
double amplification(TimeScheme scheme, double z, int n_steps) {
  const double gamma = 1 - std::sqrt(0.5);
  const double sdirk2 = (1 + (1 - 2 * gamma) * z) / ((1 - gamma * z) * (1 - gamma * z));
  const double half_euler = 1 / (1 - z / 2);
  if (scheme == TimeScheme::backward_euler) return std::pow(1 / (1 - z), n_steps);
  if (scheme == TimeScheme::crank_nicolson)  // two steps of two backward Euler half steps each first
    return std::pow(half_euler, 4) * std::pow((1 + z / 2) / (1 - z / 2), n_steps - 2);
  if (scheme != TimeScheme::bdf2) return std::pow(sdirk2, n_steps);
  double before = 1;
  double now = sdirk2;
  for (int i = 1; i < n_steps; ++i) before = std::exchange(now, (4 * now - before) / (3 - 2 * z));
  return now;
}

TEST_P(LinearScheme, ReproducesItsStabilityFunctionOnEveryCosineMode) {
  constexpr int n = 40;
  constexpr int n_steps = 4;
  const double step = 0.02;
  const Modes modes(n, 0.5);
  SolveOptions options = in_box(fixed_steps({n}, step), 0, 1);
  options.time_scheme = GetParam();
  // Wide enough that no scheme comes near zero anywhere.
  const auto result = solve(Line([](double, double) { return 0.0; }, [](double, double) { return 0.5; }),
                            {{0.4}, {0.35}}, {0, n_steps * step}, options, world());
  ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
  EXPECT_EQ(result.report.n_redone, 0);
  for (int mode = 0; mode < n; ++mode) {
    const double expected =
        modes.of(result.snapshots[0].p, mode) * amplification(GetParam(), modes.eigenvalue(mode) * step, n_steps);
    EXPECT_NEAR(modes.of(result.snapshots[1].p, mode), expected, 1e-12) << "mode " << mode;
  }
}

fp::OrnsteinUhlenbeck rotating(int d) {
  Eigen::MatrixXd diffusion = 0.2 * Eigen::MatrixXd::Identity(d, d);
  for (int i = 0; i + 1 < d; ++i) diffusion(i, i + 1) = diffusion(i + 1, i) = 0.05;
  return {reference_drift(d), Eigen::VectorXd::Zero(d), diffusion};
}

fp::Gaussian start_of(int d) {
  return {Eigen::Vector4d(.8, -.6, .5, -.4).head(d), 0.1 * Eigen::MatrixXd::Identity(d, d)};
}

TEST_P(EveryScheme, ConvergesAtItsOrderInTheStepOnAFullTensor) {
  const int n = 24;
  const auto with_steps = [&](int steps, TimeScheme scheme) {
    SolveOptions options = in_box(fixed_steps({n, n}, 0.5 / steps), -3, 3);
    options.time_scheme = scheme;
    const auto result = solve(rotating(2), start_of(2), {0, 0.5}, options, world());
    EXPECT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
    EXPECT_LE(result.report.max_mass_error, 1e-12);
    return result.snapshots.back();
  };
  const fp::Density reference = with_steps(640, TimeScheme::strang);
  std::vector<double> errors;
  const std::vector<int> steps{20, 40, 80};
  for (const int n_steps : steps) errors.push_back(l1_distance(with_steps(n_steps, GetParam()), reference));
  const bool is_first_order = GetParam() == TimeScheme::backward_euler;
  EXPECT_THAT(orders(steps, errors), Each(AllOf(Ge(is_first_order ? 0.85 : 1.75), Le(is_first_order ? 1.2 : 2.6))))
      << testing::PrintToString(errors);
}

TEST_P(EveryScheme, IsPositiveFromANarrowPeakOrRedoesTheStep) {
  SolveOptions options = in_box(fixed_steps({40, 40}, 0.25), -3, 3);
  options.time_scheme = GetParam();
  const fp::InitialDensity peak(std::vector<double>{0.4, 0.1}, std::vector<double>{0.05, 0.05});
  const auto result = solve(rotating(2), peak, {0, 0.5}, options, world());
  ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
  EXPECT_GE(result.report.min_density, -1e-12);
  EXPECT_LE(result.report.max_mass_error, 1e-12);
  const bool is_linear = GetParam() == TimeScheme::bdf2 || GetParam() == TimeScheme::sdirk2;
  if (is_linear) {
    EXPECT_GT(result.report.n_redone, 0);
  }
  if (!is_linear && GetParam() != TimeScheme::crank_nicolson) {
    EXPECT_GE(result.report.min_density, 0);
  }
}

TEST(SplitSchemes, GiveTheSameBitsOnAnyNumberOfRanks) {
  const mpi::Communicator alone = world().split(world().rank());
  for (const int d : {1, 2, 3, 4})
    for (const fp::FluxKind flux : {fp::FluxKind::chang_cooper, fp::FluxKind::limited, fp::FluxKind::fourth_order}) {
      SolveOptions options;
      options.cells = {20, 18, 17, 16};
      options.cells.resize(d);
      if (d == 1) options.cells = {60};
      options.time_scheme = TimeScheme::strang;
      options.flux = flux;
      options.support_tail = 1e-6;
      options.tolerance = 0.05;
      const double end = d < 3 ? 0.3 : 0.04;
      const auto together = solve(rotating(d), start_of(d), {0, end}, options, world());
      const auto single = solve(rotating(d), start_of(d), {0, end}, options, alone);
      ASSERT_EQ(single.report.status, SolveStatus::ok) << single.report.message;
      ASSERT_EQ(together.snapshots.size(), single.snapshots.size());
      EXPECT_EQ(together.snapshots.back().p, single.snapshots.back().p) << "d = " << d;
      EXPECT_EQ(together.report.n_steps, single.report.n_steps);
    }
}

TEST(SplitSchemes, KeepAFourDimensionalFullTensorPositiveAndItsMass) {
  SolveOptions options = in_box(fixed_steps({16, 16, 16, 16}, 0.1), -3, 3);
  options.time_scheme = TimeScheme::strang;
  std::vector<double> errors;
  const std::vector<int> cells{12, 16};
  for (const int n : cells) {
    options.cells.assign(4, n);
    const auto result = solve(rotating(4), start_of(4), {0, 1}, options, world());
    ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
    EXPECT_LE(result.report.max_mass_error, 1e-12);
    EXPECT_GE(result.report.min_density, 0);
    errors.push_back(fp::l1_error(result.snapshots.back(), rotating(4).evolve(start_of(4), 1)));
  }
  EXPECT_LT(errors[1], 0.75 * errors[0]);
  EXPECT_LT(errors[1], 0.2);
}

TEST(FourthOrderFlux, ConvergesAtFourthOrder) {
  const fp::OrnsteinUhlenbeck problem(Eigen::MatrixXd::Constant(1, 1, 1.0), Eigen::VectorXd::Zero(1),
                                      Eigen::MatrixXd::Constant(1, 1, 0.5));
  const fp::Gaussian start{Eigen::VectorXd::Constant(1, 0.5), Eigen::MatrixXd::Constant(1, 1, 0.3)};
  std::vector<double> errors;
  const std::vector<int> cells{64, 128, 256};
  for (const int n : cells) {
    SolveOptions options = in_box(fixed_steps({n}, 0.5 / 1600), -5, 5);
    options.flux = fp::FluxKind::fourth_order;
    options.time_scheme = TimeScheme::strang;
    const auto result = solve(problem, start, {0, 0.5}, options, world());
    EXPECT_GE(result.report.min_density, 0);
    EXPECT_LE(result.report.max_mass_error, 1e-12);
    errors.push_back(fp::l1_error(result.snapshots.back(), problem.evolve(start, 0.5)));
  }
  EXPECT_THAT(orders(cells, errors), Each(AllOf(Ge(3.6), Le(5)))) << testing::PrintToString(errors);
}

}  // namespace
}  // namespace driftwood::fp_solver
