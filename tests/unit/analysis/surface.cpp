#include "driftwood/analysis/surface.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/core/error.hpp"

namespace driftwood::analysis {
namespace {

const CounterRandom dice(7, 8);

/// Mean over replicas of |h_m|^2 / n_cells and its standard error.
struct Measured {
  double mean = 0;
  double error = 0;
};
Measured structure(const SurfaceModel& model, int axis, int m, long n_steps, int n_replicas) {
  double sum = 0;
  double squares = 0;
  for (int r = 0; r < n_replicas; ++r) {
    Surface surface(model, dice, r);
    surface.advance(n_steps);
    const double s = std::norm(surface.mode(axis, m)) / static_cast<double>(model.n_cells());
    sum += s;
    squares += s * s;
  }
  const double mean = sum / n_replicas;
  return {mean, std::sqrt((squares / n_replicas - mean * mean) / n_replicas)};
}

TEST(Surface, EdwardsWilkinsonHasItsExactStructureFactorInOneDimension) {
  SurfaceModel model;
  model.n_sites = 32;
  model.tension = 0.8;
  model.noise = 0.6;
  model.spacing = 0.7;
  model.step = 0.1;
  for (const int m : {1, 3, 10})
    for (const long n_steps : {20L, 400L}) {
      const Measured measured = structure(model, 0, m, n_steps, 300);
      EXPECT_NEAR(measured.mean, edwards_wilkinson_structure(model, m, n_steps), 3 * measured.error) << m;
      EXPECT_LT(measured.error, 0.1 * measured.mean);
    }
  // Late and for small steps it is Gamma / (nu k^2).
  model.step = 1e-4;
  const double k = lattice_wave_number(model, 3);
  EXPECT_NEAR(edwards_wilkinson_structure(model, 3, 10000000), 0.6 / (0.8 * k * k * 0.7), 1e-3);
}

TEST(Surface, EdwardsWilkinsonHasItsExactStructureFactorInThePlane) {
  SurfaceModel model;
  model.dimension = 2;
  model.n_sites = 12;
  model.step = 0.1;
  for (const int axis : {0, 1}) {
    const Measured measured = structure(model, axis, 2, 60, 300);
    EXPECT_NEAR(measured.mean, edwards_wilkinson_structure(model, 2, 60), 3 * measured.error);
  }
}

TEST(Surface, TheNonlinearTermLeavesTheStationaryDensityOfALine) {
  SurfaceModel model;
  model.n_sites = 32;
  model.nonlinearity = 2;
  model.step = 0.02;
  const Measured measured = structure(model, 0, 2, 4000, 200);
  EXPECT_NEAR(measured.mean, edwards_wilkinson_structure(model, 2, 4000), 3.5 * measured.error);
  // But it makes the surface move: <d_t h> = (lambda / 2) <slopes^2>, Gamma / nu per spacing.
  Surface surface(model, dice, 0);
  surface.advance(3000);
  double mean = 0;
  for (const double h : surface.heights()) mean += h / model.n_sites;
  EXPECT_GT(mean / surface.time(), 0.4);
}

TEST(Surface, IsAFunctionOfItsReplicaNumber) {
  SurfaceModel model;
  model.nonlinearity = 1;
  Surface a(model, dice, 3);
  Surface b(model, dice, 3);
  Surface other(model, dice, 4);
  a.advance(30);
  b.advance(10);
  b.advance(20);
  other.advance(30);
  EXPECT_EQ(a.heights(), b.heights());
  EXPECT_NE(a.heights(), other.heights());
  model.step = 0.6;
  EXPECT_THROW(Surface(model, dice, 0), InternalError);
}

TEST(Scaling, ExponentsOfPowerLawsAreFound) {
  const std::vector<double> times{1, 2, 4, 8, 16};
  std::vector<double> roughness;
  std::vector<double> correlation;
  for (const double t : times) {
    roughness.push_back(0.7 + 2 * std::pow(t, 2.0 / 3));
    correlation.push_back(1 - std::log2(t) / 4);
  }
  EXPECT_NEAR(growth_exponent(times, roughness), 1.0 / 3, 1e-12);
  EXPECT_NEAR(power_law(times, times), 1, 1e-12);
  EXPECT_NEAR(decay_time(times, correlation, 0.5), 4, 1e-12);
  EXPECT_NEAR(decay_time(times, correlation, 0.4), std::pow(2.0, 2.4), 1e-12);
  EXPECT_TRUE(std::isnan(decay_time(times, correlation, -1)));
}

}  // namespace
}  // namespace driftwood::analysis
