// Spectra that are known exactly: boxes, Ornstein-Uhlenbeck, rotations; a double well by its published rates.
#include "driftwood/fp_solver/spectrum.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numbers>

#include "driftwood/core/error.hpp"
#include "support/world.hpp"
#include "verify/fp_solver/problems.hpp"

namespace driftwood::fp_solver {
namespace {

using test::world;
using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

/// A box of half widths `half` around the origin.
Spectrum spectrum_in(const fp::Coefficients& problem, const std::vector<int>& cells, const std::vector<double>& half,
                     int n_rates, const std::vector<fp::Wall>& walls = {}) {
  const auto d = static_cast<Eigen::Index>(cells.size());
  fp::Grid grid;
  grid.cells = cells;
  grid.z_max = 1;
  const Eigen::VectorXd widths = Eigen::Map<const Eigen::VectorXd>(half.data(), d);
  const fp::Frame frame{Eigen::VectorXd::Zero(d), widths.asDiagonal()};
  SpectrumOptions options;
  options.n_rates = n_rates;
  options.walls = walls;
  Spectrum result = spectrum(problem, grid, frame, options, world());
  EXPECT_TRUE(result.converged) << result.message;
  EXPECT_GE(static_cast<int>(result.rates.size()), n_rates);
  return result;
}

/// L1 distance to the density proportional to `weight`, given at the cells.
double distance(const fp::Density& density, std::vector<double> weight) {
  double sum = 0;
  for (const double x : weight) sum += x;
  double error = 0;
  for (std::size_t i = 0; i < weight.size(); ++i)
    error += std::abs(density.p[i] * density.cell_volume() - weight[i] / sum);
  return error;
}

double w_of(const fp::Density& density, int axis, int index) {
  return density.frame.scale(axis, axis) * density.grid.z_centre(axis, index);
}

Line double_well(double diffusion) {
  return {[](double, double w) { return w - w * w * w; }, [=](double, double) { return diffusion; }};
}

TEST(Spectrum, OfABrownianBoxIsThatOfTheDiscreteCosines) {
  const double diffusion = 0.3;
  const int n = 50;
  const Line problem([](double, double) { return 0.0; }, [=](double, double) { return diffusion; });
  const Spectrum result = spectrum_in(problem, {n}, {1}, 5);
  const double h = 2.0 / n;
  for (int k = 1; k <= 5; ++k) {
    const double exact = 4 * diffusion / (h * h) * std::pow(std::sin(k * std::numbers::pi / (2 * n)), 2);
    EXPECT_NEAR(result.rates[k - 1].real(), exact, 1e-9 * exact);
    EXPECT_EQ(result.rates[k - 1].imag(), 0);
  }
  EXPECT_LT(distance(*result.stationary, std::vector<double>(n, 1.0)), 1e-12);
}

TEST(Spectrum, OfADoubleWellHasItsEscapeRate) {
  const std::pair<double, double> known[] = {{0.1, 0.0335452873}, {0.05, 0.0027761406}, {0.03, 1.02697e-4}};
  const std::vector<int> cells{100, 200, 400};
  for (const auto& [diffusion, rate] : known) {
    std::vector<double> errors;
    for (const int n : cells)
      errors.push_back(std::abs(spectrum_in(double_well(diffusion), {n}, {2.2}, 2).rates[0].real() - rate) / rate);
    EXPECT_THAT(orders(cells, errors), Each(AllOf(Ge(1.8), Le(2.2))))
        << "D = " << diffusion << ": " << testing::PrintToString(errors);
    EXPECT_LT(errors.back(), 5e-3);
  }
}

TEST(StationaryDensity, IsBalancedToRoundOffOnBothSidesOfABarrier) {
  // The flux is exact where the drift is integrated by the trapezoidal rule from cell to cell.
  for (const double diffusion : {0.1, 0.03, 0.02}) {
    const int n = 200;
    const Spectrum result = spectrum_in(double_well(diffusion), {n}, {2.2}, 1);
    std::vector<double> log_weight{0.0};
    const fp::Density& density = *result.stationary;
    const auto drift = [&](int i) { return w_of(density, 0, i) - std::pow(w_of(density, 0, i), 3); };
    for (int i = 1; i < n; ++i)
      log_weight.push_back(log_weight.back() + (drift(i - 1) + drift(i)) / 2 * (4.4 / n) / diffusion);
    const double most = *std::max_element(log_weight.begin(), log_weight.end());
    std::vector<double> weight;
    for (const double x : log_weight) weight.push_back(std::exp(x - most));
    EXPECT_LT(distance(density, weight), 1e-12) << "D = " << diffusion;
    EXPECT_GE(*std::min_element(density.p.begin(), density.p.end()), 0);
    EXPECT_NEAR(density.mass(), 1, 1e-13);
  }
}

TEST(StationaryDensity, OfAParabolaIsTheGaussian) {
  // b = -D Sigma^-1 w: a gradient in the metric of D, so no current flows.
  const Eigen::Matrix2d diffusion{{0.3, 0.1}, {0.1, 0.2}};
  const Eigen::Matrix2d precision{{2, 0.5}, {0.5, 1}};
  const fp::OrnsteinUhlenbeck problem(diffusion * precision, Eigen::Vector2d::Zero(), diffusion);
  const Spectrum result = spectrum_in(problem, {40, 36}, {4, 5}, 1);
  std::vector<double> weight;
  for (int i = 0; i < 40; ++i)
    for (int j = 0; j < 36; ++j) {
      const Eigen::Vector2d w(w_of(*result.stationary, 0, i), w_of(*result.stationary, 1, j));
      weight.push_back(std::exp(-w.dot(precision * w) / 2));
    }
  EXPECT_LT(distance(*result.stationary, weight), 1e-12);
}

TEST(Spectrum, OfOrnsteinUhlenbeckIsSumsOfTheDriftsEigenvalues) {
  const Eigen::Matrix2d drift{{1, 0.6}, {0.2, 1.8}};  // not normal
  const fp::OrnsteinUhlenbeck problem(drift, Eigen::Vector2d::Zero(),
                                      (Eigen::Matrix2d() << 0.2, 0.05, 0.05, 0.3).finished());
  const double root = std::sqrt(0.16 + 0.12);
  const double a = 1.4 - root;
  const double b = 1.4 + root;
  const double exact[] = {a, 2 * a, b, 3 * a};
  const std::vector<int> cells{32, 48, 72};
  std::vector<std::vector<double>> errors(4);
  for (const int n : cells) {
    const Spectrum result = spectrum_in(problem, {n, n}, {3, 3}, 4);
    for (int k = 0; k < 4; ++k) errors[k].push_back(std::abs(result.rates[k].real() - exact[k]));
  }
  for (int k = 0; k < 4; ++k) {
    EXPECT_THAT(orders(cells, errors[k]), Each(AllOf(Ge(1.7), Le(2.3))))
        << "rate " << k << ": " << testing::PrintToString(errors[k]);
    EXPECT_LT(errors[k].back(), 0.03 * exact[k]);
  }
}

TEST(Spectrum, OfARotationHasItsComplexPair) {
  const double k = 1.0;
  const double omega = 2.0;
  const fp::OrnsteinUhlenbeck problem((Eigen::Matrix2d() << k, -omega, omega, k).finished(), Eigen::Vector2d::Zero(),
                                      0.2 * Eigen::Matrix2d::Identity());
  const std::vector<int> cells{32, 48, 72};
  std::vector<double> errors;
  for (const int n : cells) {
    // Slowest: k +- i omega, then 2k (real) and 2k +- 2 i omega.
    const Spectrum result = spectrum_in(problem, {n, n}, {2.7, 2.7}, 3);
    errors.push_back(std::abs(result.rates[0] - std::complex<double>(k, omega)));
    EXPECT_EQ(result.rates[1], std::conj(result.rates[0]));
    EXPECT_NEAR(result.rates[2].real(), 2 * k, 0.3);
    EXPECT_NEAR(result.rates[2].imag(), 0, 0.1);
    EXPECT_GT(result.radius, omega);
  }
  EXPECT_THAT(orders(cells, errors), Each(AllOf(Ge(1.7), Le(2.3)))) << testing::PrintToString(errors);
}

TEST(Spectrum, BetweenAbsorbingWallsBeginsWithTheRateOfEscape) {
  // D (k pi / L)^2; survivors as a sine.
  const double diffusion = 0.4;
  const Line problem([](double, double) { return 0.0; }, [=](double, double) { return diffusion; });
  const std::vector<int> cells{25, 50, 100};
  std::vector<double> errors;
  for (const int n : cells) {
    const Spectrum result = spectrum_in(problem, {n}, {1}, 2, {fp::Wall::absorbing, fp::Wall::absorbing});
    errors.push_back(std::abs(result.rates[0].real() - diffusion * std::pow(std::numbers::pi / 2, 2)));
    EXPECT_NEAR(result.rates[1].real(), diffusion * std::pow(std::numbers::pi, 2), 0.05);
    std::vector<double> sine;
    for (int i = 0; i < n; ++i) sine.push_back(std::sin(std::numbers::pi * (i + 0.5) / n));
    EXPECT_LT(distance(*result.stationary, sine), 1e-2);
  }
  EXPECT_THAT(orders(cells, errors), Each(AllOf(Ge(1.8), Le(2.2)))) << testing::PrintToString(errors);
}

TEST(Spectrum, OfThreeWeightsByAnIterativeSolver) {
  const Eigen::Vector3d rates(0.7, 1.3, 2.2);
  const fp::OrnsteinUhlenbeck problem(rates.asDiagonal(), Eigen::Vector3d::Zero(), 0.2 * Eigen::Matrix3d::Identity());
  const Spectrum result = spectrum_in(problem, {28, 28, 28}, {3, 2.4, 1.8}, 2);
  EXPECT_NEAR(result.rates[0].real(), 0.7, 0.02);
  EXPECT_NEAR(result.rates[1].real(), 1.3, 0.05);
}

TEST(Spectrum, IsTheSameOnAnyNumberOfRanks) {
  const mpi::Communicator alone = world().split(world().rank());
  fp::Grid grid;
  grid.cells = {30, 26};
  grid.z_max = 3;
  const fp::Frame frame{Eigen::Vector2d(0.2, 0.1), Eigen::Matrix2d::Identity()};
  const fp::OrnsteinUhlenbeck problem(reference_drift(2), Eigen::Vector2d::Zero(),
                                      (Eigen::Matrix2d() << 0.2, 0.08, 0.08, 0.2).finished());
  const Spectrum shared = spectrum(problem, grid, frame, {}, world());
  const Spectrum own = spectrum(problem, grid, frame, {}, alone);
  ASSERT_EQ(shared.rates.size(), own.rates.size());
  for (std::size_t i = 0; i < own.rates.size(); ++i)
    EXPECT_LT(std::abs(shared.rates[i] - own.rates[i]), 1e-8 * std::abs(own.rates[i]));
  const double most = *std::max_element(own.stationary->p.begin(), own.stationary->p.end());
  for (std::size_t i = 0; i < own.stationary->p.size(); ++i)
    ASSERT_NEAR(shared.stationary->p[i], own.stationary->p[i], 1e-12 * most);
}

TEST(Failures, OfASpectrumAreValuesAndErrorsOfItsInput) {
  fp::Grid grid;
  grid.cells = {200};
  grid.z_max = 2.2;
  const fp::Frame frame{Eigen::VectorXd::Zero(1), Eigen::MatrixXd::Identity(1, 1)};
  SpectrumOptions options;
  options.max_iterations = 1;
  options.tolerance = 1e-300;
  const Spectrum result = spectrum(double_well(0.1), grid, frame, options, world());
  EXPECT_FALSE(result.converged);
  EXPECT_THAT(result.message, testing::HasSubstr("eigenvalues converge"));
  const Line broken([](double, double w) { return w > 1 ? std::numeric_limits<double>::quiet_NaN() : 0.0; },
                    [](double, double) { return 1.0; });
  EXPECT_THROW(spectrum(broken, grid, frame, {}, world()), Error);
  grid.cells = {8};
  EXPECT_THROW(spectrum(double_well(0.1), grid, frame, {}, world()), ConfigError);
}

}  // namespace
}  // namespace driftwood::fp_solver
