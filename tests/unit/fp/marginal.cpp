#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/initial_density.hpp"
#include "unit/fp/densities.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using test::density_of;
using test::diagonal_frame;
using test::rough_density;
using Values = std::vector<double>;

TEST(Marginal, HasTheMomentsOfAKnownPiecewiseUniformDistribution) {
  // E w, w^2, w^3, w^4 = 5/4, 7/3, 41/8, 61/5
  const Marginal two{{0, 1, 3}, {0.5, 0.5}};
  EXPECT_DOUBLE_EQ(two.mean(), 1.25);
  EXPECT_DOUBLE_EQ(two.variance(), 37.0 / 48);
  EXPECT_NEAR(two.skewness(), 0.28125 / std::pow(37.0 / 48, 1.5), 1e-14);
  EXPECT_NEAR(two.kurtosis(), 1.12578125 / std::pow(37.0 / 48, 2), 1e-14);
  const Marginal uniform{{-1, -0.5, 0.25, 2}, {0.5 / 3, 0.75 / 3, 1.75 / 3}};
  EXPECT_NEAR(uniform.variance(), 0.75, 1e-15);
  EXPECT_NEAR(uniform.skewness(), 0, 1e-15);
  EXPECT_NEAR(uniform.kurtosis(), 1.8, 1e-14);
}

TEST(Marginal, CumulatesUniformlyWithinItsCells) {
  const Marginal two{{0, 1, 3}, {0.25, 0.75}};
  EXPECT_EQ(two.cumulative(-1), 0);
  EXPECT_EQ(two.cumulative(0), 0);
  EXPECT_DOUBLE_EQ(two.cumulative(0.5), 0.125);
  EXPECT_DOUBLE_EQ(two.cumulative(1), 0.25);
  EXPECT_DOUBLE_EQ(two.cumulative(2), 0.625);
  EXPECT_DOUBLE_EQ(two.cumulative(3), 1);
  EXPECT_DOUBLE_EQ(two.cumulative(100), 1);
}

TEST(Marginal, OfADensityHasItsMomentsAndEdges) {
  Density density = rough_density();
  density.frame.scale(1, 0) = 0;
  for (int axis = 0; axis < 2; ++axis) {
    const Marginal one = marginal(density, axis);
    ASSERT_EQ(one.mass.size(), static_cast<std::size_t>(density.grid.cells[axis]));
    EXPECT_NEAR(std::accumulate(one.mass.begin(), one.mass.end(), 0.0), 1, 1e-14);
    EXPECT_NEAR(one.mean(), density.mean()[axis], 1e-14);
    EXPECT_NEAR(one.variance(), density.covariance()(axis, axis), 1e-14);
  }
  EXPECT_DOUBLE_EQ(marginal(density, 1).edges.front(), -3 - 2.6);
  EXPECT_DOUBLE_EQ(marginal(density, 1).edges.back(), -3 + 2.6);
}

/// A standard normal density in cells of 16 / n standard deviations.
Density normal_density(int n, double stretching = 0) {
  const Gaussian gaussian{Eigen::VectorXd::Constant(1, 0.1), Eigen::MatrixXd::Constant(1, 1, 1)};
  return discretise(gaussian, {{n}, 8.0, stretching}, diagonal_frame({0}, {1}), 0);
}

TEST(Marginal, SmoothedKeepsTheMassOfEveryCellAndIsPositive) {
  const Marginal rough{{0, 1, 2, 3, 4, 5}, {0.1, 0, 0.5, 1e-9, 0.4}};
  const Marginal fine = smoothed(rough, 12);
  ASSERT_EQ(fine.mass.size(), 15U);
  ASSERT_EQ(fine.edges.size(), 16U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(fine.mass[3 * i] + fine.mass[3 * i + 1] + fine.mass[3 * i + 2], rough.mass[i], 1e-15);
    EXPECT_EQ(fine.edges[3 * i], rough.edges[i]);
  }
  EXPECT_GE(*std::min_element(fine.mass.begin(), fine.mass.end()), 0);
  EXPECT_TRUE(std::is_sorted(fine.edges.begin(), fine.edges.end()));
}

TEST(Marginal, SmoothedHasTheDistributionOfANormalDensityAtFourthOrder) {
  for (const double stretching : {0.0, 1.5}) {
    Values of_cells;
    Values of_smoothed;
    Values of_variance;
    for (const int n : {24, 48, 96}) {
      const Marginal cells = marginal(normal_density(n, stretching), 0);
      const Marginal fine = smoothed(cells, 16000);
      double largest_of_cells = 0;
      double largest = 0;
      for (double x = -4; x < 4; x += 0.013) {
        const double exact = std::erfc(-(x - 0.1) / std::sqrt(2)) / 2;
        largest_of_cells = std::max(largest_of_cells, std::abs(cells.cumulative(x) - exact));
        largest = std::max(largest, std::abs(fine.cumulative(x) - exact));
      }
      of_cells.push_back(largest_of_cells);
      of_smoothed.push_back(largest);
      of_variance.push_back(std::abs(fine.variance() - 1));
    }
    test::expect_order(of_cells, 1.8, 2.2);
    test::expect_order(of_smoothed, 3.5, 5);
    EXPECT_LT(of_smoothed.front(), of_cells.front() / 4);
    EXPECT_LT(of_variance.front(), 0.1 * std::pow(16.0 / 24, 2) / 6);
    EXPECT_LT(of_variance.back(), 2e-3);
  }
}

TEST(Draw, HasTheVarianceOfTheDensityAndNotOfItsSteps) {
  const double cell = 16.0 / 24;
  const long n = 100000;
  double square = 0;
  for (const double w : draw(normal_density(24), n, CounterRandom(3, 4), 5)) square += std::pow(w - 0.1, 2) / n;
  EXPECT_NEAR(square, 1, 4 * std::sqrt(2.0 / n));
  EXPECT_GT(cell * cell / 6, 3 * 4 * std::sqrt(2.0 / n));  // what steps would add
}

/// A Gaussian whose coordinates are all correlated, in its full frame.
Density correlated_density(int d, int n, double stretching = 0) {
  Gaussian gaussian{Eigen::VectorXd::LinSpaced(d, -1, 2), Eigen::MatrixXd(d, d)};
  for (int i = 0; i < d; ++i)
    for (int j = 0; j < d; ++j)
      gaussian.covariance(i, j) = (1 + i) * (1 + j) * (i == j ? 1 : ((i + j) % 2 == 0 ? 0.4 : -0.5));
  const Frame full{gaussian.mean, gaussian.covariance.llt().matrixL().toDenseMatrix()};
  return discretise(gaussian, {std::vector<int>(d, n), 6.0, stretching}, full, 0);
}

TEST(Marginal, OfAShearedDensityIsTheNormalOne) {
  for (int d = 2; d <= 3; ++d)
    for (const double stretching : {0.0, 1.5})
      for (int axis = 0; axis < d; ++axis) {
        const Density density = correlated_density(d, 40, stretching);
        const Marginal one = marginal(density, axis);
        EXPECT_NEAR(std::accumulate(one.mass.begin(), one.mass.end(), 0.0), 1, 1e-13);
        EXPECT_GE(*std::min_element(one.mass.begin(), one.mass.end()), 0);
        const double mean = d == 2 ? -1 + 3 * axis : -1 + 1.5 * axis;
        const double std = 1 + axis;
        EXPECT_NEAR(one.mean(), mean, 2e-3 * std);
        EXPECT_NEAR(one.variance(), std * std, 0.03 * std * std);
        for (const double x : {-2.0, -1.0, -0.3, 0.5, 1.7})
          EXPECT_NEAR(one.cumulative(mean + x * std), std::erfc(-x / std::sqrt(2)) / 2, 5e-3);
      }
}

TEST(Marginal, OfAShearedDensityConvergesWithOrderTwoAtLeast) {
  Values errors;
  for (const int n : {24, 48, 96}) {
    const Marginal one = marginal(correlated_density(2, n), 1);
    double distance = 0;
    for (std::size_t i = 0; i < one.mass.size(); ++i) {
      const auto below = [&](double x) { return std::erfc(-(x - 2) / 2 / std::sqrt(2)) / 2; };
      distance += std::abs(one.mass[i] - below(one.edges[i + 1]) + below(one.edges[i]));
    }
    errors.push_back(distance);
  }
  test::expect_order(errors, 1.8, 5);
  EXPECT_LT(errors.back(), 1e-3);
}

TEST(MarginalPlane, OfADiagonalFrameSumsTheCells) {
  // p = 1 .. 8 over 36 in unit cells: axes 0 and 2 of three.
  Values p;
  for (int i = 1; i <= 8; ++i) p.push_back(i / 36.0);
  const Density density = density_of({{2, 2, 2}, 1.0}, diagonal_frame({10, 0, 3}, {1, 1, 1}), p);
  const MarginalPlane plane = marginal_plane(density, 0, 2);
  const Values wanted{4 / 36.0, 6 / 36.0, 12 / 36.0, 14 / 36.0};
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(plane.mass[i], wanted[i], 1e-15);
  EXPECT_EQ(plane.edges_a, (Values{9, 10, 11}));
  EXPECT_EQ(plane.edges_b, (Values{2, 3, 4}));
  const MarginalPlane turned = marginal_plane(density, 2, 0);
  EXPECT_EQ(turned.edges_a, plane.edges_b);
  EXPECT_EQ(turned.mass, (Values{plane.mass[0], plane.mass[2], plane.mass[1], plane.mass[3]}));
  EXPECT_THROW(marginal_plane(density, 1, 1), InternalError);
}

TEST(MarginalPlane, OfAShearedDensityHasItsMarginalsAndItsCovariance) {
  for (int d = 2; d <= 4; ++d) {
    const Density density = correlated_density(d, d == 4 ? 16 : 32);
    const Eigen::MatrixXd covariance = density.covariance();
    for (int a = 0; a < d; ++a)
      for (int b = 0; b < d; ++b) {
        if (a == b) continue;
        const MarginalPlane plane = marginal_plane(density, a, b);
        const Marginal of_a = marginal(density, a);
        const Marginal of_b = marginal(density, b);
        ASSERT_EQ(plane.edges_a, of_a.edges);
        ASSERT_EQ(plane.edges_b, of_b.edges);
        const std::size_t n_b = of_b.mass.size();
        Values sum_a(of_a.mass.size(), 0.0);
        Values sum_b(n_b, 0.0);
        double product = 0;
        for (std::size_t i = 0; i < sum_a.size(); ++i)
          for (std::size_t j = 0; j < n_b; ++j) {
            const double mass = plane.mass[i * n_b + j];
            EXPECT_GE(mass, 0);
            sum_a[i] += mass;
            sum_b[j] += mass;
            product += mass * ((of_a.edges[i] + of_a.edges[i + 1]) / 2 - of_a.mean()) *
                       ((of_b.edges[j] + of_b.edges[j + 1]) / 2 - of_b.mean());
          }
        const double limited = d == 4 ? 2e-3 : 2e-4;
        // The later axis is remapped alike; lines of the earlier one are limited one by one here, all together there.
        for (std::size_t i = 0; i < sum_a.size(); ++i) EXPECT_NEAR(sum_a[i], of_a.mass[i], a > b ? 1e-13 : limited);
        for (std::size_t j = 0; j < n_b; ++j) EXPECT_NEAR(sum_b[j], of_b.mass[j], b > a ? 1e-13 : limited);
        EXPECT_NEAR(product, covariance(a, b), 0.05 * (1 + a) * (1 + b)) << d << " " << a << " " << b;
      }
  }
}

TEST(Draw, HasTheDensitysMeanAndCovariance) {
  const Density density = rough_density();
  const long n = 40000;
  const Values w = draw(density, n, CounterRandom(1, 2), 3);
  ASSERT_EQ(w.size(), 2u * n);
  const Eigen::VectorXd mean = density.mean();
  const Eigen::MatrixXd covariance = density.covariance();
  for (int i = 0; i < 2; ++i) {
    double sum = 0;
    for (long r = 0; r < n; ++r) sum += w[2 * r + i] - mean[i];
    EXPECT_NEAR(sum / n, 0, 4 * std::sqrt(covariance(i, i) / n));
    for (int j = i; j < 2; ++j) {
      double product = 0;
      double square = 0;
      for (long r = 0; r < n; ++r) {
        const double one = (w[2 * r + i] - mean[i]) * (w[2 * r + j] - mean[j]);
        product += one / n;
        square += one * one / n;
      }
      EXPECT_NEAR(product, covariance(i, j), 4 * std::sqrt((square - product * product) / n));
    }
  }
}

TEST(Draw, FillsCellsInProportionAndEmptyOnesNever) {
  const Density density = density_of({{4}, 2.0}, diagonal_frame({0}, {1}), {0, 0.25, 0, 0.75});
  const long n = 10000;
  double upper = 0;
  double within = 0;
  for (const double w : draw(density, n, CounterRandom(5, 6), 0)) {
    ASSERT_TRUE((w > -1 && w < 0) || (w > 1 && w < 2)) << w;
    if (w > 1) upper += 1, within += w - 1.5;
  }
  EXPECT_NEAR(upper / n, 0.75, 4 * std::sqrt(0.75 * 0.25 / n));
  EXPECT_NEAR(within / upper, 0, 4 * std::sqrt(1 / (12 * upper)));
}

TEST(Draw, IsAPureFunctionOfTheReplicasNumber) {
  const Density density = rough_density();
  const CounterRandom random(1, 2);
  const Values hundred = draw(density, 100, random, 3);
  EXPECT_EQ(hundred, draw(density, 100, random, 3));
  Values ten = draw(density, 10, random, 3);
  EXPECT_EQ(ten, Values(hundred.begin(), hundred.begin() + 20));
  EXPECT_NE(ten, draw(density, 10, random, 4));
  EXPECT_NE(ten, draw(density, 10, CounterRandom(2, 2), 3));
}

}  // namespace
}  // namespace driftwood::fp
