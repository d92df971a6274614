// The fourth-order flux where the drift moves the density by more than diffusion spreads it over a cell.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/fp/direction_fields.hpp"
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
  for (std::size_t i = 0; i < density.size(); i += 2) density[i] *= 2.5;
  const Field drift = constant({1});
  const Field diffusion = constant({1e-6});
  const Values rate = test::apply(fourth_order_rates(grid, drift, diffusion, density), density);
  const Values limited =
      test::apply(rates_of(grid, edges_of(grid, drift, diffusion), FluxKind::limited, density), density);
  for (std::size_t i = 0; i < density.size(); ++i)
    EXPECT_NEAR(rate[i], limited[i], 1e-12 + 1e-9 * std::abs(limited[i]));
}

/// Moments of a normal density on cells `width` of its standard deviations wide: the equations (4.4) for the mean and
/// the square say what their rates are, by sums over the cells.
TEST(SteepFaces, KeepTheMomentsWhereDriftAndDiffusionVary) {
  const Grid grid{{18}, 7.2};  // 0.8 standard deviations: q falls up to thirtyfold from cell to cell
  const Values density = at_centres(grid, [](const Values& z) { return normal(z[0]); });
  const Field drift = [](const Values& z) { return Values{0.3 - z[0] + 0.2 * z[0] * z[0]}; };
  for (const double size : {1e-2, 1.0}) {
    const Field diffusion = [size](const Values& z) { return Values{size * (1 + 0.1 * z[0] + 0.05 * z[0] * z[0])}; };
    const Values rate = test::apply(fourth_order_rates(grid, drift, diffusion, density), density);
    EXPECT_NEAR(moment_rate(grid, rate, 1), 0.5, 1e-2) << size;
    EXPECT_NEAR(moment_rate(grid, rate, 2), -2 + 2.1 * size, 5e-3) << size;
  }
}

/// A part of a line without diffusion, as where another decomposition of the tensor has no edges along it: the fluxes
/// of the last cells that have some reach into it.
TEST(DirectionsOfAPart, KeepTheMomentsOnALine) {
  const Grid grid{{40}, 6.0};
  const Values density = at_centres(grid, [](const Values& z) { return normal(z[0]); });
  LineProblem line;
  line.flux = FluxKind::fourth_order;
  double expected = 0;
  for (int i = 0; i < grid.cells[0]; ++i) {
    const double z = grid.z_centre(0, i);
    const double diffusion = z < 0.5 ? 0.4 - 0.1 * z : 0.0;
    line.cell_weight.push_back(diffusion / (grid.spacing(0) * grid.spacing(0)));
    expected += 2 * diffusion * density[i] * grid.spacing(0);
  }
  line.cell_drift.assign(grid.cells[0], 0.0);
  line.forward = line.cell_weight;
  line.backward.assign(grid.cells[0], 0.0);
  rates_from_fields(grid, {1}, {0, grid.cells[0]}, 1, line.forward.data(), line.backward.data(), line.forward.data(),
                    line.backward.data());
  Values mass = density;
  const double step = 1e-6;
  second_order_sweep(line, step, mass);
  for (std::size_t i = 0; i < mass.size(); ++i) mass[i] = (mass[i] - density[i]) / step;
  EXPECT_NEAR(moment_rate(grid, mass, 1), 0, 2e-4);
  EXPECT_NEAR(moment_rate(grid, mass, 2), expected, 2e-4);
}

/// The same in the plane: D_12 changes its sign, so that one diagonal has edges on the left and the other on the right.
TEST(DirectionsOfAPart, KeepTheMomentsInThePlane) {
  const Grid grid{{54, 54}, 5.4};
  const Values density = at_centres(grid, [](const Values& z) { return normal(z[0]) * normal(z[1]); });
  const Field diffusion = [](const Values& z) { return Values{1, 0.5 * std::tanh(z[0]), 1}; };
  const Values rate = test::apply(fourth_order_rates(grid, constant({0, 0}), diffusion, density), density);
  const double cell = grid.spacing(0) * grid.spacing(1);
  double product_rate = 0;
  double square_rate = 0;
  double expected = 0;
  for (int i = 0, at = 0; i < 54; ++i)
    for (int j = 0; j < 54; ++j, ++at) {
      const double x = grid.z_centre(0, i);
      const double y = grid.z_centre(1, j);
      product_rate += x * y * rate[at] * cell;
      square_rate += x * x * y * rate[at] * cell;
      expected += 4 * x * 0.5 * std::tanh(x) * density[at] * cell;  // 4 <x D_12> + 2 <y D_11>, <y> = 0
    }
  EXPECT_NEAR(product_rate, 0, 1e-6);
  EXPECT_NEAR(square_rate, expected, 3e-4);
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

/// Lattice directions of length 1 cannot carry a tensor of nearly rank one along (1, 0.3).
TEST(ExcessDiffusion, LeavesTheMomentsOfANarrowTensorRight) {
  const Grid grid{{24, 24}, 6.0};
  const Values density = at_centres(grid, [](const Values& z) { return normal(z[0]) * normal(z[1]); });
  const Values tensor{0.05, 0.015, 0.00451};
  const Values rate = test::apply(fourth_order_rates(grid, constant({0, 0}), constant(tensor), density), density);
  double spread[3] = {};
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    const Values z = centre(grid, cell);
    const double moved = rate[cell] * grid.spacing(0) * grid.spacing(1);
    for (const auto& [entry, product] : {std::pair{0, z[0] * z[0]}, {1, z[0] * z[1]}, {2, z[1] * z[1]}})
      spread[entry] += product * moved / 2;
  }
  for (int entry = 0; entry < 3; ++entry) EXPECT_NEAR(spread[entry], tensor[entry], 1e-4) << entry;
}

TEST(ExcessDiffusion, KeepsRipplesDown) {
  const Grid grid{{24}, 6.0};
  const auto ripple = [](const Values& mass) {
    double sum = 0;
    for (std::size_t i = 0; i < mass.size(); ++i) sum += i % 2 == 0 ? mass[i] : -mass[i];
    return sum / total(mass);
  };
  const LineProblem line = diffusing_line(24, 0.3, 0.3);
  for (const double size : {0.02, 0.15}) {
    Values mass = at_centres(grid, [](const Values& z) { return normal(z[0]); });
    for (std::size_t i = 0; i < mass.size(); ++i) mass[i] *= i % 2 == 0 ? 1 + size : 1 - size;
    const double before = ripple(mass);
    for (int step = 0; step < 10; ++step) second_order_sweep(line, 0.2, mass);
    EXPECT_NEAR(before, size, 0.1 * size);
    EXPECT_LT(ripple(mass), 0.3 * size);
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
