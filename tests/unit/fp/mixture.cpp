// Averages of densities in one common frame.
#include "driftwood/fp/mixture.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/initial_density.hpp"
#include "driftwood/fp/remap.hpp"

namespace driftwood::fp {
namespace {

Density normal(double mean, double std, const Grid& grid) {
  const Frame frame{Eigen::VectorXd::Constant(grid.dimension(), mean),
                    Eigen::MatrixXd(Eigen::MatrixXd::Identity(grid.dimension(), grid.dimension()) * std)};
  return discretise(
      NormalDensity{std::vector<double>(grid.dimension(), mean), std::vector<double>(grid.dimension(), std)}, grid,
      frame, 0.5);
}

TEST(SupportBox, HoldsAllButTheTail) {
  const SupportBox box = support_box(normal(2, 0.1, Grid{{256}}), 1e-3);
  EXPECT_NEAR(box.low[0], 2 - 0.309, 2e-3);  // the 0.1 % quantile
  EXPECT_NEAR(box.high[0], 2 + 0.309, 2e-3);
}

TEST(Mixture, OfTwoNormalDensitiesHasTheirMomentsAndTheirSpread) {
  for (const Grid& grid : {Grid{{512}}, Grid{{96, 96}}}) {
    const std::vector<Density> two{normal(-0.5, 0.2, grid), normal(0.7, 0.1, grid)};
    SupportBox box = support_box(two[0], 1e-10);
    box.high = support_box(two[1], 1e-10).high;
    const Frame frame = covering_frame(box, grid);
    std::vector<double> masses;
    for (const Density& density : two) {
      const std::vector<double> moved = remap(grid, density.masses(), density.frame, frame);
      masses.insert(masses.end(), moved.begin(), moved.end());
    }
    const Mixture mixed = mixture(0.5, grid, frame, masses);
    EXPECT_NEAR(mixed.mean.mass(), 1, 1e-13);
    EXPECT_NEAR(mixed.mean.mean()[0], 0.1, 1e-4);
    EXPECT_NEAR(mixed.mean.covariance()(0, 0), (0.04 + 0.01) / 2 + 0.36, 2e-3);
    // Far from one of them, the spread of two values p and 0 is p / sqrt(2), twice the mean over sqrt(2).
    const auto peak = std::max_element(mixed.mean.p.begin(), mixed.mean.p.end()) - mixed.mean.p.begin();
    EXPECT_NEAR(mixed.spread[peak] / mixed.mean.p[peak], std::sqrt(2.0), 1e-3);
  }
}

TEST(Mixture, OfEqualDensitiesDoesNotSpread) {
  const Grid grid{{64}};
  const Density one = normal(0, 1, grid);
  std::vector<double> masses = one.masses();
  masses.insert(masses.end(), masses.begin(), masses.end());
  const Mixture mixed = mixture(0, grid, one.frame, masses);
  for (std::size_t i = 0; i < mixed.spread.size(); ++i) {
    EXPECT_EQ(mixed.spread[i], 0);
    EXPECT_DOUBLE_EQ(mixed.mean.p[i], one.p[i]);
  }
  EXPECT_THROW(mixture(0, grid, one.frame, std::vector<double>(65)), InternalError);
}

}  // namespace
}  // namespace driftwood::fp
