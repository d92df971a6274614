#include "driftwood/analysis/surface_scaling.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/core/error.hpp"

namespace driftwood::analysis {
namespace {

using Values = std::vector<double>;
const CounterRandom dice(3, 4);

SurfaceModel model_of(double nonlinearity, int n_sites) {
  SurfaceModel model;
  model.n_sites = n_sites;
  model.nonlinearity = nonlinearity;
  model.step = nonlinearity == 0 ? 0.1 : 0.02;
  return model;
}

ReplicaRows grown(const SurfacePlan& plan, int n_replicas) {
  ReplicaRows rows{n_replicas, {}};
  for (int r = 0; r < n_replicas; ++r) {
    const Values row = grown_surface(plan, dice, r);
    rows.values.insert(rows.values.end(), row.begin(), row.end());
  }
  return rows;
}

TEST(SurfacePlan, LooksUntilTheSlowestModeIsForgotten) {
  for (const double lambda : {0.0, 2.0}) {
    const SurfacePlan plan = surface_plan(model_of(lambda, 64));
    const double k = lattice_wave_number(plan.model, 1);
    const double rate = lambda == 0 ? k * k : std::pow(k, 1.5);
    EXPECT_GE(plan.times.back(), 6 / rate);
    EXPECT_LT(plan.times.back(), 6 / rate * 1.3);
    EXPECT_GE(plan.times[plan.first_settled], 3 / rate);
    EXPECT_LT(plan.first_settled, plan.times.size() - 2);
    EXPECT_EQ(plan.modes, (std::vector<int>{1, 2, 4, 8, 16}));
  }
}

TEST(SurfacePlan, GrowthOfALongLineIsTheKnownOne) {
  // W^2 = 0.798 t^(1/2) without lambda, from the exact modes; differences do not know the lattice's constant.
  const SurfaceModel model = model_of(0, 65536);
  EXPECT_NEAR(growth_amplitude(model), std::sqrt(2 / std::acos(-1.0)), 1e-12);
  Values squares;
  for (const double time : {64.0, 256.0}) {
    double sum = 0;
    for (int m = 1; m < model.n_sites; ++m)
      sum += edwards_wilkinson_structure(model, m, std::lround(time / model.step)) / model.n_sites;
    squares.push_back(sum);
  }
  EXPECT_NEAR(squares[1] - squares[0], growth_amplitude(model) * (16 - 8), 0.01);
  EXPECT_NEAR(growth_amplitude(model_of(2, 64)), 0.63805, 1e-12);
  EXPECT_NEAR(settled_roughness(model_of(0, 64)), 64 / 12.0, 0.1);
}

TEST(GrownSurface, OfEdwardsWilkinsonHasItsExactRoughnessAtEveryTime) {
  const SurfacePlan plan = surface_plan(model_of(0, 16));
  const int n = 200;
  const ReplicaRows rows = grown(plan, n);
  for (std::size_t i = 0; i < plan.times.size(); i += 3) {
    double exact = 0;
    for (int m = 1; m < 16; ++m)
      exact += edwards_wilkinson_structure(plan.model, m, std::lround(plan.times[i] / plan.model.step)) / 16;
    const Estimate measured =
        bootstrap_estimate({rows}, 50, dice, [&](const std::vector<Values>& means) { return means[0][i]; });
    EXPECT_NEAR(measured.value, exact, 3.5 * measured.error) << plan.times[i];
    EXPECT_LT(measured.error, 0.1 * exact);
  }
  // The mean height is a random walk: variance 2 Gamma t / L.
  const std::size_t last = plan.row_size() - 1;
  double square = 0;
  for (int r = 0; r < n; ++r) square += std::pow(rows.values[r * plan.row_size() + last], 2) / n;
  EXPECT_NEAR(square, 2 * plan.times.back() / 16, 3.5 * std::sqrt(2.0 / n) * square);
  for (std::size_t m = 0; m < plan.modes.size(); ++m) {
    const std::size_t column = plan.times.size() + m;
    const Estimate measured =
        bootstrap_estimate({rows}, 50, dice, [&](const std::vector<Values>& means) { return means[0][column]; });
    EXPECT_NEAR(measured.value, edwards_wilkinson_structure(plan.model, plan.modes[m], 100000), 3.5 * measured.error);
  }
}

/// Rows that scale exactly: W^2 = L f(t / L^z) with f = x^(2 beta) up to 1/12, the same for every replica but a factor.
ReplicaRows scaling_rows(const SurfacePlan& plan, double z) {
  ReplicaRows rows{4, {}};
  const double size = plan.model.n_sites;
  for (int r = 0; r < rows.n_replicas; ++r)
    for (std::size_t i = 0; i < plan.row_size(); ++i)  // mean heights are 1 everywhere
      rows.values.push_back((1 + 0.01 * (r - 1.5)) *
                            (i < plan.times.size()
                                 ? size * std::min(1 / 12.0, 0.6 * std::pow(plan.times[i] / std::pow(size, z), 1 / z))
                                 : 1.0));
  return rows;
}

TEST(SurfaceExponents, OfRowsThatScaleAreFound) {
  for (const double lambda : {0.0, 2.0}) {
    const double z = lambda == 0 ? 2 : 1.5;
    std::vector<SurfacePlan> plans;
    std::vector<ReplicaRows> rows;
    for (const int n_sites : {128, 256, 512, 1024}) {
      plans.push_back(surface_plan(model_of(lambda, n_sites)));
      rows.push_back(scaling_rows(plans.back(), z));
    }
    const SurfaceExponents found = surface_exponents(plans, rows, 20, dice);
    EXPECT_NEAR(found.roughness.value, 0.5, 1e-9);
    EXPECT_NEAR(found.growth.value, 0.5 / z, 2e-3);  // times are whole steps
    EXPECT_NEAR(found.dynamic.value, z, 2e-2);       // and between them
    EXPECT_GT(found.settled.back().error, 0);
    EXPECT_LT(found.settled.back().error, 0.02 * found.settled.back().value);
  }
  const SurfacePlan small = surface_plan(model_of(2, 32));
  const ReplicaRows rows = scaling_rows(small, 1.5);
  EXPECT_TRUE(std::isnan(surface_exponents({small, small}, {rows, rows}, 5, dice).growth.value));
  EXPECT_THROW(surface_exponents({small}, {rows}, 5, dice), InternalError);
}

}  // namespace
}  // namespace driftwood::analysis
