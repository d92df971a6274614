#include "driftwood/analysis/exponential_family.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/analysis/callan_symanzik.hpp"
#include "driftwood/core/error.hpp"
#include "unit/analysis/solved_lines.hpp"

namespace driftwood::analysis {
namespace {

using Values = std::vector<double>;

Eigen::VectorXd vector(std::initializer_list<double> values) {
  Eigen::VectorXd result(static_cast<Eigen::Index>(values.size()));
  std::copy(values.begin(), values.end(), result.data());
  return result;
}

OperatorSet half_square() {
  return {{"w^2/2"}, {FieldPolynomial(1, {{Powers{2, 0, 0, 0}, 0.5}})}};
}

ExponentialFamily line_family(OperatorSet operators, int n_cells, double half_width) {
  return {std::move(operators), unit_field(1), line_grid(n_cells, half_width), unit_field(1)};
}

TEST(ExponentialFamily, BetaOfOrnsteinUhlenbeckHasItsFixedPointAndSlope) {
  const double k = 1.3;
  const double diffusion = 0.4;
  const ExponentialFamily family = line_family(half_square(), 400, 12);
  const Eigen::MatrixXd backward = family.backward(line_process(k, diffusion), 0);
  for (const double g : {0.7, 2.0, 5.0})
    EXPECT_NEAR(family.beta(vector({g}), backward)[0], 2 * k * g - 2 * diffusion * g * g, 1e-9);
  const FixedPoint fixed = family.fixed_point(vector({1.0}), backward);
  ASSERT_TRUE(fixed.converged);
  EXPECT_NEAR(fixed.coupling[0], k / diffusion, 1e-8);
  ASSERT_EQ(fixed.stability.size(), 1u);
  EXPECT_NEAR(fixed.stability[0].real(), -2 * k, 1e-8);
}

TEST(ExponentialFamily, TheFlowOfOrnsteinUhlenbeckIsItsVariance) {
  const double k = 1.3;
  const double diffusion = 0.4;
  const ExponentialFamily family = line_family(half_square(), 300, 9);
  const Values times{0, 0.2, 0.5, 2};
  const CouplingFlow flow = family.flow(vector({1.0}), times, line_process(k, diffusion));
  ASSERT_TRUE(flow.completed);
  ASSERT_EQ(flow.couplings.size(), times.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double decay = std::exp(-2 * k * times[i]);
    EXPECT_NEAR(flow.couplings[i][0], 1 / (decay + diffusion / k * (1 - decay)), 1e-5);
  }
}

TEST(ExponentialFamily, FindsTheCouplingsOfItsOwnMembers) {
  const ExponentialFamily family = line_family(OperatorSet::monomials(1, 6), 300, 4);
  const Eigen::VectorXd truth = vector({0.3, -1.1, 0.1, 0.4, 0.0, 0.02});
  const CouplingFit fit = family.fit(family.means(truth), Eigen::VectorXd::Zero(6));
  EXPECT_TRUE(fit.converged);
  EXPECT_LT((fit.coupling - truth).norm(), 1e-6);
  // Score matching finds them from moments alone.
  const FieldMoments moments = field_moments(family.density(truth, 0), *quartic_problem(), 6);
  const Projection projection = project(moments, family.operators(), unit_field(1), at_rest(1));
  EXPECT_LT((projection.score_coupling - truth).norm(), 1e-3);
  EXPECT_LT(family.edge_mass(truth), 1e-8);
}

TEST(ExponentialFamily, MeansThatNoMemberHasDoNotConverge) {
  const ExponentialFamily family = line_family(OperatorSet::monomials(1, 2), 100, 3);
  EXPECT_FALSE(family.fit(vector({0.0, 20.0}), Eigen::VectorXd::Zero(2)).converged);  // <w^2> is at most 9
  EXPECT_FALSE(family.fit(vector({1.0, 0.5}), Eigen::VectorXd::Zero(2)).converged);   // a negative variance
}

TEST(ExponentialFamily, TheStationaryDensityOfAGradientDriftIsAStableFixedPoint) {
  // exp(-V/D) with V of fourth degree is a member: g = V/D.
  const auto problem = quartic_problem();
  const ExponentialFamily family = line_family(OperatorSet::monomials(1, 4), 400, 4);
  const FixedPoint fixed = family.fixed_point(vector({0.2, -1.0, 0.1, 1.0}), family.backward(*problem, 0));
  ASSERT_TRUE(fixed.converged);
  EXPECT_LT((fixed.coupling - vector({0, -0.5 / 0.3, 0, 0.25 / 0.3})).norm(), 1e-6);
  EXPECT_EQ(fixed.stability.size(), 4u);
  for (const auto& eigenvalue : fixed.stability) {
    EXPECT_LT(eigenvalue.real(), 0);
    EXPECT_NEAR(eigenvalue.imag(), 0, 1e-9);
  }
}

TEST(ExponentialFamily, ThePredictionComesNearerToTheSolvedCouplingsWithMoreOperators) {
  const auto problem = quartic_problem();
  const Values times{0, 0.5, 1.5};
  Values errors;
  for (const int degree : {2, 4, 6}) {
    const ExponentialFamily family = line_family(OperatorSet::monomials(1, degree), 400, 4);
    Eigen::VectorXd start = Eigen::VectorXd::Zero(degree);  // N(0.3, 0.5^2)
    start[0] = -0.3 / 0.25;
    start[1] = 0.5 / 0.25;
    const CouplingFlow flow = family.flow(start, times, *problem);
    ASSERT_TRUE(flow.completed);
    const fp::Density solved = evolved_line(*problem, line_grid(400, 4), 0.3, 0.5, 1.5, 200);
    const fp::Density predicted = family.density(flow.couplings.back(), 1.5);
    double distance = 0;
    for (std::size_t i = 0; i < solved.p.size(); ++i)
      distance += std::abs(solved.p[i] - predicted.p[i]) * solved.cell_volume();
    errors.push_back(distance);
    // Couplings fitted to the solved density at the end.
    const FieldMoments moments = field_moments(solved, *problem, degree);
    const Projection projection = project(moments, family.operators(), unit_field(1), at_rest(1));
    const CouplingFit fit = family.fit(projection.mean, projection.score_coupling);
    EXPECT_TRUE(fit.converged);
    if (degree == 4) {
      EXPECT_LT((fit.coupling - flow.couplings.back()).norm(), 0.1 * fit.coupling.norm());
    }
  }
  EXPECT_LT(errors[1], 0.3 * errors[0]);
  EXPECT_LT(errors[2], errors[1]);
  EXPECT_LT(errors[1], 0.02);
}

TEST(ExponentialFamily, TheFlowInTwoDimensionsKeepsANormalDensityNormal) {
  Eigen::Matrix2d drift;
  drift << 1.0, 0.6, -0.6, 1.4;
  Eigen::Matrix2d diffusion;
  diffusion << 0.4, 0.1, 0.1, 0.3;
  const fp::OrnsteinUhlenbeck process(drift, Eigen::Vector2d::Zero(), diffusion);
  fp::Grid grid;
  grid.cells = {60, 60};
  grid.z_max = 5;
  const fp::Frame frame{Eigen::Vector2d::Zero(), Eigen::Matrix2d::Identity()};
  const ExponentialFamily family(OperatorSet::monomials(2, 2), frame, grid, frame);
  const CouplingFlow flow = family.flow(vector({-0.5, 0, 0.8, 0, 0.8}), {0, 0.4}, process);
  ASSERT_TRUE(flow.completed);
  const fp::Gaussian exact = process.evolve({Eigen::Vector2d(0.5 / 1.6, 0), Eigen::Matrix2d::Identity() / 1.6}, 0.4);
  const fp::Density density = family.density(flow.couplings.back(), 0.4);
  EXPECT_LT((density.mean() - exact.mean).norm(), 1e-5);
  const double cell = std::pow(10.0 / 60, 2) / 12;  // Density::covariance counts the cells' own
  EXPECT_LT((density.covariance() - cell * Eigen::Matrix2d::Identity() - exact.covariance).norm(), 1e-5);
}

}  // namespace
}  // namespace driftwood::analysis
