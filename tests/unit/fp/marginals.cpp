#include "driftwood/fp/marginals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "driftwood/fp/initial_density.hpp"

namespace driftwood::fp {
namespace {

Gaussian plane() {
  return {Eigen::Vector2d(0.5, -1), Eigen::Matrix2d{{1.0, 0.6}, {0.6, 0.8}}};
}

Density in_frame(const Eigen::Matrix2d& scale, double stretching = 0) {
  return discretise(plane(), Grid{{60, 72}, 6.0, stretching}, Frame{plane().mean, scale}, 0);
}

/// Cells along the axes, and sheared ones.
const Eigen::Matrix2d diagonal = Eigen::Vector2d(1, 0.9).asDiagonal();
const Eigen::Matrix2d sheared{{1, 0}, {0.6, 0.66}};

TEST(Moments, AreThoseOfTheDensityInAnyFrame) {
  for (const Eigen::Matrix2d& scale : {diagonal, sheared}) {
    Density density = in_frame(scale);
    for (double& p : density.p) p *= 0.25;  // what absorbing walls left
    const DensityMoments moments = moments_of(density);
    EXPECT_NEAR(moments.mass, 0.25, 1e-12);
    EXPECT_LT((moments.mean - plane().mean).norm(), 1e-6);
    EXPECT_LT((moments.covariance - plane().covariance).norm(), 1e-2);
  }
}

TEST(Binned, HasTheMassAndTheMomentsOfTheDensity) {
  for (const Eigen::Matrix2d& scale : {diagonal, sheared}) {
    const Density density = in_frame(scale);
    for (int axis = 0; axis < 2; ++axis) {
      const BinnedDensity bins = binned(density, {axis});
      ASSERT_EQ(bins.edges[0].size(), bins.mass.size() + 1);
      EXPECT_NEAR(std::accumulate(bins.mass.begin(), bins.mass.end(), 0.0), 1, 1e-12);
      double mean = 0;
      double second = 0;
      for (std::size_t i = 0; i < bins.mass.size(); ++i) {
        const double x = (bins.edges[0][i] + bins.edges[0][i + 1]) / 2 - plane().mean[axis];
        mean += bins.mass[i] * x;
        second += bins.mass[i] * x * x;
      }
      EXPECT_NEAR(mean, 0, 1e-3);
      EXPECT_NEAR(second, plane().covariance(axis, axis), 2e-2);
    }
  }
}

TEST(Binned, OfThePlaneHasItsCorrelation) {
  for (const Eigen::Matrix2d& scale : {diagonal, sheared}) {
    const BinnedDensity bins = binned(in_frame(scale), {0, 1});
    const std::size_t n = bins.edges[1].size() - 1;
    double product = 0;
    for (std::size_t i = 0; i < bins.mass.size(); ++i) {
      const auto middle = [&](int k, std::size_t j) {
        return (bins.edges[k][j] + bins.edges[k][j + 1]) / 2 - plane().mean[k];
      };
      product += bins.mass[i] * middle(0, i / n) * middle(1, i % n);
    }
    EXPECT_NEAR(product, 0.6, 1e-2);
  }
}

TEST(Moments, CountTheCellsOfAStretchedGridByTheirVolume) {
  for (const Eigen::Matrix2d& scale : {diagonal, sheared}) {
    const Density density = in_frame(scale, 1.5);
    const DensityMoments moments = moments_of(density);
    EXPECT_NEAR(moments.mass, 1, 1e-12);
    EXPECT_LT((moments.covariance - plane().covariance).norm(), 2e-2);
    const BinnedDensity bins = binned(density, {1});
    EXPECT_NEAR(std::accumulate(bins.mass.begin(), bins.mass.end(), 0.0), 1, 1e-12);
  }
}

/// But for what cell averages and values at the centres differ by: h^2 p'' / 24.
TEST(Distances, OfADensityFromItselfVanish) {
  const Density density = in_frame(sheared);
  const GaussianValue value(plane());
  const auto exact = [&](std::span<const double> w) { return value.at(Eigen::Vector2d(w[0], w[1])); };
  EXPECT_LT(l1_distance(density, exact), 4e-3);
  EXPECT_NEAR(l1_distance(density, [](std::span<const double>) { return 0.0; }), 1, 1e-12);
  EXPECT_LT(normalised_distance(density, [&](std::span<const double> w) { return std::log(exact(w)) + 3; }), 4e-3);
}

}  // namespace
}  // namespace driftwood::fp
