#include "driftwood/analysis/callan_symanzik.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>
#include <numbers>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/fp/edge_rates.hpp"
#include "driftwood/fp/exact_solutions.hpp"
#include "driftwood/fp/frame_motion.hpp"
#include "driftwood/fp/initial_density.hpp"
#include "driftwood/fp/problems.hpp"
#include "driftwood/stats/distances.hpp"
#include "unit/analysis/solved_lines.hpp"

namespace driftwood::analysis {
namespace {

using Values = std::vector<double>;

constexpr double stiffness = 1.3;
constexpr double noise = 0.4;
constexpr double variance = 0.5;

/// O = w^2 / 2 alone: g = 1 / variance for a normal density around 0.
OperatorSet half_square() {
  return {{"w^2/2"}, {FieldPolynomial(1, {{Powers{2, 0, 0, 0}, 0.5}})}};
}

fp::Density normal_line(int n_cells) {
  return sampled_line(n_cells, 7, [](double w) { return std::exp(-w * w / (2 * variance)); });
}

TEST(CallanSymanzik, OrnsteinUhlenbeckFromTheDensityIsExactToOrderTwo) {
  const fp::OrnsteinUhlenbeck process = line_process(stiffness, noise);
  const double g = 1 / variance;
  const double expected = 2 * stiffness * g - 2 * noise * g * g;
  Values errors;
  for (const int n : {40, 80, 160}) {
    // Cell averages, as a solver has them: their moments at the cells' centres are off by h^2 / 12.
    const fp::Density density = fp::discretise(
        fp::InitialDensity(fp::Gaussian{Eigen::VectorXd::Zero(1), variance * Eigen::MatrixXd::Identity(1, 1)}),
        line_grid(n, 7), unit_field(1), 0);
    const FieldMoments moments = field_moments(density, process, 2);
    const Projection projection = project(moments, half_square(), unit_field(1), at_rest(1));
    errors.push_back(std::abs(projection.beta[0] - expected));
    EXPECT_NEAR(projection.score_coupling[0], g, 2 * errors.back());
    EXPECT_NEAR(moments.anomalous_dimension()[0], -stiffness + noise * g, errors.back());
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_GT(std::log2(errors[i] / errors[i + 1]), 1.9);
    EXPECT_LT(std::log2(errors[i] / errors[i + 1]), 2.1);
  }
}

/// Replicas of a normal density with the process' drift and diffusion.
struct Replicas {
  Values w;
  Values drift;
  Values diffusion;
  fp::RegressionData rows(int d) const { return {d, w, drift, diffusion}; }
};

Replicas replicas_of(const fp::Coefficients& process, const Eigen::VectorXd& centre, const Eigen::MatrixXd& scale,
                     int n) {
  const int d = process.dimension();
  Replicas replicas;
  const CounterRandom random(3, 4);
  for (int r = 0; r < n; ++r) {
    Eigen::VectorXd z(d);
    for (int k = 0; k < d; ++k) z[k] = random.normal(RandomPurpose::theory_draw, k, 0, r);
    const Eigen::VectorXd w = centre + scale * z;
    replicas.w.insert(replicas.w.end(), w.data(), w.data() + d);
  }
  replicas.drift.resize(replicas.w.size());
  replicas.diffusion.resize(static_cast<std::size_t>(n) * packed_size(d));
  process.evaluate(0, replicas.w, replicas.drift, replicas.diffusion);
  return replicas;
}

double spread(const Values& values) {
  const stats::Moments moments = stats::moments(values);
  return moments.std;
}

TEST(CallanSymanzik, OrnsteinUhlenbeckFromSamplesIsRightWithinThreeStandardErrors) {
  const fp::OrnsteinUhlenbeck process = line_process(stiffness, noise);
  const Replicas replicas =
      replicas_of(process, Eigen::VectorXd::Zero(1), std::sqrt(variance) * Eigen::MatrixXd::Identity(1, 1), 4000);
  const FieldMoments whole = field_moments(replicas.rows(1), 2);
  const GeneratorProjection projection(half_square(), unit_field(1), at_rest(1), whole.layout, whole.own);
  Values beta;
  Values gamma;
  for (const FieldMoments& sample :
       resampled_moments(replicas.rows(1), whole, Bootstrap(4000, 200, CounterRandom(1, 2)))) {
    beta.push_back(projection(sample.means).beta[0]);
    gamma.push_back(sample.anomalous_dimension()[0]);
  }
  const double g = 1 / variance;
  EXPECT_NEAR(projection(whole.means).beta[0], 2 * stiffness * g - 2 * noise * g * g, 3 * spread(beta));
  EXPECT_NEAR(whole.anomalous_dimension()[0], -stiffness + noise * g, 3 * spread(gamma));
  // The errors are those of a variance's: var(sample variance) = 2 variance^2 / n.
  EXPECT_NEAR(spread(gamma), noise * g * std::sqrt(2.0 / 4000), 0.2 * spread(gamma));
}

TEST(CallanSymanzik, TheResidualOfTheQuarticProblemFallsWithEveryPairOfOperators) {
  const auto problem = quartic_problem();
  const fp::Density density = evolved_line(*problem, line_grid(1600, 4), 0.3, 0.5, 0.5, 100);
  const std::vector<double> change = rate_of_change_on_line(*problem, density);
  const std::vector<int> sizes{2, 4, 6, 8};
  const Values residuals = tangent_residuals(density, change, OperatorSet::monomials(1, 8), unit_field(1), sizes);
  const Values expected{0.2187, 0.0251, 0.0093, 0.0058};
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(residuals[i], expected[i], 0.02 * expected[i]);
  for (int i = 0; i < 3; ++i) EXPECT_LT(residuals[i + 1], residuals[i]);
  // Hermite polynomials in another field span the same.
  const Values hermite =
      tangent_residuals(density, change, OperatorSet::hermite(1, 8),
                        {Eigen::VectorXd::Constant(1, 0.5), 0.4 * Eigen::MatrixXd::Identity(1, 1)}, sizes);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(hermite[i], residuals[i], 1e-6);
}

TEST(CallanSymanzik, FlowsOfNormalDensitiesInFourDimensionsAreRiccatiEquations) {
  // With O = w_i w_j the couplings are half the inverse covariance P: dP/dt = A^T P + P A - 2 P D P.
  const int d = 4;
  Eigen::MatrixXd drift = Eigen::MatrixXd::Identity(d, d);
  drift(0, 1) = 0.4;
  drift(1, 0) = -0.3;
  drift(3, 2) = 0.2;
  Eigen::MatrixXd diffusion = 0.3 * Eigen::MatrixXd::Identity(d, d);
  diffusion(0, 2) = diffusion(2, 0) = 0.1;
  const fp::OrnsteinUhlenbeck process(drift, Eigen::VectorXd::Zero(d), diffusion);
  Eigen::MatrixXd scale = 0.7 * Eigen::MatrixXd::Identity(d, d);
  scale(1, 0) = 0.2;
  scale(3, 1) = -0.1;
  // The replicas as they are: standardised with their own covariance, so that only higher moments are random.
  const Replicas replicas = replicas_of(process, Eigen::VectorXd::Constant(d, 0.1), scale, 20000);
  const FieldMoments moments = field_moments(replicas.rows(d), 2);
  const Projection projection = project(moments, OperatorSet::monomials(d, 2), unit_field(d), at_rest(d));
  const Eigen::MatrixXd precision = (scale * scale.transpose()).inverse();
  const Eigen::MatrixXd flow =
      drift.transpose() * precision + precision * drift - 2 * precision * diffusion * precision;
  const std::vector<Powers> powers = all_powers(d, 1, 2);
  for (int i = 0; i < d; ++i)
    for (int j = i; j < d; ++j) {
      Powers pair{};
      ++pair[i];
      ++pair[j];
      const auto a = std::find(powers.begin(), powers.end(), pair) - powers.begin();
      const double factor = i == j ? 0.5 : 1.0;
      EXPECT_NEAR(projection.score_coupling[a], factor * precision(i, j), 0.08);
      EXPECT_NEAR(projection.beta[a], factor * flow(i, j), 0.25) << i << j;
    }
}

TEST(CallanSymanzik, CouplingsOfAnotherFieldDescribeTheSameDensityAndFlow) {
  const auto problem = quartic_problem();
  const fp::Density density = evolved_line(*problem, line_grid(400, 4), 0.3, 0.5, 0.3, 60);
  const FieldMoments moments = field_moments(density, *problem, 4);
  const OperatorSet operators = OperatorSet::monomials(1, 4);
  const fp::Frame field{Eigen::VectorXd::Constant(1, 0.4), 0.3 * Eigen::MatrixXd::Identity(1, 1)};
  const Projection bare = project(moments, operators, unit_field(1), at_rest(1));
  const Projection other = project(moments, operators, field, at_rest(1));
  // sum_a g_a O_a is the same function of w, and so is its rate, up to a constant.
  const auto energy = [&](const Eigen::VectorXd& g, double u) {
    double sum = 0;
    for (int a = 0; a < 4; ++a) sum += g[a] * std::pow(u, a + 1);
    return sum;
  };
  for (const double w : {-0.5, 0.2, 1.1}) {
    const double u = (w - 0.4) / 0.3;
    const double origin = -0.4 / 0.3;
    EXPECT_NEAR(energy(bare.score_coupling, w), energy(other.score_coupling, u) - energy(other.score_coupling, origin),
                1e-8);
    EXPECT_NEAR(energy(bare.beta, w), energy(other.beta, u) - energy(other.beta, origin), 1e-8);
  }
}

TEST(CallanSymanzik, InAFieldThatFollowsANormalDensityStaysWhereItIs) {
  const fp::OrnsteinUhlenbeck process = line_process(stiffness, noise);
  const Replicas replicas =
      replicas_of(process, Eigen::VectorXd::Constant(1, 2.0), 0.1 * Eigen::MatrixXd::Identity(1, 1), 1000);
  const FieldMoments moments = field_moments(replicas.rows(1), 2);
  const Projection projection = project(moments, OperatorSet::monomials(1, 2), moments.own, following(moments));
  EXPECT_NEAR(projection.backward[0], 0, 1e-10);  // the mean
  EXPECT_NEAR(projection.backward[1], 0, 1e-10);  // and the width of u stay
  EXPECT_NEAR(projection.beta[1], 0, 1e-9);
}

TEST(CallanSymanzik, OperatorsThatCannotBeToldApartAreLeftOutAndSaid) {
  const fp::OrnsteinUhlenbeck process = line_process(stiffness, noise);
  const FieldMoments moments = field_moments(normal_line(200), process, 2);
  const FieldPolynomial square(1, {{Powers{2, 0, 0, 0}, 1.0}});
  const OperatorSet twice({"a", "b"}, {square, square * 3.0});
  const Projection projection = project(moments, twice, unit_field(1), at_rest(1));
  EXPECT_EQ(projection.rank, 1);
  EXPECT_GT(projection.condition, 1e11);
  // The tangent vector is the same as with one.
  const Projection alone = project(moments, OperatorSet({"a"}, {square}), unit_field(1), at_rest(1));
  EXPECT_NEAR(projection.beta[0] + 3 * projection.beta[1], alone.beta[0], 1e-10);
}

TEST(CallanSymanzik, OperatorsAreNamedParsedAndNested) {
  EXPECT_THAT(OperatorSet::monomials(2, 2).names(), testing::ElementsAre("u1", "u2", "u1^2", "u1 u2", "u2^2"));
  EXPECT_THAT(OperatorSet::hermite(1, 2).names(), testing::ElementsAre("He1(u)", "He2(u)"));
  EXPECT_DOUBLE_EQ(OperatorSet::hermite(1, 3)[2].value(Values{2.0}), 8 - 6);
  EXPECT_THAT(nested_sizes(OperatorSet::monomials(2, 3)), testing::ElementsAre(2, 5, 9));
  EXPECT_THAT(parse_powers("1 0; 0,2;1 1", 2),
              testing::ElementsAre(Powers{1, 0, 0, 0}, Powers{0, 2, 0, 0}, Powers{1, 1, 0, 0}));
  for (const char* bad : {"", "1", "1 0;", "1 0; 1 0", "0 0", "1 x", "1 13", "1 -1"})
    EXPECT_THROW(parse_powers(bad, 2), ConfigError) << bad;
}

}  // namespace
}  // namespace driftwood::analysis
