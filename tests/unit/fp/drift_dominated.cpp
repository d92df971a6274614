// The fourth-order flux where the drift moves the density by more than diffusion spreads it over a cell.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/fp/line_sweep.hpp"
#include "unit/fp/edges.hpp"

namespace driftwood::fp {
namespace {

using namespace test;  // the fixtures of this folder

/// Sum of z^power times the rates of change of a line's cells.
double moment_rate(const Grid& grid, const Values& rate, int power) {
  double sum = 0;
  for (int i = 0; i < grid.cells[0]; ++i) sum += std::pow(grid.z_centre(0, i), power) * rate[i];
  return sum * grid.spacing(0);
}

double normal(double z) {
  return std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
}

TEST(DriftDominated, FluxIsOfFourthOrder) {
  const Field drift = [](const Values& z) { return Values{3 + std::sin(z[0]), -2 + z[0] * z[1]}; };
  const Field diffusion = constant({1e-4, 0, 2e-4});
  const Scalar q = [](const Values& z) { return std::exp(-2 * z[0] * z[0] - z[1] * z[1] + 0.5 * z[0]); };
  test::expect_order(fourth_order_errors({24, 48, 96}, drift, diffusion, q), 3.7, 4.4);
}

TEST(DriftDominated, VarianceOfANormalDensityShrinksAsItShouldOnCellsOfThreeQuartersOfItsWidth) {
  const Grid grid{{18}, 6.75};
  const Values density = at_centres(grid, [](const Values& z) { return normal(z[0]); });
  const Field drift = [](const Values& z) { return Values{-z[0]}; };
  for (const double diffusion : {1e-5, 1e-2, 0.1}) {
    const Values rate = test::apply(fourth_order_rates(grid, drift, constant({diffusion}), density), density);
    EXPECT_NEAR(moment_rate(grid, rate, 2), -2 + 2 * diffusion, 1e-2) << diffusion;
    const Values limited =
        test::apply(rates_of(grid, edges_of(grid, drift, constant({diffusion})), FluxKind::limited, density), density);
    EXPECT_GT(std::abs(moment_rate(grid, limited, 2) + 2 - 2 * diffusion), 0.03) << "the limited flux, for comparison";
  }
}

TEST(DriftDominated, RipplesAndKinksFallBackToTheLimitedFlux) {
  const Grid grid{{24}, 3.0};
  Values density = at_centres(grid, [](const Values& z) { return normal(z[0]); });
  for (std::size_t i = 0; i < density.size(); i += 2) density[i] *= 1.5;
  const Field drift = constant({1});
  const Field diffusion = constant({1e-6});
  const Values rate = test::apply(fourth_order_rates(grid, drift, diffusion, density), density);
  const Values limited =
      test::apply(rates_of(grid, edges_of(grid, drift, diffusion), FluxKind::limited, density), density);
  for (std::size_t i = 0; i < density.size(); ++i)
    EXPECT_NEAR(rate[i], limited[i], 1e-12 + 1e-9 * std::abs(limited[i]));
}

/// A line of cells with rates of the diffusion `rho` alone, `excess` of which the flux is to take off again.
LineProblem diffusing_line(int n, double rho, double excess) {
  LineProblem line;
  line.offset = 1;
  line.flux = FluxKind::fourth_order;
  line.forward.assign(n, rho);
  line.forward.back() = 0;
  line.backward = line.forward;
  line.cell_weight.assign(n, rho);
  line.cell_drift.assign(n, 0.0);
  line.cell_excess.assign(n, excess);
  return line;
}

TEST(ExcessDiffusion, IsTakenOffAgain) {
  const Grid grid{{24}, 6.0};
  const auto variance = [&](const Values& mass) { return moment_rate(grid, mass, 2) / moment_rate(grid, mass, 0); };
  const double rho = 0.3;  // in units of the cells
  const double spread = 2 * rho * grid.spacing(0) * grid.spacing(0);
  for (const double kept : {0.0, 0.25}) {
    Values mass = at_centres(grid, [](const Values& z) { return normal(z[0]); });
    const double before = variance(mass);
    const LineProblem line = diffusing_line(24, rho, (1 - kept) * rho);
    for (int step = 0; step < 20; ++step) second_order_sweep(line, 0.05, mass);
    EXPECT_NEAR(variance(mass) - before, kept * spread, 0.02 * spread) << kept;
    EXPECT_NEAR(moment_rate(grid, mass, 0), 1, 1e-8);
    EXPECT_GE(*std::min_element(mass.begin(), mass.end()), 0);
  }
}

TEST(ExcessDiffusion, StaysWhereTheDensityIsNotSmooth) {
  Values mass(24, 0.0);
  mass[12] = 1;
  second_order_sweep(diffusing_line(24, 0.3, 0.3), 0.05, mass);
  EXPECT_GE(*std::min_element(mass.begin(), mass.end()), 0);
  EXPECT_NEAR(total(mass), 1, 1e-14);
  EXPECT_LE(mass[12], 1);
}

}  // namespace
}  // namespace driftwood::fp
