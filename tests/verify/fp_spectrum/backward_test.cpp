// The backward equation: expectations that are known exactly, its duality with the forward one, and the n-point
// functions' Callan-Symanzik equation.
#include "driftwood/fp_solver/backward.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/analysis/n_point.hpp"
#include "driftwood/core/error.hpp"
#include "support/world.hpp"
#include "unit/analysis/solved_lines.hpp"
#include "verify/fp_solver/problems.hpp"

namespace driftwood::fp_solver {
namespace {

using analysis::NPointTerms;
using analysis::OperatorSet;
using analysis::Powers;
using test::world;
using Values = std::vector<double>;

Values backward(const fp::Coefficients& problem, const fp::Grid& grid, const fp::Frame& frame, const Values& function,
                double delay) {
  BackwardOptions options;
  options.delays = {delay};
  const BackwardSolution solution = evolve_backward(problem, grid, frame, function, options, world());
  EXPECT_TRUE(solution.converged) << solution.message;
  return solution.values.back();
}

TEST(Backward, ExpectationsOfOrnsteinUhlenbeckConvergeAtOrderTwo) {
  // E[w(tau)^2 | w] = w^2 e^{-2 k tau} + (D/k) (1 - e^{-2 k tau}).
  const double k = 1.2;
  const double diffusion = 0.3;
  const double delay = 0.7;
  const fp::OrnsteinUhlenbeck process = analysis::line_process(k, diffusion);
  const std::vector<int> resolutions{40, 80, 160};
  Values errors;
  for (const int n : resolutions) {
    const fp::Grid grid = analysis::line_grid(n, 5);
    const Values u = backward(process, grid, analysis::unit_field(1),
                              analysis::product_of_weights(grid, analysis::unit_field(1), Powers{2, 0, 0, 0}), delay);
    double error = 0;
    for (int i = 0; i < n; ++i) {
      const double w = grid.z_centre(0, i);
      const double decay = std::exp(-2 * k * delay);
      if (std::abs(w) < 1.5) error = std::max(error, std::abs(u[i] - (w * w * decay + diffusion / k * (1 - decay))));
    }
    errors.push_back(error);
  }
  for (const double order : orders(resolutions, errors)) {
    EXPECT_GT(order, 1.85);
    EXPECT_LT(order, 2.15);
  }
}

TEST(Backward, IsTheAdjointOfTheSolversEvolutionInTwoDimensions) {
  const fp::OrnsteinUhlenbeck process(reference_drift(2), Eigen::Vector2d::Zero(), 0.3 * Eigen::Matrix2d::Identity());
  const fp::InitialDensity start(Values{0.3, -0.2}, Values{0.5, 0.4});
  SolveOptions options = fixed_steps({32, 32}, 2e-3);
  options.frame = FrameKind::fixed;
  options.flux = fp::FluxKind::chang_cooper;
  options.time_scheme = TimeScheme::sdirk2;
  options.low = {-4, -4};
  options.high = {4, 4};
  const SolveResult forward = solve(process, start, {0, 0.4}, options, world());
  ASSERT_EQ(forward.report.status, SolveStatus::ok) << forward.report.message;
  const fp::Density& first = forward.snapshots.front();
  const fp::Density& last = forward.snapshots.back();
  const Values function = analysis::product_of_weights(first.grid, first.frame, Powers{1, 2, 0, 0});
  const Values u = backward(process, first.grid, first.frame, function, 0.4);
  double early = 0;
  double late = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    early += first.p[i] * u[i] * first.cell_volume();
    late += last.p[i] * function[i] * last.cell_volume();
  }
  EXPECT_NEAR(early, late, 1e-6);
  EXPECT_GT(std::abs(late), 1e-2);
}

TEST(Backward, ConstantsStayAndDelayZeroIsTheFunction) {
  const fp::Grid grid = analysis::line_grid(50, 4);
  const auto problem = analysis::quartic_problem();
  const Values one = backward(*problem, grid, analysis::unit_field(1), Values(50, 1.0), 3.0);
  for (const double value : one) EXPECT_NEAR(value, 1, 1e-9);
  const Values w = analysis::product_of_weights(grid, analysis::unit_field(1), Powers{1, 0, 0, 0});
  EXPECT_EQ(backward(*problem, grid, analysis::unit_field(1), w, 0), w);
  EXPECT_THROW(evolve_backward(*problem, grid, analysis::unit_field(1), Values(3), {{0.1}}, world()), InternalError);
}

/// The terms for the quartic problem's density at t = 0.5.
struct QuarticNPoint {
  std::unique_ptr<fp::Problem> problem = analysis::quartic_problem();
  fp::Density density = analysis::evolved_line(*problem, analysis::line_grid(200, 4), 0.3, 0.5, 0.5, 100);
  Values change = analysis::discrete_rate_of_change(density, *problem);

  std::vector<NPointTerms> terms(int n, double delay, bool is_renormalised) const {
    const Powers powers{n, 0, 0, 0};
    const Values u = backward(*problem, density.grid, density.frame,
                              analysis::product_of_weights(density.grid, density.frame, powers), delay);
    return analysis::n_point_terms(density, change, OperatorSet::monomials(1, 8), analysis::unit_field(1), u, powers,
                                   is_renormalised, std::vector<int>{2, 4, 6, 8});
  }
};

TEST(NPoint, TheResidualOfG1ToG4FallsWithTheNumberOfOperators) {
  const QuarticNPoint quartic;
  for (int n = 1; n <= 4; ++n) {
    const std::vector<NPointTerms> terms = quartic.terms(n, 0.3, false);
    for (int pair = 0; pair < 3; ++pair)
      EXPECT_LT(terms[pair + 1].relative_residual, 0.6 * terms[pair].relative_residual) << n << pair;
    EXPECT_LT(terms[3].relative_residual, 1e-4) << n;
    EXPECT_GT(std::abs(terms[0].delay), 0.01) << n;
  }
}

TEST(NPoint, WithoutDelayTheResidualVanishesOnceTheProductIsAnOperator) {
  const QuarticNPoint quartic;
  const std::vector<NPointTerms> terms = quartic.terms(4, 0, false);
  EXPECT_GT(terms[0].relative_residual, 1e-3);
  for (int i = 1; i < 4; ++i) EXPECT_LT(terms[i].relative_residual, 1e-9);
}

TEST(NPoint, TheRenormalisedEquationIsTheBareOneTimesTheFieldsScale) {
  const QuarticNPoint quartic;
  const NPointTerms bare = quartic.terms(2, 0.3, false)[1];
  const NPointTerms renormalised = quartic.terms(2, 0.3, true)[1];
  const double variance = quartic.density.covariance()(0, 0) - std::pow(quartic.density.cell_volume(), 2) / 12;
  EXPECT_NEAR(renormalised.value, bare.value / variance, 1e-9);
  EXPECT_NEAR(renormalised.residual, bare.residual / variance, 1e-9);
  EXPECT_EQ(bare.scaling, 0);
  EXPECT_GT(std::abs(renormalised.scaling), 0.05);
}

TEST(NPoint, OrnsteinUhlenbeckHasNoResidualAndItsAnomalousDimension) {
  const double k = 1.3;
  const double diffusion = 0.4;
  const double variance = 0.5;
  const fp::OrnsteinUhlenbeck process = analysis::line_process(k, diffusion);
  const fp::Density density =
      analysis::sampled_line(400, 7, [&](double w) { return std::exp(-w * w / (2 * variance)); });
  const Values change = analysis::discrete_rate_of_change(density, process);
  const Powers powers{2, 0, 0, 0};
  const Values u = backward(process, density.grid, density.frame,
                            analysis::product_of_weights(density.grid, density.frame, powers), 0.3);
  const NPointTerms terms = analysis::n_point_terms(density, change, OperatorSet::of_powers(1, {powers}),
                                                    analysis::unit_field(1), u, powers, true, std::vector<int>{1})[0];
  EXPECT_LT(terms.relative_residual, 1e-4);
  EXPECT_NEAR(terms.scaling, 2 * (-k + diffusion / variance) * terms.value, 1e-3);
}

}  // namespace
}  // namespace driftwood::fp_solver
