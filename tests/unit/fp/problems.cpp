#include "driftwood/fp/problems.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "driftwood/core/packed.hpp"
#include "driftwood/fp/polynomial.hpp"

namespace driftwood::fp {
namespace {

using testing::HasSubstr;
using Numbers = std::vector<double>;

Gaussian gaussian(const Numbers& mean, const Numbers& covariance) {
  const auto d = static_cast<Eigen::Index>(mean.size());
  return {Eigen::Map<const Eigen::VectorXd>(mean.data(), d),
          Eigen::Map<const Eigen::MatrixXd>(covariance.data(), d, d)};
}

ProblemParameters family(const std::string& name, int dimension) {
  ProblemParameters parameters;
  parameters.family = name;
  parameters.dimension = dimension;
  return parameters;
}

struct AtPoint {
  Eigen::VectorXd drift;
  Eigen::MatrixXd diffusion;
};

AtPoint coefficients_at(const Coefficients& coefficients, double t, const Numbers& w) {
  const int d = coefficients.dimension();
  Numbers drift(d);
  Numbers packed(packed_size(d));
  coefficients.evaluate(t, w, drift, packed);
  return {Eigen::Map<const Eigen::VectorXd>(drift.data(), d), unpack_symmetric(d, packed)};
}

/// d_t p + d_i (b_i p) - d_i d_j (D_ij p) by central differences: zero where p solves (2.2). Relative to |d_t p| + p.
double residual(const Problem& problem, const InitialDensity& start, double t, const Numbers& w, double h) {
  const auto density = [&](double time, const Numbers& x) { return problem.exact(start, time)->density(x); };
  const auto moved = [&](int axis, double by, Numbers x) {
    x[axis] += by;
    return x;
  };
  const auto drifting = [&](int i, const Numbers& x) {
    return coefficients_at(problem, t, x).drift[i] * density(t, x);
  };
  const auto spreading = [&](int i, int j, const Numbers& x) {
    return coefficients_at(problem, t, x).diffusion(i, j) * density(t, x);
  };
  const double rate = (density(t + h, w) - density(t - h, w)) / (2 * h);
  double sum = rate;
  for (int i = 0; i < problem.dimension(); ++i) {
    sum += (drifting(i, moved(i, h, w)) - drifting(i, moved(i, -h, w))) / (2 * h);
    for (int j = 0; j < problem.dimension(); ++j) {
      double second = 0;
      for (const double a : {-h, h})
        for (const double b : {-h, h})
          second += (a > 0 ? 1 : -1) * (b > 0 ? 1 : -1) * spreading(i, j, moved(j, b, moved(i, a, w)));
      sum -= second / (4 * h * h);
    }
  }
  return std::abs(sum) / (std::abs(rate) + density(t, w));
}

struct ExactCase {
  ProblemParameters parameters;
  InitialDensity start;
  Numbers w;
};

std::vector<ExactCase> exact_cases() {
  std::vector<ExactCase> cases;
  const Gaussian line = gaussian({0.6}, {0.09});
  const Gaussian plane = gaussian({0.5, -0.4}, {0.3, 0.1, 0.1, 0.2});
  ProblemParameters linear = family("ornstein_uhlenbeck", 2);
  linear.drift_matrix = {1, 0.5, -0.3, 2};
  linear.centre = {0.2, 0.1};
  linear.diffusion = {0.5, 0.2, 0.2, 0.4};
  cases.push_back({linear, plane, {0.3, -0.2}});
  cases.push_back({family("kinetic", 2), plane, {0.4, 0.1}});
  cases.push_back({family("rotation", 2), plane, {0.4, 0.1}});
  cases.push_back({family("time_dependent", 1), line, {0.3}});
  ProblemParameters free = family("brownian", 2);
  free.velocity = {0.5, -0.2};
  cases.push_back({free, plane, {0.4, 0.1}});
  cases.push_back({family("multiplicative_noise", 1), line, {0.8}});
  ProblemParameters geometric = family("geometric_brownian", 1);
  geometric.growth = 0.3;
  geometric.noise = 0.5;
  cases.push_back({geometric, line, {0.7}});
  ProblemParameters box = family("brownian", 1);
  box.velocity = {1.5};
  box.box = {{0}, {1.2}, {true, true}};
  cases.push_back({box, gaussian({0.6}, {0.004}), {0.9}});
  box.velocity = {0};
  box.box.absorbing = {true, false};
  cases.push_back({box, gaussian({0.6}, {0.004}), {1.1}});
  InitialDensity mixture;
  mixture.components = {{0.25, gaussian({-1}, {0.1})}, {0.75, gaussian({1}, {0.2})}};
  cases.push_back({family("ornstein_uhlenbeck", 1), mixture, {0.2}});
  cases.push_back({family("multiplicative_noise", 1), mixture, {0.2}});
  return cases;
}

TEST(ExactSolutions, SolveTheEquation) {
  for (const ExactCase& each : exact_cases()) {
    const auto problem = make_problem(each.parameters);
    const double coarse = residual(*problem, each.start, 0.3, each.w, 2e-2);
    const double fine = residual(*problem, each.start, 0.3, each.w, 5e-3);
    EXPECT_LT(fine, 1e-2) << each.parameters.family;
    EXPECT_LT(fine, coarse / 8 + 1e-6) << each.parameters.family << ": not what central differences leave";
  }
}

TEST(ExactSolutions, BeginWithTheStart) {
  for (const ExactCase& each : exact_cases()) {
    const auto exact = make_problem(each.parameters)->exact(each.start, 0);
    EXPECT_NEAR(exact->density(each.w), each.start.at(each.w), 1e-9) << each.parameters.family;
  }
}

TEST(ExactSolutions, HaveTheMomentsOfTheirDensity) {
  for (const ExactCase& each : exact_cases()) {
    if (each.parameters.dimension > 1) continue;
    const auto exact = make_problem(each.parameters)->exact(each.start, 0.3);
    double mass = 0;
    double mean = 0;
    double second = 0;
    const double h = 4e-3;
    for (double w = -100 + h / 2; w < 100; w += h) {
      const double p = exact->density(Numbers{w}) * h;
      EXPECT_GE(p, 0);
      mass += p;
      mean += p * w;
      second += p * w * w;
    }
    EXPECT_NEAR(mass, exact->mass, 1e-5) << each.parameters.family;
    if (!exact->moments) continue;
    EXPECT_NEAR(mean, exact->moments->mean[0], 1e-5) << each.parameters.family;
    EXPECT_NEAR(second - mean * mean, exact->moments->covariance(0, 0), 1e-5) << each.parameters.family;
  }
}

TEST(ExactSolutions, SurviveBetweenAbsorbingWallsAsTheSeriesSays) {
  ProblemParameters parameters = family("brownian", 1);
  parameters.diffusion = {0.5};
  parameters.box = {{-1}, {1}, {true, true}};
  const double x0 = 0.7;  // from the low wall
  const double t = 0.4;
  const auto exact = make_problem(parameters)->exact(gaussian({x0 - 1}, {1e-8}), t);
  double series = 0;
  for (int n = 1; n < 60; n += 2)
    series += 4 / std::numbers::pi * std::sin(n * std::numbers::pi * x0 / 2) / n *
              std::exp(-0.5 * std::pow(n * std::numbers::pi / 2, 2) * t);
  EXPECT_NEAR(exact->mass, series, 1e-7);
}

TEST(ExactSolutions, OfStiffLinearProblemsHoldForLongTimes) {
  ProblemParameters parameters = family("ornstein_uhlenbeck", 2);
  parameters.drift_matrix = {100, 30, 0, 1};
  parameters.diffusion = {0.3};
  const auto problem = make_problem(parameters);
  const auto last = problem->exact(gaussian({5, 5}, {1, 0, 0, 1}), 200)->moments->covariance;
  const Eigen::Matrix2d drift = Eigen::Matrix2d{{100, 30}, {0, 1}};
  const Eigen::Matrix2d lyapunov = drift * last + last * drift.transpose() - 0.6 * Eigen::Matrix2d::Identity();
  EXPECT_LT(lyapunov.cwiseAbs().maxCoeff(), 1e-10);
}

TEST(WrightFisher, HasTheMomentsAndTheLimitOfItsEquation) {
  ProblemParameters parameters = family("wright_fisher", 1);
  parameters.mutation = {0.8, 1.2};
  const auto problem = make_problem(parameters);
  const auto late = problem->exact(gaussian({0.3}, {0.01}), 60)->moments;
  const double a = 2 * 0.8;
  const double b = 2 * 1.2;
  EXPECT_NEAR(late->mean[0], a / (a + b), 1e-10);
  EXPECT_NEAR(late->covariance(0, 0), a * b / ((a + b) * (a + b) * (a + b + 1)), 1e-10);
}

/// In a stationary density without current, D grad ln p = b - div D.
TEST(StationaryDensities, BalanceDriftAndDiffusion) {
  std::vector<ProblemParameters> all{family("double_well", 2), family("wright_fisher", 1),
                                     family("ornstein_uhlenbeck", 1)};
  all[0].coupling = 0.7;
  all[0].diffusion = {0.25};
  all[1].mutation = {0.8, 1.2};
  for (const ProblemParameters& parameters : all) {
    const auto problem = make_problem(parameters);
    const auto log_density = problem->log_stationary();
    ASSERT_TRUE(log_density);
    const double h = 1e-5;
    const Numbers w(parameters.dimension, 0.4);
    const AtPoint here = coefficients_at(*problem, 0, w);
    for (int k = 0; k < parameters.dimension; ++k) {
      Numbers up = w;
      Numbers down = w;
      up[k] += h;
      down[k] -= h;
      const double slope = (log_density(up) - log_density(down)) / (2 * h);
      const double divergence =
          (coefficients_at(*problem, 0, up).diffusion(k, k) - coefficients_at(*problem, 0, down).diffusion(k, k)) /
          (2 * h);
      EXPECT_NEAR(here.diffusion(k, k) * slope, here.drift[k] - divergence, 1e-7) << parameters.family;
    }
  }
}

TEST(Potentials, DriftDownTheirGradient) {
  ProblemParameters parameters = family("polynomial_potential", 3);
  parameters.potential = "0.25 w1^4 - 2*w1 w2 w3 + 1.5e-1w2^2+w3^2 - 7";
  const auto problem = make_problem(parameters);
  const Polynomial potential = parse_polynomial(parameters.potential, 3);
  EXPECT_NEAR(potential.value(Numbers{2, 1, -1}), 4 + 4 + 0.15 + 1 - 7, 1e-14);
  const Numbers w{0.7, -1.1, 0.4};
  const AtPoint here = coefficients_at(*problem, 0, w);
  for (int k = 0; k < 3; ++k) {
    Numbers up = w;
    Numbers down = w;
    up[k] += 1e-5;
    down[k] -= 1e-5;
    EXPECT_NEAR(here.drift[k], -(potential.value(up) - potential.value(down)) / 2e-5, 1e-9);
  }
}

TEST(Potentials, OfTheDoubleWellAreCoupled) {
  ProblemParameters parameters = family("double_well", 2);
  parameters.coupling = 0.5;
  const AtPoint here = coefficients_at(*make_problem(parameters), 0, {0.3, -0.2});
  EXPECT_NEAR(here.drift[0], 0.3 - 0.027 - 0.5 * 0.5, 1e-15);
  EXPECT_NEAR(here.drift[1], -0.2 + 0.008 + 0.5 * 0.5, 1e-15);
}

TEST(Polynomials, SayWhatCannotBeRead) {
  for (const char* text : {"", "w1 +", "w1 w", "x^2", "w3", "w1^-1", "w1^17", "w1 ++ w2", "2 w1^2 w1^15", "w1 / 2"}) {
    try {
      parse_polynomial(text, 2);
      ADD_FAILURE() << text;
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), HasSubstr("allowed: a sum of terms")) << text;
    }
  }
}

/// The parameter that is refused, and the message.
std::pair<std::string, std::string> refusal(const ProblemParameters& parameters) {
  try {
    make_problem(parameters);
  } catch (const ParameterError& error) {
    return {error.parameter, error.reason};
  }
  return {"", "accepted"};
}

TEST(Problems, NameTheParameterThatCannotBe) {
  ProblemParameters parameters = family("ornstein_uhlenbeck", 2);
  parameters.diffusion = {1, 2, 3};
  EXPECT_EQ(refusal(parameters).first, "diffusion");
  EXPECT_THAT(refusal(parameters).second, HasSubstr("4 (the matrix, row by row)"));
  parameters.diffusion = {1, 2, 2, 1};
  EXPECT_THAT(refusal(parameters).second, HasSubstr("positive semidefinite"));
  parameters.diffusion = {1, 0.2, 0.3, 1};
  EXPECT_THAT(refusal(parameters).second, HasSubstr("not symmetric"));
  parameters.diffusion = {0};
  EXPECT_EQ(refusal(parameters).first, "diffusion");
  parameters.diffusion = {1};
  parameters.drift_matrix = {1, 2, 3, 4, 5};
  EXPECT_EQ(refusal(parameters).first, "drift_matrix");
  parameters.drift_matrix = {1};
  parameters.centre = {1, 2, 3};
  EXPECT_EQ(refusal(parameters).first, "centre");
  EXPECT_EQ(refusal(family("kinetic", 3)).first, "dimension");
  EXPECT_EQ(refusal(family("brownian", 5)).first, "dimension");
  ProblemParameters noise = family("multiplicative_noise", 1);
  noise.noise = 0;
  EXPECT_EQ(refusal(noise).first, "noise");
  ProblemParameters mutation = family("wright_fisher", 1);
  mutation.mutation = {1, -1};
  EXPECT_EQ(refusal(mutation).first, "mutation");
  ProblemParameters potential = family("polynomial_potential", 1);
  potential.potential = "w^2 + ";
  EXPECT_EQ(refusal(potential).first, "potential");
}

}  // namespace
}  // namespace driftwood::fp
