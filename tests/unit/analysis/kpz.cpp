#include "driftwood/analysis/kpz.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/products.hpp"
#include "unit/analysis/solved_lines.hpp"

namespace driftwood::analysis {
namespace {

using Values = std::vector<double>;

void expect_order_two(const Values& errors) {
  ASSERT_EQ(errors.size(), 3u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_GT(std::log2(errors[i] / errors[i + 1]), 1.8) << errors[i] << ' ' << errors[i + 1];
    EXPECT_LT(std::log2(errors[i] / errors[i + 1]), 2.2) << errors[i] << ' ' << errors[i + 1];
  }
}

/// A drift that is no gradient and a full, varying tensor.
class Plane : public fp::Coefficients {
 public:
  int dimension() const override { return 2; }
  void evaluate(double /*t*/, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    for (std::size_t i = 0; 2 * i < w.size(); ++i) {
      const double x = w[2 * i];
      const double y = w[2 * i + 1];
      drift[2 * i] = x - x * x * x + y;
      drift[2 * i + 1] = -y - 0.5 * x * y;
      diffusion[3 * i] = 0.5 + 0.2 * x * x;
      diffusion[3 * i + 1] = 0.1 * x * y;
      diffusion[3 * i + 2] = 0.4 + 0.1 * std::sin(y);
    }
  }
};

TEST(HeightTerms, AddUpToTheDensitysChangeAtOrderTwoForVaryingFullTensors) {
  // The right side of (8.1) is (d_t p) / p, whose exact value is known: p = exp(-(x^2 + y^2 + x y) / 2).
  Values errors;
  for (const int n : {24, 48, 96}) {
    fp::Grid grid;
    grid.cells = {n, n};
    grid.z_max = 2;
    // A sheared frame.
    const fp::Frame frame{Eigen::Vector2d(0.1, -0.2), (Eigen::Matrix2d() << 0.8, 0, 0.3, 0.7).finished()};
    fp::Density density{0, grid, frame, Values(grid.n_cells())};
    const Values w = fp::cell_centres(grid, frame, {0, grid.n_cells()});
    for (std::size_t i = 0; i < density.p.size(); ++i)
      density.p[i] = std::exp(-(w[2 * i] * w[2 * i] + w[2 * i + 1] * w[2 * i + 1] + w[2 * i] * w[2 * i + 1]) / 2);
    const HeightTerms terms = height_terms(density, Plane());
    double error = 0;
    for (std::size_t i = 0; i < density.p.size(); ++i) {
      const double x = w[2 * i];
      const double y = w[2 * i + 1];
      const int row = static_cast<int>(i) / n;
      const int column = static_cast<int>(i) % n;
      if (std::min(row, column) < 2 || std::max(row, column) >= n - 2) continue;  // one-sided differences
      const double hx = -x - y / 2;
      const double hy = -y - x / 2;
      const double dxx = 0.5 + 0.2 * x * x;
      const double dxy = 0.1 * x * y;
      const double dyy = 0.4 + 0.1 * std::sin(y);
      const double diffusion = -dxx - dxy - dyy;
      const double growth = dxx * hx * hx + 2 * dxy * hx * hy + dyy * hy * hy;
      const double advection = (2 * (0.4 * x + 0.1 * x) - (x - x * x * x + y)) * hx +
                               (2 * (0.1 * y + 0.1 * std::cos(y)) - (-y - 0.5 * x * y)) * hy;
      const double source = 0.4 + 2 * 0.1 - 0.1 * std::sin(y) - (1 - 3 * x * x - 1 - 0.5 * x);
      error = std::max({error, std::abs(terms.diffusion[i] - diffusion), std::abs(terms.growth[i] - growth),
                        std::abs(terms.advection[i] - advection), std::abs(terms.source[i] - source)});
    }
    errors.push_back(error);
  }
  expect_order_two(errors);
}

TEST(HeightTerms, AreNotThereWhereTheDensityIsNot) {
  const fp::Density density = sampled_line(80, 8, [](double w) { return std::exp(-2 * w * w); });
  const HeightTerms terms = height_terms(density, line_process(1, 0.2), 1e-6);
  EXPECT_TRUE(std::isnan(terms.height[0]));
  EXPECT_TRUE(std::isnan(terms.rate(5)));
  EXPECT_TRUE(std::isfinite(terms.rate(40)));
}

TEST(HeightBalance, ResidualOfTheSolvedQuarticProblemConvergesAtOrderTwo) {
  // Cells and times are refined together.
  const auto problem = quartic_problem();
  Values errors;
  for (const int n : {100, 200, 400}) {
    const double dt = 4.0 / n;
    std::vector<fp::Density> densities;
    for (const double time : {0.5 - dt, 0.5, 0.5 + dt})
      densities.push_back(evolved_line(*problem, line_grid(n, 4), 0.3, 0.5, time, n));
    const HeightBalance balance = height_balance(densities[0], densities[1], densities[2], *problem);
    EXPECT_GT(balance.mass, 0.999);
    EXPECT_GT(balance.rate, 0.1);
    errors.push_back(balance.residual);
  }
  expect_order_two(errors);
  EXPECT_LT(errors.back(), 2e-3);
}

TEST(HeightBalance, HoldsInFramesThatMove) {
  // Ornstein-Uhlenbeck with densities that are known exactly, each in a box of its own.
  const fp::OrnsteinUhlenbeck process = line_process(1.5, 0.3);
  const fp::Gaussian start{Eigen::VectorXd::Constant(1, 2.0), 0.04 * Eigen::MatrixXd::Identity(1, 1)};
  Values errors;
  for (const int n : {100, 200, 400}) {
    const double dt = 5.0 / n;
    std::vector<fp::Density> densities;
    for (const double time : {0.3 - dt, 0.3, 0.3 + dt}) {
      const fp::Gaussian now = process.evolve(start, time);
      const fp::Frame frame{now.mean, now.covariance.cwiseSqrt()};
      fp::Density density{time, line_grid(n, 7), frame, Values(n)};
      const Values w = fp::cell_centres(density.grid, frame, {0, n});
      for (int i = 0; i < n; ++i) density.p[i] = fp::density_at(now, {&w[i], 1});
      densities.push_back(density);
    }
    errors.push_back(height_balance(densities[0], densities[1], densities[2], process).residual);
  }
  expect_order_two(errors);
}

TEST(LineTransform, FindsThePotentialAndLeavesAResidualOfOrderTwo) {
  // b = w - w^3: V = w^4/4 - w^2/2, U = V'^2/(4D) - V''/2.
  const auto problem = quartic_problem();
  Values errors;
  Values residuals;
  for (const int n : {100, 200, 400}) {
    const double dt = 4.0 / n;
    std::vector<fp::Density> densities;
    for (const double time : {0.5 - dt, 0.5, 0.5 + dt})
      densities.push_back(evolved_line(*problem, line_grid(n, 4), 0.3, 0.5, time, n));
    const LineTransform line = line_transform(densities[0], densities[1], densities[2], *problem);
    EXPECT_NEAR(line.diffusion, 0.3, 1e-9);
    EXPECT_LT(line.diffusion_spread, 1e-6);
    const auto potential = [&](int i) {
      const double w = densities[1].grid.z_centre(0, i);
      return std::pow(w, 4) / 4 - w * w / 2;
    };
    double error = 0;
    for (int i = n / 4; i < 3 * n / 4; ++i) {
      const double w = densities[1].grid.z_centre(0, i);
      const double slope = w * w * w - w;
      error = std::max(error, std::abs(line.potential[i] - line.potential[n / 2] - potential(i) + potential(n / 2)));
      error = std::max(error, std::abs(line.source[i] - (slope * slope / 1.2 - (3 * w * w - 1) / 2)));
      EXPECT_NEAR(line.height[i], std::log(densities[1].p[i]) + line.potential[i] / 0.6, 1e-6);
    }
    errors.push_back(error);
    residuals.push_back(line.residual);
  }
  expect_order_two(errors);
  expect_order_two(residuals);
  EXPECT_LT(residuals.back(), 5e-3);
}

TEST(TransformedHeight, AddsHalfThePotentialOverTheDiffusion) {
  // p = exp(-V/D): h~ = -V/D + V/(2D) + c.
  const double diffusion = 0.3;
  const auto potential = [](std::span<const double> w) { return w[0] * w[0] / 2; };
  const fp::Density density = sampled_line(50, 2, [&](double w) { return std::exp(-potential({&w, 1}) / diffusion); });
  const Values height = transformed_height(density, potential, diffusion);
  const double w = density.grid.z_centre(0, 10);
  EXPECT_NEAR(height[10] - height[25], (-w * w + std::pow(density.grid.z_centre(0, 25), 2)) / (4 * diffusion), 1e-12);
}

}  // namespace
}  // namespace driftwood::analysis
