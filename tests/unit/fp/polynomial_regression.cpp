#include "driftwood/fp/polynomial_regression.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/fp/closures.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;
using Function = std::function<double(const double*)>;

/// Replicas of d correlated normal weights; each drift component is `b` plus noise of standard deviation `scatter`, the
/// diffusion is (1 + w1^2) times the identity.
struct Replicas {
  int d;
  std::uint32_t set;
  Values w;
  Values drift;
  Values diffusion;

  Replicas(int dimension, std::uint32_t data_set) : d(dimension), set(data_set) {}
  double normal(std::uint32_t draw, std::size_t r) const {
    return CounterRandom(5, set).normal(RandomPurpose::bootstrap, draw, 0, r);
  }
  RegressionData data() const { return {d, w, drift, diffusion}; }
  RegressionData part(long first, long count) const {
    const auto cut = [&](const Values& all, int width) { return std::span(all).subspan(first * width, count * width); };
    return {d, cut(w, d), cut(drift, d), cut(diffusion, packed_size(d))};
  }
  void add(int n, const Function& b, const Function& scatter, double mean = 0.5, double std = 0.2) {
    for (int i = 0; i < n; ++i) {
      const std::size_t r = w.size() / d;
      for (int k = 0; k < d; ++k)
        w.push_back(mean + std * (normal(k, r) + (k > 0 ? 0.5 * normal(0, r) : 0)) / (k > 0 ? 1.1 : 1));
      const double* own = &w[r * d];
      for (int k = 0; k < d; ++k) drift.push_back((k + 1) * b(own) + scatter(own) * normal(4 + k, r));
      for (int k = 0; k < d; ++k)
        for (int l = k; l < d; ++l) diffusion.push_back(k == l ? 1 + own[0] * own[0] : 0.0);
    }
  }
};

Function constant(double value) {
  return [value](const double*) { return value; };
}

std::vector<long> numbered(long first, long count) {
  std::vector<long> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

BandWeights weights(int n_samples = 100, std::uint32_t key = 1) {
  return {n_samples, CounterRandom(3, key)};
}

PolynomialSums sums_of(const Replicas& replicas, int degree) {
  const RegressionData data = replicas.data();
  PolynomialSums sums(standardise(moment_sums(data), Values(replicas.d, 1.0)), degree);
  sums.add(numbered(0, data.size()), data);
  return sums;
}

PolynomialRegression regression_of(const Replicas& replicas, int max_degree, int degree = 0, int n_samples = 2) {
  return {sums_of(replicas, max_degree), {degree, 0}, weights(n_samples)};
}

/// Points at which the replicas' density is of its own order.
std::vector<Values> places(int d) {
  return {Values(d, 0.5), Values(d, 0.65), Values(d, 0.3)};
}

double cubic(const double* w) {
  return 1 - 2 * w[0] + 3 * std::pow(w[0] - 0.5, 3);
}

TEST(HermiteBasis, IsOrthonormalUnderTheNormalDensity) {
  const HermiteBasis basis(1, 5);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(6, 6);
  for (int i = -2000; i <= 2000; ++i) {
    const Eigen::VectorXd x = Eigen::VectorXd::Constant(1, i * 0.005);
    const Eigen::VectorXd terms = basis.values(x);
    gram += 0.005 * std::exp(-x[0] * x[0] / 2) / std::sqrt(2 * M_PI) * terms * terms.transpose();
  }
  EXPECT_LT((gram - Eigen::MatrixXd::Identity(6, 6)).norm(), 1e-10);
}

TEST(HermiteBasis, HasTheSlopesOfItsValuesAndTermsInOrderOfDegree) {
  const HermiteBasis basis(3, 4);
  EXPECT_EQ(basis.size(), 35);
  EXPECT_EQ(HermiteBasis::n_terms(4, 4), 70);
  const Eigen::Vector3d x(0.3, -1.2, 0.8);
  for (int axis = 0; axis < 3; ++axis) {
    const Eigen::Vector3d step = 1e-5 * Eigen::Vector3d::Unit(axis);
    const Eigen::VectorXd slope = (basis.values(x + step) - basis.values(x - step)) / 2e-5;
    EXPECT_LT((slope - basis.slopes(x).col(axis)).norm(), 1e-8);
  }
  EXPECT_LT((HermiteBasis(3, 2).values(x) - basis.values(x).head(10)).norm(), 1e-15);
}

TEST(PolynomialRegression, RecoversAPolynomialWithoutNoiseInAnyDimension) {
  for (int d = 1; d <= 4; ++d) {
    Replicas replicas(d, 1);
    replicas.add(3000, cubic, constant(0));
    const PolynomialRegression regression = regression_of(replicas, 3);
    EXPECT_EQ(regression.drift_degree(), 3);
    EXPECT_EQ(regression.diffusion_degree(), 2);
    for (const Values& w : places(d)) {
      const PolynomialRegression::Estimate found = regression.evaluate(w);
      EXPECT_TRUE(found.is_carried);
      for (int k = 0; k < d; ++k) {
        EXPECT_NEAR(found.drift[k], (k + 1) * cubic(w.data()), 1e-6);
        EXPECT_NEAR(found.diffusion[packed_index(d, k, k)], 1 + w[0] * w[0], 1e-6);
      }
    }
    EXPECT_GT(regression.explained().minCoeff(), 1 - 1e-9);
  }
}

TEST(PolynomialRegression, IsTheSameFromTheSumsOfOneTwoOrFourParts) {
  Replicas replicas(3, 2);
  replicas.add(1001, cubic, constant(0.3));
  PolynomialSums whole = sums_of(replicas, 4);
  const PolynomialRegression expected(whole, {}, weights());
  for (const int n_parts : {2, 4}) {
    Values moments(1 + 3 + 6, 0.0);
    Values summed;
    std::optional<PolynomialSums> merged;
    for (int pass = 0; pass < 2; ++pass)
      for (int part = 0; part < n_parts; ++part) {
        const long first = 1001L * part / n_parts;
        const long count = 1001L * (part + 1) / n_parts - first;
        if (pass == 0) {
          const Values own = moment_sums(replicas.part(first, count));
          for (std::size_t i = 0; i < own.size(); ++i) moments[i] += own[i];
          continue;
        }
        if (!merged) merged.emplace(standardise(moments, Values(3, 1.0)), 4);
        PolynomialSums own(merged->standardisation(), 4);
        own.add(numbered(first, count), replicas.part(first, count));
        for (std::size_t i = 0; i < own.numbers().size(); ++i) merged->numbers()[i] += own.numbers()[i];
      }
    const PolynomialRegression found(*merged, {}, weights());
    EXPECT_EQ(found.drift_degree(), expected.drift_degree());
    for (const Values& w : places(3)) {
      EXPECT_LT((found.evaluate(w).drift - expected.evaluate(w).drift).norm(), 1e-11);
      EXPECT_LT((found.evaluate(w).diffusion - expected.evaluate(w).diffusion).norm(), 1e-11);
      EXPECT_LT((found.band(w).drift - expected.band(w).drift).norm(), 1e-11);
    }
  }
}

TEST(PolynomialRegression, TakesTheDegreeThatPredictsBest) {
  Replicas bends(1, 3);
  bends.add(4000, cubic, constant(0.02));
  EXPECT_EQ(regression_of(bends, 6).drift_degree(), 3);
  Replicas straight(2, 3);
  straight.add(
      4000, [](const double* w) { return 1 - w[0] + w[1]; }, constant(0.5));
  EXPECT_EQ(regression_of(straight, 6).drift_degree(), 1);
  EXPECT_EQ(regression_of(straight, 6, 4).drift_degree(), 4);
  EXPECT_EQ(highest_degree(4, 300), 2);
  EXPECT_EQ(highest_degree(4, 1e6), 4);
  EXPECT_EQ(highest_degree(1, 30), 2);
}

/// In how many of `n_sets` data sets and places the truth lies within the band.
double coverage(int d, int n, int n_sets, int degree, const Function& b, const Function& scatter) {
  int inside = 0;
  int all = 0;
  for (int set = 0; set < n_sets; ++set) {
    Replicas replicas(d, 100 + set);
    replicas.add(n, b, scatter);
    const PolynomialRegression regression(sums_of(replicas, degree), {degree, 0}, weights(100, set));
    for (const Values& w : places(d)) {
      const double error = regression.evaluate(w).drift[0] - b(w.data());
      if (std::abs(error) <= regression.band(w).drift[0]) ++inside;
      ++all;
    }
  }
  return static_cast<double>(inside) / all;
}

// Three standard errors of 0.95 from 300 data sets, whose three places are not independent: 0.03.
TEST(PolynomialRegression, HasBandsThatCoverTheTruthNineteenTimesInTwenty) {
  const Function uneven = [](const double* w) { return 0.1 + 0.4 * w[0] * w[0]; };
  const double line = coverage(1, 400, 300, 3, cubic, uneven);
  EXPECT_GT(line, 0.92);
  EXPECT_LT(line, 0.98);
  const double space = coverage(
      3, 500, 300, 2, [](const double* w) { return w[0] * w[1] - w[2]; }, uneven);
  EXPECT_GT(space, 0.92);
  EXPECT_LT(space, 0.98);
}

TEST(LocalRegression, HasBandsThatCoverTheTruthNineteenTimesInTwenty) {
  const Function line = [](const double* w) { return 1 - 2 * w[0]; };
  for (const int d : {1, 2}) {
    int inside = 0;
    int all = 0;
    for (int set = 0; set < 300; ++set) {
      Replicas replicas(d, 500 + set);
      replicas.add(600, line, [](const double* w) { return 0.1 + 0.4 * w[0] * w[0]; });
      const LocalRegression regression(replicas.data(), Values(d, 1.0), d == 1 ? 60 : 80);
      LocalRegression same = regression;
      for (const Values& w : places(d)) {
        if (std::abs(same.evaluate(w).drift[0] - line(w.data())) <=
            regression.uncertainty(w, weights(100, set)).drift[0])
          ++inside;
        ++all;
      }
    }
    EXPECT_GT(inside / static_cast<double>(all), 0.92) << d;
    EXPECT_LT(inside / static_cast<double>(all), 0.98) << d;
  }
}

TEST(ConditionalVariance, IsThatOfTheScatterAtEveryPoint) {
  const Function scatter = [](const double* w) { return std::sqrt(0.02 + 0.1 * w[0] * w[0]); };
  Replicas replicas(1, 7);
  replicas.add(20000, cubic, scatter);
  const PolynomialRegression polynomial = regression_of(replicas, 4);
  const Values residuals = polynomial.residual_sums(replicas.data());
  const LocalRegression local(replicas.data(), Values{1.0}, 1000);
  for (const Values& w : places(1)) {
    const double truth = std::pow(scatter(w.data()), 2);
    EXPECT_NEAR(polynomial.variance_from(residuals, w)[0], truth, 0.05 * truth);
    EXPECT_NEAR(local.uncertainty(w, weights()).variance[0], truth, 0.2 * truth);
    EXPECT_NEAR(local.uncertainty(w, weights()).replicas, 1000, 400);
  }
  // Var of 1 - 2 w + 3 (w - 1/2)^3, w = 1/2 + 0.2 x: <(-0.4 x + 0.024 x^3)^2>; of the scatter: 0.02 + 0.1 <w^2>.
  const double of_drift = 0.16 - 2 * 0.4 * 0.024 * 3 + 0.024 * 0.024 * 15;
  const double of_scatter = 0.02 + 0.1 * (0.25 + 0.04);
  EXPECT_NEAR(polynomial.explained()[0], of_drift / (of_drift + of_scatter), 0.015);
}

TEST(PolynomialRegression, ContinuesLinearlyWhereThatPullsBackAndAsAConstantWhereItWouldPushAway) {
  for (const double slope : {-3.0, 3.0}) {
    Replicas replicas(1, 8);
    replicas.add(
        1000, [slope](const double* w) { return slope * (w[0] - 0.5); }, constant(0), 0.5, 0.2);
    const PolynomialRegression regression = regression_of(replicas, 1);
    // Leverage (1 + x^2) / n is a tenth at x = sqrt(99), where the data end: w = 0.5 +- 0.2 x.
    const double end = 0.2 * std::sqrt(99.0);
    EXPECT_TRUE(regression.evaluate(Values{0.5 + 0.9 * end}).is_carried);
    const PolynomialRegression::Estimate far = regression.evaluate(Values{0.5 + 3 * end});
    EXPECT_FALSE(far.is_carried);
    EXPECT_LT(far.replicas, 10);
    EXPECT_NEAR(far.drift[0], slope < 0 ? 3 * slope * end : slope * end, 0.15);
    // To the twelve halvings that find the end.
    EXPECT_NEAR(regression.evaluate(Values{0.5 + 4 * end}).diffusion[0], far.diffusion[0], 0.002 * far.diffusion[0]);
  }
}

TEST(PolynomialRegression, KeepsTheDiffusionInTheConeOfTheReplicas) {
  Replicas replicas(2, 9);
  replicas.add(500, cubic, constant(0));
  for (int r = 0; r < 500; ++r) {  // rank one plus 0.01: on the edge of the cone
    const double a = replicas.normal(20, r);
    const double b = 0.001 * replicas.normal(21, r);
    replicas.diffusion[3 * r] = a * a + 0.01;
    replicas.diffusion[3 * r + 1] = a * b;
    replicas.diffusion[3 * r + 2] = b * b + 0.01;
  }
  const PolynomialRegression regression(sums_of(replicas, 4), {4, 0.01}, weights(2));
  bool was_moved = false;
  for (int i = 0; i < 441; ++i) {
    const Values w{-0.5 + 0.1 * (i % 21), -0.5 + 0.1 * (i / 21)};
    const Eigen::VectorXd packed = regression.evaluate(w).diffusion;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(unpack_symmetric(2, std::span(packed.data(), 3)));
    EXPECT_GT(solver.eigenvalues()[0], 0.01 - 1e-12);
    was_moved = was_moved || solver.eigenvalues()[0] < 0.01 + 1e-12;
  }
  EXPECT_TRUE(was_moved);
}

TEST(PolynomialRegression, SeesTheHoleBetweenTwoBasins) {
  Replicas replicas(2, 10);
  replicas.add(500, constant(1), constant(0), -1, 0.1);
  replicas.add(500, constant(1), constant(0), 1, 0.1);
  const PolynomialRegression regression = regression_of(replicas, 2);
  const Values points{0, 0, 1, 1, 0.95, 1.1, -1, -1};
  const Values distances = nearest_distances(regression.standardisation(), replicas.w, points);
  EXPECT_GT(distances[0], regression.allowed_gap(Values{0, 0}));
  for (int i = 1; i < 4; ++i) EXPECT_LT(distances[i], regression.allowed_gap(std::span(points).subspan(2 * i, 2))) << i;
  EXPECT_TRUE(std::isinf(nearest_distances(regression.standardisation(), {}, points)[0]));
}

TEST(PolynomialRegression, StaysFiniteWhereTheReplicasDoNotSpread) {
  Replicas line(3, 11);
  line.add(200, cubic, constant(0.1));
  for (int r = 0; r < 200; ++r) {
    line.w[3 * r + 1] = 2 * line.w[3 * r];
    line.w[3 * r + 2] = 0.7;
  }
  const PolynomialRegression regression = regression_of(line, 2);
  EXPECT_NEAR(regression.evaluate(Values{0.6, 1.2, 0.7}).drift[0], cubic(Values{0.6}.data()), 0.05);
  EXPECT_TRUE(regression.evaluate(Values{0.6, 1.0, 0.9}).drift.allFinite());
  Replicas point(2, 12);
  point.add(30, constant(2), constant(0), 0.3, 0.0);
  EXPECT_NEAR(regression_of(point, 2).evaluate(Values{0.3, 0.3}).drift[1], 4, 1e-6);
}

}  // namespace
}  // namespace driftwood::fp
