#include "driftwood/fp/density.hpp"

#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/initial_density.hpp"
#include "unit/fp/densities.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using test::density_of;
using test::diagonal_frame;
using test::rough_density;
using Values = std::vector<double>;

TEST(Grid, PutsCellCentresBetweenTheWalls) {
  const Grid grid{{4, 10}, 2.0};
  EXPECT_EQ(grid.n_cells(), 40);
  EXPECT_EQ(grid.spacing(0), 1);
  EXPECT_DOUBLE_EQ(grid.spacing(1), 0.4);
  EXPECT_EQ(grid.z_centre(0, 0), -1.5);
  EXPECT_DOUBLE_EQ(grid.z_centre(1, 9), 1.8);
}

TEST(Density, OfTwoByTwoCellsHasMomentsByHand) {
  // Cells of 2 x 4 in w around (1, 2): centres (0, 0), (0, 4), (2, 0), (2, 4) with masses 0.1 .. 0.4.
  const Density density = density_of({{2, 2}, 1.0}, diagonal_frame({1, 2}, {2, 4}), {0.0125, 0.025, 0.0375, 0.05});
  EXPECT_DOUBLE_EQ(density.cell_volume(), 8);
  EXPECT_DOUBLE_EQ(density.mass(), 1);
  EXPECT_DOUBLE_EQ(density.mean()[0], 1.4);
  EXPECT_DOUBLE_EQ(density.mean()[1], 2.4);
  const Eigen::MatrixXd covariance = density.covariance();
  EXPECT_DOUBLE_EQ(covariance(0, 0), 4 * 0.7 * 0.3 + 4.0 / 12);
  EXPECT_DOUBLE_EQ(covariance(1, 1), 16 * 0.6 * 0.4 + 16.0 / 12);
  EXPECT_NEAR(covariance(0, 1), 8 * (0.4 - 0.7 * 0.6), 1e-15);
  EXPECT_NEAR(covariance(1, 0), covariance(0, 1), 1e-15);
}

TEST(Density, FollowsAShearedFrame) {
  Density density = density_of({{4, 4}, 1.0}, diagonal_frame({1, 2}, {2, 4}), Values(16, 1.0 / 32));
  density.frame.scale(1, 0) = 3;
  // z is uniform on [-1, 1]^2 with variance 1/3: the covariance is S S^T / 3.
  EXPECT_DOUBLE_EQ(density.mass(), 1);
  EXPECT_NEAR(density.mean()[1], 2, 1e-15);
  const Eigen::MatrixXd covariance = density.covariance();
  EXPECT_NEAR(covariance(0, 0), 4.0 / 3, 1e-14);
  EXPECT_NEAR(covariance(0, 1), 2.0, 1e-14);
  EXPECT_NEAR(covariance(1, 1), 25.0 / 3, 1e-14);
}

TEST(Discretise, GivesMassOneAndTheMeanAndTheVarianceWithOrderTwo) {
  const NormalDensity normal{{0.3, -20, 0.01}, {0.5, 3, 1e-3}};
  for (int axis = 0; axis < 3; ++axis) {
    const NormalDensity one{{normal.mean[axis]}, {normal.std[axis]}};
    // The frame is neither centred on the density nor as wide.
    const Frame frame = diagonal_frame({one.mean[0] + 0.3 * one.std[0]}, {1.1 * one.std[0]});
    const double variance = one.std[0] * one.std[0];
    Values errors;
    for (const int cells : {24, 48, 96}) {
      const Density density = discretise(one, {{cells}, 9.0}, frame, 0.5);
      EXPECT_EQ(density.time, 0.5);
      EXPECT_NEAR(density.mass(), 1, 1e-14);
      EXPECT_NEAR(density.mean()[0], one.mean[0], 1e-12 * one.std[0]);
      // h^2 / 12 from taking averages and h^2 / 12 from spreading them again: exact to exp(-2 pi^2 std^2 / h^2).
      const double h = density.cell_volume();
      EXPECT_NEAR(density.covariance()(0, 0), variance + h * h / 6, 1e-11 * variance);
      errors.push_back(density.covariance()(0, 0) / variance - 1);
    }
    test::expect_order(errors, 1.99, 2.01);
  }
}

TEST(Discretise, GivesProductsOfTheCoordinates) {
  const NormalDensity normal{{1, -2}, {0.5, 2}};
  const Density density = discretise(normal, {{20, 30}, 7.0}, diagonal_frame({1.2, -2}, {0.5, 2.1}), 0);
  EXPECT_NEAR(density.mass(), 1, 1e-14);
  const Eigen::MatrixXd covariance = density.covariance();
  EXPECT_NEAR(covariance(0, 1), 0, 1e-13);
  EXPECT_NEAR(covariance(0, 0), 0.25 + 0.35 * 0.35 / 6, 1e-9);
  EXPECT_NEAR(covariance(1, 1), 4 + 0.98 * 0.98 / 6, 1e-8);
}

TEST(Discretise, IsExactFarOutInTheTails) {
  const Density density = discretise(NormalDensity{{0}, {1}}, {{16}, 16.0}, diagonal_frame({0}, {1}), 0);
  // P(10 < w < 12) = (erfc(10 / sqrt 2) - erfc(12 / sqrt 2)) / 2
  EXPECT_NEAR(density.p[13] * 2 / 7.619853022384111e-24, 1, 1e-12);
  EXPECT_NEAR(density.p[2] / density.p[13], 1, 1e-12);
}

TEST(Discretise, RefusesADensityOutsideTheBox) {
  EXPECT_THROW(discretise(NormalDensity{{1000}, {1}}, {{16}, 7.0}, diagonal_frame({0}, {1}), 0), ConfigError);
}

TEST(Discretise, KeepsTheMomentsOfACorrelatedMixtureInAShearedFrame) {
  Frame sheared = diagonal_frame({0.3, 0}, {1, 1.5});
  sheared.scale(1, 0) = 0.4;
  InitialDensity mixture;
  Eigen::Matrix2d narrow;
  narrow << 0.5, 0.2, 0.2, 0.7;
  mixture.components = {{0.25, {Eigen::Vector2d(1, 1), narrow}},
                        {0.75, {Eigen::Vector2d(-0.5, 0), Eigen::Matrix2d::Identity()}}};
  const Density density = discretise(mixture, {{64, 64}, 6.0}, sheared, 0);
  EXPECT_NEAR(density.mass(), 1, 1e-13);
  EXPECT_NEAR((density.mean() - mixture.mean()).norm(), 0, 1e-6);
  // Cell averages widen by h^2 / 12 along each axis of z, and so does spreading them again.
  const double h = density.grid.spacing(0);
  const Eigen::MatrixXd widening = h * h / 6 * sheared.scale * sheared.scale.transpose();
  EXPECT_NEAR((density.covariance() - widening - mixture.covariance()).norm(), 0, 1e-5);
}

TEST(Discretise, GivesValuesAtTheCentresWhereAsked) {
  const Gaussian gaussian{Eigen::Vector2d(0.2, -0.1), Eigen::Vector2d(1, 2).asDiagonal().toDenseMatrix()};
  const Frame frame = diagonal_frame({0, 0}, {1, 1.5});
  for (const double stretching : {0.0, 2.0}) {
    const Density density = discretise(gaussian, {{40, 40}, 7.0, stretching}, frame, 0, CellValue::centre);
    const Grid& grid = density.grid;
    EXPECT_EQ(density.value, CellValue::centre);
    const Values volume = density.cell_volumes();
    EXPECT_NEAR(density.mass(), 1, 1e-14);
    // q in xi, up to the one factor that makes the mass 1.
    double factor = 0;
    for (const int cell : {820, 5, 811, 1500}) {
      const int i = cell / 40;
      const int j = cell % 40;
      const Eigen::Vector2d w = frame.centre + frame.scale * Eigen::Vector2d(grid.z_centre(0, i), grid.z_centre(1, j));
      const double q = density_at(gaussian, {w.data(), 2}) * grid.slope_at(grid.xi_centre(0, i)) *
                       grid.slope_at(grid.xi_centre(1, j));
      const double value = density.p[cell] * volume[cell];
      if (factor == 0) factor = value / q;
      EXPECT_NEAR(value / q / factor, 1, 1e-12);
    }
  }
}

TEST(Discretise, AveragesAreOfFourthOrderAtLeastWhereTheyAreNotExact) {
  // A product density, once by the error function in a diagonal frame and once by quadrature: a frame with a tiny
  // shear.
  Frame diagonal = diagonal_frame({0.1, 0, 0}, {1, 0.9, 1.2});
  for (int d = 2; d <= 3; ++d) {
    const Gaussian gaussian{Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Identity(d, d)};
    Frame frame{diagonal.centre.head(d), diagonal.scale.topLeftCorner(d, d)};
    const Grid grid{std::vector<int>(d, 24), 7.0};
    const Density exact = discretise(gaussian, grid, frame, 0);
    frame.scale(1, 0) = 1e-13;
    const Density quadrature = discretise(gaussian, grid, frame, 0);
    for (std::size_t i = 0; i < exact.p.size(); ++i) EXPECT_NEAR(quadrature.p[i], exact.p[i], 2e-6);
  }
}

TEST(Discretise, FindsADensityNarrowerThanACell) {
  Gaussian narrow{Eigen::Vector2d(0.3, 0.3), 1e-2 * Eigen::Matrix2d::Identity()};
  narrow.covariance(0, 1) = narrow.covariance(1, 0) = 5e-3;
  const Density density = discretise(narrow, {{8, 8}, 4.0}, diagonal_frame({0, 0}, {1, 1}), 0);
  EXPECT_NEAR(density.masses()[36], 1, 0.01);  // the cell [0, 1]^2
}

TEST(StretchedGrid, IsFineInTheMiddleAndEndsAtTheWalls) {
  const Grid grid{{20}, 5.0, 2.5};
  EXPECT_DOUBLE_EQ(grid.z_edge(0, 0), -5);
  EXPECT_DOUBLE_EQ(grid.z_edge(0, 20), 5);
  EXPECT_NEAR(grid.z_edge(0, 10), 0, 1e-15);
  EXPECT_LT(grid.width(0, 10), 0.25);
  EXPECT_GT(grid.width(0, 19), 1);
  EXPECT_EQ(grid.spacing(0), 0.5);
  for (const double xi : {-5.0, -1.3, 0.0, 2.0, 4.9}) {
    EXPECT_NEAR(grid.xi_of(grid.z_of(xi)), xi, 1e-14);
    const double h = 1e-3;
    EXPECT_NEAR(grid.slope_at(xi), (grid.z_of(xi + h) - grid.z_of(xi - h)) / (2 * h), 1e-6);
    EXPECT_NEAR(grid.bend_at(xi), (grid.slope_at(xi + h) - grid.slope_at(xi - h)) / (2 * h), 1e-6);
  }
}

TEST(StretchedGrid, HoldsADensitysMassAndMoments) {
  const Gaussian gaussian{Eigen::Vector2d(0.2, -0.1), Eigen::Vector2d(1, 2).asDiagonal().toDenseMatrix()};
  Frame frame = diagonal_frame({0, 0}, {1, 1.5});
  for (const double shear : {0.0, 0.4}) {
    frame.scale(1, 0) = shear;
    Values errors;
    for (const int n : {24, 48, 96}) {
      const Density density = discretise(gaussian, {{n, n}, 8.0, 2.0}, frame, 0);
      EXPECT_NEAR(density.mass(), 1, 1e-14);
      EXPECT_THROW(static_cast<void>(density.cell_volume()), InternalError);
      const Values volumes = density.cell_volumes();
      EXPECT_NEAR(std::accumulate(volumes.begin(), volumes.end(), 0.0), 16 * 16 * 1.5, 1e-10);
      EXPECT_NEAR(volumes[n + 3], density.cell_volume(n + 3), 1e-14 * volumes[n + 3]);
      errors.push_back((density.mean() - gaussian.mean).norm() + (density.covariance() - gaussian.covariance).norm());
    }
    test::expect_order(errors, 1.8, 2.2);
    EXPECT_LT(errors.back(), 0.01);
  }
}

TEST(StretchedGrid, IsDrawnFromWithTheDensitysMoments) {
  const Gaussian gaussian{Eigen::VectorXd::Constant(1, 0.5), Eigen::MatrixXd::Constant(1, 1, 1)};
  const Density density = discretise(gaussian, {{40}, 8.0, 2.0}, diagonal_frame({0}, {1}), 0);
  const long n = 40000;
  double mean = 0;
  double square = 0;
  for (const double w : draw(density, n, CounterRandom(1, 2), 3)) mean += w / n, square += w * w / n;
  const double variance = density.covariance()(0, 0);
  EXPECT_NEAR(mean, 0.5, 4 / std::sqrt(n));
  EXPECT_NEAR(square - mean * mean, variance, 4 * std::sqrt(2.0 / n));
  const Marginal one = marginal(density, 0);
  EXPECT_NEAR(one.variance(), variance, 1e-13);
  EXPECT_NEAR(one.cumulative(0.5), 0.5, 2e-3);
}

}  // namespace
}  // namespace driftwood::fp
