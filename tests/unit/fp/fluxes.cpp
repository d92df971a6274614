#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/edge_rates.hpp"
#include "unit/fp/edges.hpp"

namespace driftwood::fp {
namespace {

using namespace test;  // the fixtures of this folder

// Manufactured: a drift, a diffusion that depends on the state, and a density, none of which balance.

const Field line_drift = [](const Values& z) { return Values{std::cos(2 * z[0]) + 0.5}; };
const Field line_diffusion = [](const Values& z) { return Values{1 + 0.5 * std::sin(2 * z[0] + 0.4)}; };
const Scalar line_density = [](const Values& z) { return std::exp(std::sin(1.5 * z[0])); };

const Field plane_drift = [](const Values& z) { return Values{std::sin(z[0] + 2 * z[1]), 1 - z[0] * z[1]}; };
// Full, with directions (1, 0), (0, 1) and (1, 1) everywhere.
const Field plane_diffusion = [](const Values& z) {
  return Values{1.2 + 0.3 * std::sin(z[0] - z[1]), 0.4 + 0.2 * std::cos(2 * z[0] + z[1]),
                1 + 0.2 * std::cos(z[0] * z[1])};
};
const Scalar plane_density = [](const Values& z) { return std::exp(std::sin(z[0]) - z[1] * (z[0] + z[1]) / 2); };

TEST(ChangCooper, IsConsistentWithItosEquationOnALine) {
  const Values errors =
      consistency_errors({32, 64, 128, 256}, 1, line_drift, line_diffusion, line_density, FluxKind::chang_cooper);
  test::expect_order(errors, 1.9, 2.1);
  EXPECT_LT(errors.back(), 1e-3);
}

TEST(ChangCooper, IsConsistentWithItosEquationInThePlane) {
  const Values errors =
      consistency_errors({16, 32, 64, 128}, 2, plane_drift, plane_diffusion, plane_density, FluxKind::chang_cooper);
  test::expect_order(errors, 1.85, 2.15);
  EXPECT_LT(errors.back(), 3e-3);
}

TEST(ChangCooper, IsConsistentWithItosEquationWithLongDirections) {
  // e e^T of (3, 1) and (1, 2) beside (2, 1) and (1, 1): weights that vary, directions that do not.
  const Field E = [](const Values& z) {
    const double a = 1 + 0.3 * std::sin(z[0] + z[1]);
    const double b = 0.5 + 0.1 * std::cos(z[0]);
    const double c = 0.7 + 0.2 * std::sin(z[1]);
    return Values{9 * a + 4 * b + c, 3 * a + 2 * b, a + b};
  };
  const Values errors = consistency_errors({32, 64, 128}, 2, plane_drift, E, plane_density, FluxKind::chang_cooper);
  test::expect_order(errors, 1.8, 2.2);
}

TEST(ChangCooper, IsConsistentWithItosEquationInSpace) {
  const Field u = [](const Values& z) { return Values{z[1], std::sin(z[2]), 1 - z[0] * z[2]}; };
  const Field E = [](const Values& z) {
    return Values{
        1.3, 0.2 + 0.1 * z[2], -0.3, 1.2 + 0.2 * std::sin(z[0]), 0.2 + 0.1 * std::cos(z[1]), 1.1 + 0.1 * z[0]};
  };
  const Scalar q = [](const Values& z) { return std::exp(std::sin(z[0]) + z[1] * z[2] - z[2]); };
  const Values errors = consistency_errors({12, 24, 48}, 3, u, E, q, FluxKind::chang_cooper);
  test::expect_order(errors, 1.7, 2.3);
}

TEST(ExactRate, TellsItoFromStratonovich) {
  // What the tests above would converge to with D_ij d_j p in place of d_j (D_ij p) is nowhere near.
  const Field less_drift = [](const Values& z) {
    return Values{line_drift(z)[0] + std::cos(2 * z[0] + 0.4)};  // u + dE/dz
  };
  for (const double z : {-0.4, 0.0, 0.3})
    EXPECT_GT(std::abs(exact_rate(line_drift, line_diffusion, line_density, {z}) -
                       exact_rate(less_drift, line_diffusion, line_density, {z})),
              0.3);
}

TEST(LimitedFlux, IsChangCoopersWhereThePecletNumberIsAtMostOne) {
  for (const Grid& grid : small_grids()) {
    const EdgeCoefficients edges = edge_coefficients(grid, all_of(grid), rough_coefficients(grid, 2, 1));
    const EdgeRates plain = rates_of(grid, edges, FluxKind::chang_cooper, {});
    const EdgeRates limited = rates_of(grid, edges, FluxKind::limited, rough_density(grid));
    int n_same = 0;
    int n_other = 0;
    for (std::size_t k = 0; k < edges.directions.size(); ++k)
      for (std::size_t i = 0; i < edges.directions[k].weight.size(); ++i) {
        const bool same = plain.directions[k].forward[i] == limited.directions[k].forward[i] &&
                          plain.directions[k].backward[i] == limited.directions[k].backward[i];
        if (std::abs(edges.directions[k].peclet[i]) <= 1) {
          EXPECT_TRUE(same);
          n_same += edges.directions[k].weight[i] > 0;
        } else if (!same) {
          ++n_other;
        }
      }
    EXPECT_GT(n_same, 10);
    EXPECT_GT(n_other, 10);
  }
}

TEST(LimitedFlux, IsContinuousInThePecletNumber) {
  const Grid grid{{8}, 1.0};  // h = 1/4
  const Values q{1, 1, 2, 4, 5, 9, 9, 1};
  Values last;
  for (double peclet = -3; peclet < 3; peclet += 1e-3) {
    const EdgeRates rates = rates_of(grid, edges_of(grid, constant({4 * peclet}), constant({1})), FluxKind::limited, q);
    Values both = rates.directions[0].forward;
    both.insert(both.end(), rates.directions[0].backward.begin(), rates.directions[0].backward.end());
    for (std::size_t i = 0; i < last.size(); ++i) EXPECT_NEAR(both[i], last[i], 16 * 3e-3) << peclet;
    last = both;
  }
}

TEST(LimitedFlux, IsOfSecondOrderWhereTheDriftDominatesAndChangCooperOfFirst) {
  for (const double sign : {1.0, -1.0}) {
    // Monotone where it is looked at: at an extremum every limiter falls back to first order.
    const Field u = [&](const Values& z) { return Values{sign * (1.5 + std::sin(z[0]))}; };
    const Field E = constant({1e-6});
    const Scalar q = [](const Values& z) { return 2 + std::sin(z[0]); };
    const std::vector<int> cells = {32, 64, 128, 256};
    test::expect_order(consistency_errors(cells, 1, u, E, q, FluxKind::limited), 1.7, 2.3);
    test::expect_order(consistency_errors(cells, 1, u, E, q, FluxKind::chang_cooper), 0.85, 1.15);
  }
}

TEST(LimitedFlux, IsOfSecondOrderWhereTheDriftDominatesInThePlane) {
  const Field u = [](const Values& z) { return Values{1.5 + std::sin(z[1]), -1 - 0.3 * std::cos(z[0])}; };
  const Field E = constant({1e-6, 0, 2e-6});
  const Scalar q = [](const Values& z) { return std::exp(z[0] + 0.5 * std::sin(z[1])); };
  test::expect_order(consistency_errors({16, 32, 64}, 2, u, E, q, FluxKind::limited), 1.7, 2.3);
  test::expect_order(consistency_errors({16, 32, 64}, 2, u, E, q, FluxKind::chang_cooper), 0.8, 1.2);
}

TEST(LimitedFlux, TransportsALinearDensityExactlyBetweenTheCells) {
  // u = 1 and no diffusion to speak of: the flux through a face is the density there.
  const Grid grid{{10}, 1.0};
  const Values q = at_centres(grid, [](const Values& z) { return 3 + 2 * z[0]; });
  const EdgeRates rates = rates_of(grid, edges_of(grid, constant({1}), constant({1e-7})), FluxKind::limited, q);
  for (int to = 2; to < 10; ++to) {
    const double face = 3 + 2 * (-1 + to * 0.2);
    EXPECT_NEAR((rates.directions[0].forward[to] * q[to - 1] - rates.directions[0].backward[to] * q[to]) * 0.2, face,
                1e-5);
  }
}

TEST(FourthOrderFlux, IsOfFourthOrderOnALineAndAlongLongDirections) {
  // Constant coefficients along lattice directions; kinks in the weights would be of second order.
  const Field drift = constant({0.7, -0.4});
  const Field diffusion = constant({0.5, 0.3, 0.6});
  const Scalar q = [](const Values& z) { return std::exp(-2 * z[0] * z[0] - z[1] * z[1] + 0.5 * z[0]); };
  test::expect_order(fourth_order_errors({32, 64, 128}, drift, diffusion, q), 3.7, 4.4);
}

TEST(FourthOrderFlux, NeedsEdgesThatKeepTheirCells) {
  const Grid grid{{16}, 1.0};
  const Values density(16, 1.0);
  EXPECT_THROW(rates_of(grid, edges_of(grid, constant({1}), constant({1})), FluxKind::fourth_order, density),
               InternalError);
}

}  // namespace
}  // namespace driftwood::fp
