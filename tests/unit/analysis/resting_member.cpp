#include "driftwood/analysis/resting_member.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/analysis/solved_lines.hpp"

namespace driftwood::analysis {
namespace {

Eigen::VectorXd one(double value) {
  return Eigen::VectorXd::Constant(1, value);
}

const auto anywhere = [](const Eigen::VectorXd& w) { return w.norm() < 10; };

TEST(Rest, OfOrnsteinUhlenbeckIsItsCentreWithItsStationaryCovariance) {
  Eigen::Matrix2d drift;
  drift << 1.0, 0.6, -0.6, 1.4;
  Eigen::Matrix2d diffusion;
  diffusion << 0.4, 0.1, 0.1, 0.3;
  const Eigen::Vector2d centre(0.5, -0.2);
  const fp::OrnsteinUhlenbeck process(drift, centre, diffusion);
  const auto rest = rest_of(process, 0, Eigen::Vector2d(3, 2), Eigen::Vector2d(0.5, 0.3), anywhere);
  ASSERT_TRUE(rest);
  EXPECT_LT((rest->place - centre).norm(), 1e-6);
  const fp::Gaussian late = process.evolve({centre, Eigen::Matrix2d::Identity()}, 60);
  EXPECT_LT((rest->covariance - late.covariance).norm(), 1e-8);
}

TEST(Rest, IsWhereTheDriftLeadsAndOnlyWhereItIsKnown) {
  const auto problem = quartic_problem();  // rests at 1 and -1
  for (const double start : {0.1, 2.5}) {
    const auto rest = rest_of(*problem, 0, one(start), one(0.05), anywhere);
    ASSERT_TRUE(rest);
    EXPECT_NEAR(rest->place[0], 1, 1e-6);
    EXPECT_NEAR(rest->covariance(0, 0), 0.3 / 2, 1e-3);
  }
  EXPECT_NEAR(rest_of(*problem, 0, one(-0.1), one(0.05), anywhere)->place[0], -1, 1e-6);
  EXPECT_FALSE(rest_of(*problem, 0, one(0.1), one(0.05), [](const Eigen::VectorXd& w) { return w[0] < 0.9; }));
  // From the top of the barrier, where the drift is 0 but does not pull back.
  EXPECT_FALSE(rest_of(*problem, 0, one(0.0), one(0.05), anywhere));
  EXPECT_FALSE(rest_of(line_process(-1, 0.1), 0, one(0.5), one(0.1), anywhere));
}

TEST(RestingMember, OfANarrowProcessFarAwayIsItsStationaryDensity) {
  // 40 widths from where the field is, 30 times narrower: couplings of the rest's own field are of order 1.
  const double k = 0.8;
  const double diffusion = 0.8 * 0.01 * 0.01;
  const fp::OrnsteinUhlenbeck process(k * Eigen::MatrixXd::Identity(1, 1), one(1.5),
                                      diffusion * Eigen::MatrixXd::Identity(1, 1));
  const auto rest = rest_of(process, 0, one(0.3), one(0.3), anywhere);
  ASSERT_TRUE(rest);
  const fp::Frame field{one(0.3), 0.3 * Eigen::MatrixXd::Identity(1, 1)};
  const auto member = resting_member(OperatorSet::monomials(1, 4), field, process, 0, *rest);
  ASSERT_TRUE(member);
  EXPECT_NEAR(member->mean[0], 1.5, 1e-7);
  EXPECT_NEAR(std::sqrt(member->covariance(0, 0)), 0.01, 1e-4);
  const double g2 = 0.5 * std::pow(0.3 / 0.01, 2);
  EXPECT_NEAR(member->coupling[1], g2, 1e-3 * g2);
  EXPECT_NEAR(member->coupling[0], -2 * g2 * (1.5 - 0.3) / 0.3, 1e-2 * g2);
  for (int n = 1; n <= 4; ++n) EXPECT_NEAR(member->stability[n - 1].real(), -n * k, 1e-3);
}

TEST(RestingMember, IsTheStationaryDensityOfItsWell) {
  // exp(-V / D) with V of fourth degree is a member: g = V / D. Of its two wells the box has the one that is asked for.
  fp::ProblemParameters parameters;
  parameters.family = "polynomial_potential";
  parameters.potential = "0.25 w^4 - 0.5 w^2";
  parameters.diffusion = {0.01};
  const auto problem = fp::make_problem(parameters);
  const auto rest = rest_of(*problem, 0, one(0.4), one(0.2), anywhere);
  ASSERT_TRUE(rest);
  const auto member = resting_member(OperatorSet::monomials(1, 4), unit_field(1), *problem, 0, *rest);
  ASSERT_TRUE(member);
  const double exact[] = {0, -50, 0, 25};
  for (int a = 0; a < 4; ++a) EXPECT_NEAR(member->coupling[a], exact[a], 0.2);
  EXPECT_NEAR(member->mean[0], 0.99, 0.005);
  for (const auto& eigenvalue : member->stability) EXPECT_LT(eigenvalue.real(), -1);
}

TEST(RestingMember, IsNoneWhereTheNoiseCrossesTheBarrier) {
  const auto problem = quartic_problem();
  const auto rest = rest_of(*problem, 0, one(0.4), one(0.2), anywhere);
  ASSERT_TRUE(rest);
  EXPECT_FALSE(resting_member(OperatorSet::monomials(1, 4), unit_field(1), *problem, 0, *rest));
}

TEST(RestingMember, OfOperatorsThatAreNotCompleteStaysInItsField) {
  const auto rest = rest_of(line_process(1.3, 0.4), 0, one(0.2), one(0.5), anywhere);
  ASSERT_TRUE(rest);
  const OperatorSet half_square({"w^2/2"}, {FieldPolynomial(1, {{Powers{2, 0, 0, 0}, 0.5}})});
  const auto member = resting_member(half_square, unit_field(1), line_process(1.3, 0.4), 0, *rest);
  ASSERT_TRUE(member);
  EXPECT_NEAR(member->coupling[0], 1.3 / 0.4, 1e-7);
  EXPECT_NEAR(member->stability[0].real(), -2 * 1.3, 1e-7);
}

}  // namespace
}  // namespace driftwood::analysis
