#include "driftwood/fp/products.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/exact_solutions.hpp"
#include "driftwood/fp/initial_density.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;

const std::vector<int> resolutions{40, 80, 160};

Frame sheared_frame() {
  return {Eigen::Vector2d(0.1, -0.2), (Eigen::Matrix2d() << 0.5, 0, 0.2, 0.6).finished()};
}

Frame unit_frame(int d, double scale) {
  return {Eigen::VectorXd::Zero(d), scale * Eigen::MatrixXd::Identity(d, d)};
}

Density line_density(int n, double scale, const Values& p) {
  Density density;
  density.grid.cells = {n};
  density.grid.z_max = 1;
  density.frame = unit_frame(1, scale);
  density.p = p;
  return density;
}

Eigen::VectorXd centre(const Density& density, long cell) {
  Eigen::VectorXd z(density.dimension());
  for (int k = density.dimension() - 1; k >= 0; --k) {
    z[k] = density.grid.z_centre(k, static_cast<int>(cell % density.grid.cells[k]));
    cell /= density.grid.cells[k];
  }
  return density.frame.centre + density.frame.scale * z;
}

/// A Gaussian by its values at the cells' centres, and by cell averages.
Density sampled(const Gaussian& gaussian, const Grid& grid, const Frame& frame, double time = 0) {
  Density density{time, grid, frame, Values(grid.n_cells())};
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    const Eigen::VectorXd w = centre(density, cell);
    density.p[cell] = density_at(gaussian, {w.data(), static_cast<std::size_t>(w.size())});
  }
  return density;
}
Density averaged(const Gaussian& gaussian, const Grid& grid, const Frame& frame) {
  return discretise(InitialDensity(gaussian), grid, frame, 0);
}

/// b = -(k + omega J) w, D I: stationary density N(0, D/k), current omega (w_2, -w_1) p.
constexpr double k = 1.0;
constexpr double omega = 2.0;
constexpr double D = 0.2;
OrnsteinUhlenbeck rotation() {
  return {(Eigen::Matrix2d() << k, -omega, omega, k).finished(), Eigen::Vector2d::Zero(),
          D * Eigen::Matrix2d::Identity()};
}
const Gaussian stationary{Eigen::Vector2d::Zero(), (D / k) * Eigen::Matrix2d::Identity()};

/// Largest error of the current, its divergence and its curl.
struct CurrentErrors {
  double current = 0;
  double divergence = 0;
  double curl = 0;
};

CurrentErrors current_errors(int n, const Frame& frame) {
  const Density density = sampled(stationary, {{n, n}, 5.0}, frame);
  const Values current = probability_current(density, rotation());
  const Values outflow = divergence(density, current);
  const Values turning = curl(density, current);
  CurrentErrors errors;
  for (long cell = 0; cell < density.grid.n_cells(); ++cell) {
    const Eigen::VectorXd w = centre(density, cell);
    const double p = density_at(stationary, {w.data(), 2});
    errors.current = std::max({errors.current, std::abs(current[2 * cell] - omega * w[1] * p),
                               std::abs(current[2 * cell + 1] + omega * w[0] * p)});
    errors.divergence = std::max(errors.divergence, std::abs(outflow[cell]));
    errors.curl = std::max(errors.curl, std::abs(turning[cell] + omega * p * (2 - w.squaredNorm() * k / D)));
  }
  return errors;
}

TEST(ProbabilityCurrent, OfARotationIsThatOfTheClosedForm) {
  for (const Frame& frame : {unit_frame(2, 0.5), sheared_frame()}) {
    std::vector<Values> errors(3);
    for (const int n : resolutions) {
      const CurrentErrors e = current_errors(n, frame);
      errors[0].push_back(e.current);
      errors[1].push_back(e.divergence);
      errors[2].push_back(e.curl);
    }
    for (const Values& of_one : errors) test::expect_order(of_one, 1.8, 2.2);
    EXPECT_LT(errors[0].back(), 0.01);
  }
}

TEST(ProbabilityCurrent, IsItosWhereTheDiffusionVaries) {
  // b = 0, D = 1 + w: J = -d(D p) = -p - (1 + w) p'; Stratonovich's or Fick's current lacks the first term.
  class Varying : public Coefficients {
   public:
    int dimension() const override { return 1; }
    void evaluate(double, std::span<const double> w, std::span<double> drift,
                  std::span<double> diffusion) const override {
      for (std::size_t i = 0; i < w.size(); ++i) {
        drift[i] = 0;
        diffusion[i] = 1 + w[i];
      }
    }
  };
  const Gaussian gaussian{Eigen::VectorXd::Constant(1, 1.0), Eigen::MatrixXd::Constant(1, 1, 0.04)};
  const Frame frame{Eigen::VectorXd::Constant(1, 1.0), Eigen::MatrixXd::Constant(1, 1, 0.25)};
  Values errors;
  for (const int n : resolutions) {
    const Density density = sampled(gaussian, {{n}, 4.0}, frame);
    const Values current = probability_current(density, Varying());
    double error = 0;
    for (int i = 0; i < n; ++i) {
      const double w = centre(density, i)[0];
      const double p = density_at(gaussian, {&w, 1});
      error = std::max(error, std::abs(current[i] - p * (-1 + (1 + w) * (w - 1) / 0.04)));
    }
    errors.push_back(error);
  }
  test::expect_order(errors, 1.8, 2.2);
}

TEST(ProbabilityCurrent, LeavesAtTheRateAtWhichTheDensityFalls) {
  // d_t p = -div J: against the exact Gaussians a little earlier and later.
  const Eigen::Matrix2d A{{1, 0.6}, {-0.4, 0.8}};
  const OrnsteinUhlenbeck problem(A, Eigen::Vector2d(0.3, 0), (Eigen::Matrix2d() << 0.2, 0.1, 0.1, 0.3).finished());
  const Gaussian start{Eigen::Vector2d(0.5, -0.3), (Eigen::Matrix2d() << 0.3, -0.1, -0.1, 0.2).finished()};
  const double dt = 1e-4;
  const Gaussian before = problem.evolve(start, 0.5 - dt);
  const Gaussian after = problem.evolve(start, 0.5 + dt);
  Values errors;
  for (const int n : resolutions) {
    const Density density = sampled(problem.evolve(start, 0.5), {{n, n}, 5.0}, sheared_frame());
    const Values outflow = divergence(density, probability_current(density, problem));
    double error = 0;
    for (long cell = 0; cell < density.grid.n_cells(); ++cell) {
      const Eigen::VectorXd w = centre(density, cell);
      const double rate = (density_at(after, {w.data(), 2}) - density_at(before, {w.data(), 2})) / (2 * dt);
      error = std::max(error, std::abs(outflow[cell] + rate));
    }
    errors.push_back(error);
  }
  test::expect_order(errors, 1.8, 2.2);
}

/// d/2 ln(2 pi e) + ln(det) / 2.
double exact_entropy(const Gaussian& gaussian) {
  return gaussian.dimension() / 2.0 * std::log(2 * std::numbers::pi * std::numbers::e) +
         std::log(gaussian.covariance.determinant()) / 2;
}

const Gaussian round_gaussian{Eigen::Vector2d(0.2, -0.1), Eigen::Vector2d(0.09, 0.16).asDiagonal()};

TEST(Entropy, OfCellAveragesConvergesToTheGaussians) {
  // Values at the centres would converge faster than any power.
  Values errors;
  for (const int n : resolutions) {
    const Density density = averaged(round_gaussian, {{n, n}, 6.0}, unit_frame(2, 0.5));
    errors.push_back(std::abs(entropy(density) - exact_entropy(round_gaussian)));
  }
  test::expect_order(errors, 1.9, 2.1);
}

TEST(Products, OfAStretchedGridAreTheGaussians) {
  const Gaussian gaussian{Eigen::Vector2d(0.1, -0.2), (Eigen::Matrix2d() << 0.25, 0.1, 0.1, 0.4).finished()};
  const Density density = averaged(gaussian, {{160, 160}, 7.0, 1.5}, sheared_frame());
  const double exact = 1 + std::log(2 * std::numbers::pi) + std::log(gaussian.covariance.determinant()) / 2;
  EXPECT_NEAR(entropy(density), exact, 2e-3);
  EXPECT_NEAR(moments(density).first[1], -0.2, 2e-3);
  EXPECT_NEAR(kullback_leibler(density, density), 0, 1e-12);
}

TEST(Entropy, OfATurnedGaussianInAShearedFrame) {
  const Gaussian turned{Eigen::Vector2d(0.2, -0.1), (Eigen::Matrix2d() << 0.1, 0.05, 0.05, 0.2).finished()};
  EXPECT_NEAR(entropy(sampled(turned, {{120, 120}, 7.0}, sheared_frame())), exact_entropy(turned), 1e-6);
}

TEST(FreeEnergy, OfAGaussianInAParabola) {
  // F = k (tr Sigma + |m|^2) / 2 - D S, least for the stationary density.
  const auto potential = [](std::span<const double> w) { return k * (w[0] * w[0] + w[1] * w[1]) / 2; };
  const auto at = [&](const Gaussian& gaussian, int n) {
    return free_energy(averaged(gaussian, {{n, n}, 7.0}, unit_frame(2, 0.5)), potential, D);
  };
  Values errors;
  for (const int n : resolutions)
    errors.push_back(std::abs(at(round_gaussian, n) - (k * (0.25 + 0.05) / 2 - D * exact_entropy(round_gaussian))));
  test::expect_order(errors, 1.9, 2.1);
  EXPECT_LT(at(stationary, 80), at(round_gaussian, 80));
}

TEST(KullbackLeibler, IsTheGaussiansAndZeroForEqualDensities) {
  const Grid grid{{100, 100}, 7.0};
  const Density p = sampled(round_gaussian, grid, unit_frame(2, 0.5));
  const Density q = sampled(stationary, grid, unit_frame(2, 0.5));
  const double variance = D / k;
  const double exact = (0.25 / variance + 0.05 / variance - 2 + 2 * std::log(variance) - std::log(0.09 * 0.16)) / 2;
  EXPECT_NEAR(kullback_leibler(p, q), exact, 0.01 * exact);
  EXPECT_EQ(kullback_leibler(p, p), 0);
  Density hole = q;
  hole.p[50 * 100 + 50] = 0;
  EXPECT_EQ(kullback_leibler(p, hole), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isfinite(kullback_leibler(hole, p)));
  EXPECT_THROW(kullback_leibler(p, sampled(stationary, grid, unit_frame(2, 0.6))), InternalError);
}

TEST(Moments, AreTheCells) {
  const Density density = line_density(2, 2, {0.125, 0.375});  // w = -1, 1 with 1/4, 3/4
  EXPECT_DOUBLE_EQ(moments(density).first[0], 0.5);
  EXPECT_DOUBLE_EQ(moments(density).second(0, 0), 1.0);
  EXPECT_DOUBLE_EQ(mean_of(density, [](std::span<const double> w) { return w[0] * w[0] * w[0]; }), 0.5);
}

TEST(MomentDefects, OfExactDensitiesAreOfSecondOrderInTheTimeBetweenThem) {
  const Eigen::Matrix2d A{{1, 0.6}, {-0.4, 0.8}};
  const OrnsteinUhlenbeck problem(A, Eigen::Vector2d(0.3, 0), (Eigen::Matrix2d() << 0.2, 0.1, 0.1, 0.3).finished());
  const Gaussian start{Eigen::Vector2d(0.5, -0.3), (Eigen::Matrix2d() << 0.3, -0.1, -0.1, 0.2).finished()};
  const auto at = [&](double t) { return sampled(problem.evolve(start, t), {{100, 100}, 8.0}, sheared_frame(), t); };
  Values first;
  Values second;
  for (const double dt : {0.2, 0.1, 0.05}) {
    const Moments defects = moment_defects(at(0), at(dt), problem);
    first.push_back(defects.first.norm());
    second.push_back(defects.second.norm());
  }
  test::expect_order(first, 1.8, 2.2);
  test::expect_order(second, 1.8, 2.2);
  EXPECT_THROW(moment_defects(at(0.1), at(0.1), problem), InternalError);
}

TEST(Products, RefuseWhatDoesNotFit) {
  const Density line = line_density(8, 1, Values(8, 0.5));
  EXPECT_THROW(probability_current(line, rotation()), InternalError);
  EXPECT_THROW(curl(line, Values(8)), InternalError);
  EXPECT_THROW(divergence(line, Values(7)), InternalError);
}

}  // namespace
}  // namespace driftwood::fp
