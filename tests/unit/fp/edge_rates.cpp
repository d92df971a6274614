#include "driftwood/fp/edge_rates.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include "driftwood/core/error.hpp"
#include "unit/fp/edges.hpp"

namespace driftwood::fp {
namespace {

using namespace test;  // the fixtures of this folder

TEST(Bernoulli, HasItsValuesToRoundOff) {
  struct Known {
    double x;
    double at_x;
    double at_minus_x;
  };
  const Known known[] = {{0, 1, 1},
                         {1e-300, 1, 1},
                         {1e-10, 0.999999999949999996, 1.00000000005000000},
                         {3e-5, 0.999985000075000019, 1.00001500007500010},
                         {9.9999999e-5, 0.999950000833833316, 1.00005000083283331},
                         {1e-4, 0.999950000833333297, 1.00005000083333329},
                         {2e-4, 0.999900003333333287, 1.00010000333333338},
                         {0.01, 0.995008333319444493, 1.00500833331944439},
                         {1, 0.581976706869326454, 1.58197670686932645},
                         {5, 0.0339182745315211587, 5.03391827453152096},
                         {36, 8.35028218887685147e-15, 36.0000000000000071},
                         {100, 3.72007597602083570e-42, 100},
                         {690, 1.49849941415898070e-297, 690}};
  for (const Known& k : known) {
    const auto [at_x, at_minus_x] = bernoulli(k.x);
    EXPECT_NEAR(at_x / k.at_x, 1, 4e-16) << k.x;
    EXPECT_NEAR(at_minus_x / k.at_minus_x, 1, 4e-16) << k.x;
    const auto [mirrored, mirrored_minus] = bernoulli(-k.x);
    EXPECT_EQ(mirrored, at_minus_x);
    EXPECT_EQ(mirrored_minus, at_x);
  }
}

TEST(Bernoulli, IsUpwindForHugeArguments) {
  for (const double x : {710.0, 1e10, 1e300}) {
    EXPECT_NEAR(bernoulli(x).first, 0, 1e-300);
    EXPECT_EQ(bernoulli(x).second, x);
    EXPECT_EQ(bernoulli(-x).first, x);
  }
}

TEST(Grids, HaveStridesReachesAndHalosByHand) {
  EXPECT_EQ(strides({{4, 5, 6}, 1.0}), (std::vector<long>{30, 6, 1}));
  EXPECT_EQ(reach({{100}, 1.0}), 1);
  EXPECT_EQ(reach({{100, 17}, 1.0}), 8);
  EXPECT_EQ(reach({{100, 16}, 1.0}), 7);
  EXPECT_EQ(reach({{2, 100}, 1.0}), 1);
  EXPECT_EQ(reach({{64, 64, 64}, 1.0}), 5);
  const Grid grid{{100, 5}, 1.0};  // reach 2: an edge spans up to 2 (5 + 1) cells
  EXPECT_EQ(with_halo(grid, {200, 10}).first, 200 - 17);
  EXPECT_EQ(with_halo(grid, {200, 10}).last(), 210 + 17);
  EXPECT_EQ(with_wide_halo(grid, {200, 10}).first, 200 - 24);
  EXPECT_EQ(with_wide_halo(grid, {200, 10}).last(), 210 + 24);
  EXPECT_EQ(with_wide_halo(grid, {3, 490}).first, 0);
  EXPECT_EQ(with_wide_halo(grid, {3, 490}).last(), 500);
}

TEST(EdgeRates, OfALineAreThoseByHand) {
  // h = 1/2, u = 1, E = 1/4: rho = E / h^2 = 1, P = u h / E = 2.
  const Grid grid{{4}, 1.0};
  const EdgeCoefficients edges = edges_of(grid, constant({1}), constant({0.25}));
  ASSERT_EQ(edges.directions.size(), 1u);
  const EdgeRates rates = rates_of(grid, edges, FluxKind::chang_cooper, {});
  const auto [at, at_minus] = bernoulli(2);
  for (int to = 1; to < 4; ++to) {
    EXPECT_NEAR(rates.directions[0].forward[to], at_minus, 1e-14);
    EXPECT_NEAR(rates.directions[0].backward[to], at, 1e-14);
  }
  EXPECT_EQ(rates.directions[0].forward[0], 0);  // from beyond the wall
  for (const double peclet : edges.cell_peclet) EXPECT_DOUBLE_EQ(peclet, 2);
}

TEST(EdgeRates, AreNotNegativeForRoughCoefficientsAndDensities) {
  for (const Grid& grid : small_grids())
    for (const double drift : {1.0, 1e4, 1e12})
      for (const FluxKind flux : {FluxKind::chang_cooper, FluxKind::limited}) {
        const EdgeCoefficients edges = edge_coefficients(grid, all_of(grid), rough_coefficients(grid, drift, 1e-3));
        const EdgeRates rates = rates_of(grid, edges, flux, rough_density(grid));
        ASSERT_FALSE(rates.directions.empty());
        for (const EdgeRates::Direction& direction : rates.directions)
          for (std::size_t i = 0; i < direction.forward.size(); ++i) {
            EXPECT_TRUE(direction.forward[i] >= 0 && std::isfinite(direction.forward[i]));
            EXPECT_TRUE(direction.backward[i] >= 0 && std::isfinite(direction.backward[i]));
          }
      }
}

/// Condition 100 in the plane of the first and the last axis, turned by 30 degrees; little diffusion along the middle
/// one.
EdgeCoefficients turned_tensor(const Eigen::Vector3d& drift) {
  const Eigen::Vector3d along(std::cos(M_PI / 6), 0, std::sin(M_PI / 6));
  const Eigen::Matrix3d tensor = 0.01 * Eigen::Matrix3d::Identity() + 0.99 * along * along.transpose();
  const Grid grid{{12, 12, 12}, 6};  // cells of width 1
  CellCoefficients cells{all_of(grid), {}, {}};
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    cells.drift.insert(cells.drift.end(), drift.begin(), drift.end());
    for (int k = 0; k < 3; ++k)
      for (int l = k; l < 3; ++l) cells.diffusion.push_back(tensor(k, l));
  }
  return edge_coefficients(grid, all_of(grid), std::move(cells));
}

int longest_entry(const EdgeCoefficients& edges) {
  int longest = 0;
  for (const auto& direction : edges.directions)
    for (const int entry : direction.step) longest = std::max(longest, std::abs(entry));
  return longest;
}

TEST(EdgeRates, KeepLongDirectionsWhereTheDriftIsAlongOthers) {
  const EdgeCoefficients edges = turned_tensor({0, 0.2, 0});
  EXPECT_DOUBLE_EQ(edges.cell_peclet[0], 20);
  EXPECT_GT(longest_entry(edges), 1);
  EXPECT_EQ(edges.added_diffusion, turned_tensor({0, 0, 0}).added_diffusion);
}

TEST(EdgeRates, TakeShortDirectionsWhereADriftAcrossThemWouldSmear) {
  const EdgeCoefficients edges = turned_tensor({-30, 0, 60});
  EXPECT_EQ(longest_entry(edges), 1);
  EXPECT_GT(edges.added_diffusion, 0.1);
}

TEST(EdgeRates, LetNothingThroughTheWalls) {
  const auto index = [](const Grid& grid, long cell, int axis) {
    return (cell / strides(grid)[axis]) % grid.cells[axis];
  };
  for (const Grid& grid : small_grids()) {
    const EdgeRates rates = rates_of(grid, edge_coefficients(grid, all_of(grid), rough_coefficients(grid, 1, 1)),
                                     FluxKind::chang_cooper, {});
    for (const EdgeRates::Direction& direction : rates.directions) {
      EXPECT_GT(direction.offset, 0);
      for (long i = 0; i < static_cast<long>(direction.forward.size()); ++i) {
        if (direction.forward[i] == 0 && direction.backward[i] == 0) continue;
        const long from = i - direction.offset;
        ASSERT_GE(from, 0);
        // The step leads from the one cell to the other without a wrap around an axis.
        for (int k = 0; k < grid.dimension(); ++k)
          EXPECT_EQ(index(grid, i, k) - index(grid, from, k), direction.step[k]);
      }
    }
  }
}

TEST(EdgeRates, ConserveMass) {
  for (const Grid& grid : small_grids())
    for (const FluxKind flux : {FluxKind::chang_cooper, FluxKind::limited}) {
      const Values q = rough_density(grid);
      const EdgeCoefficients edges = edge_coefficients(grid, all_of(grid), rough_coefficients(grid, 10, 1));
      const Values rate = test::apply(rates_of(grid, edges, flux, q), q);
      double size = 0;
      for (const double r : rate) size += std::abs(r);
      EXPECT_GT(size, 0);
      EXPECT_NEAR(total(rate) / size, 0, 1e-15);
    }
}

TEST(EdgeRates, KeepTheEquilibriumOfAQuadraticPotential) {
  const std::vector<Values> tensors = {{0.7}, {1, 0.6, 2}, {1, 0.3, -0.2, 1.5, 0.4, 0.9}};
  const std::vector<Values> potentials = {{1.3}, {1, -0.4, 0.8}, {1, 0.2, 0.1, 0.7, -0.3, 1.2}};
  for (int d = 1; d <= 3; ++d) {
    const Grid grid{std::vector<int>(d, d == 3 ? 9 : 20), 2.0};
    const Eigen::MatrixXd E = unpack_symmetric(d, tensors[d - 1]);
    const Eigen::MatrixXd K = unpack_symmetric(d, potentials[d - 1]);
    const auto vector = [d](const Values& z) {
      return Eigen::VectorXd(Eigen::Map<const Eigen::VectorXd>(z.data(), d));
    };
    const Field u = [&](const Values& z) {
      const Eigen::VectorXd drift = -E * K * vector(z);
      return Values(drift.begin(), drift.end());
    };
    const Values q = at_centres(grid, [&](const Values& z) { return std::exp(-vector(z).dot(K * vector(z)) / 2); });
    const EdgeCoefficients edges = edges_of(grid, u, constant(tensors[d - 1]));
    EXPECT_EQ(edges.added_diffusion, 0);
    const EdgeRates rates = rates_of(grid, edges, FluxKind::chang_cooper, {});
    // Edge by edge: detailed balance.
    for (const EdgeRates::Direction& direction : rates.directions)
      for (std::size_t to = direction.offset; to < q.size(); ++to) {
        const double there = direction.forward[to] * q[to - direction.offset];
        EXPECT_NEAR(there, direction.backward[to] * q[to], 2e-14 * there) << d;
      }
  }
}

TEST(EdgeRates, OfPartsOfTheGridAreThoseOfTheWhole) {
  for (const Grid& grid : small_grids())
    for (const double drift : {1.0, 30.0})
      for (const FluxKind flux : {FluxKind::chang_cooper, FluxKind::limited}) {
        const CellCoefficients all = rough_coefficients(grid, drift, 1);
        const Values q = rough_density(grid);
        const EdgeCoefficients all_edges = edge_coefficients(grid, all_of(grid), all);
        const EdgeRates whole = rates_of(grid, all_edges, flux, q);
        const long n = grid.n_cells();
        for (const long cut : {n / 2, n / 3 + 1}) {
          std::size_t n_compared = 0;
          for (const CellRange owned : {CellRange{0, cut}, CellRange{cut, n - cut}}) {
            const auto rows = [](const Values& values, CellRange range, long columns) {
              return Values(values.begin() + columns * range.first, values.begin() + columns * range.last());
            };
            const int d = grid.dimension();
            const CellRange halo = with_halo(grid, owned);
            const CellRange wide = with_wide_halo(grid, owned);
            const EdgeCoefficients edges = edge_coefficients(
                grid, owned, {halo, rows(all.drift, halo, d), rows(all.diffusion, halo, packed_size(d))});
            EXPECT_EQ(edges.cell_peclet, rows(all_edges.cell_peclet, owned, 1));
            const EdgeRates part = edge_rates(grid, edges, flux, rows(q, wide, 1), wide);
            for (const EdgeRates::Direction& direction : whole.directions) {
              const auto same = std::find_if(part.directions.begin(), part.directions.end(),
                                             [&](const auto& other) { return other.offset == direction.offset; });
              for (long to = std::max(direction.offset, owned.first); to < std::min(owned.last() + direction.offset, n);
                   ++to) {
                const bool has = same != part.directions.end();
                const long i = to - owned.first;
                // To round-off only: a cell's parts may be added in another order.
                EXPECT_NEAR(has ? same->forward[i] : 0, direction.forward[to], 1e-13 * direction.forward[to]);
                EXPECT_NEAR(has ? same->backward[i] : 0, direction.backward[to], 1e-13 * direction.backward[to]);
                ++n_compared;
              }
            }
          }
          EXPECT_GE(n_compared, static_cast<std::size_t>(n));
        }
      }
}

TEST(EdgeCoefficients, NeedTheHalosCoefficients) {
  const Grid grid{{40, 5}, 1.0};
  const CellRange owned{80, 20};
  const CellRange halo = with_halo(grid, owned);
  const auto build = [&](CellRange range) {
    return edge_coefficients(grid, owned, on(grid, range, constant({0, 0}), constant({1, 0, 1})));
  };
  EXPECT_NO_THROW(build(halo));
  EXPECT_THROW(build({halo.first, halo.count - 1}), InternalError);
  EXPECT_THROW(build({halo.first + 1, halo.count - 1}), InternalError);
  CellCoefficients short_drift = on(grid, halo, constant({0, 0}), constant({1, 0, 1}));
  short_drift.drift.pop_back();
  EXPECT_THROW(edge_coefficients(grid, owned, short_drift), InternalError);
}

TEST(EdgeRates, AreUpwindWhereThereIsNoDiffusion) {
  // Momentum: z_0 moves with velocity z_1, which alone diffuses.
  const Grid grid{{10, 12}, 3.0};
  const EdgeCoefficients edges = edges_of(
      grid,
      [](const Values& z) {
        return Values{z[1], -z[0] - z[1]};
      },
      constant({0, 0, 0.8}));
  EXPECT_EQ(edges.added_diffusion, 0);
  const EdgeRates rates = rates_of(grid, edges, FluxKind::chang_cooper, {});
  const auto along_0 =
      std::find_if(rates.directions.begin(), rates.directions.end(), [](const auto& k) { return k.offset == 12; });
  ASSERT_NE(along_0, rates.directions.end());
  for (long to = 12; to < 120; ++to) {
    const double velocity = centre(grid, to)[1] / grid.spacing(0);
    EXPECT_NEAR(along_0->forward[to], std::max(velocity, 0.0), 1e-12 * std::abs(velocity));
    EXPECT_NEAR(along_0->backward[to], std::max(-velocity, 0.0), 1e-12 * std::abs(velocity));
  }
}

TEST(EdgeRates, StayFiniteWhereAFastDriftMeetsNoDiffusion) {
  const Grid grid{{8, 8}, 1.0};
  const EdgeRates rates =
      rates_of(grid, edges_of(grid, constant({1e9, 0}), constant({0, 0, 100})), FluxKind::chang_cooper, {});
  for (const EdgeRates::Direction& direction : rates.directions) {
    if (direction.offset != 8) continue;
    for (long to = 8; to < 64; ++to) {
      EXPECT_NEAR(direction.forward[to], 4e9, 1);
      EXPECT_NEAR(direction.backward[to], 0, 1);
    }
  }
}

TEST(EdgeRates, OfNoDiffusionAtAllAreUpwind) {
  const Grid grid{{20}, 1.0};
  const EdgeRates rates = rates_of(grid, edges_of(grid, constant({-2}), constant({0})), FluxKind::chang_cooper, {});
  for (int to = 1; to < 20; ++to) {
    EXPECT_NEAR(rates.directions[0].backward[to], 20, 1e-12);
    EXPECT_NEAR(rates.directions[0].forward[to], 0, 1e-12);
  }
}

TEST(SumOf, ScalesTheRatesByTheirSourceCells) {
  const EdgeRates first{{0, 3}, {{{1, 0, 0, 0}, 1, {0, 1, 2}, {0, 3, 4}}}};
  const EdgeRates second{{0, 3}, {{{2, 0, 0, 0}, 2, {0, 0, 10}, {0, 0, 20}}, {{1, 0, 0, 0}, 1, {0, 5, 6}, {0, 7, 8}}}};
  const Values factors{2, 3, 5};
  const std::vector<ScaledRates> parts{{&first, 10, factors, {0, 3}}, {&second, 1, {}, {}}};
  const EdgeRates sum = sum_of(parts);
  ASSERT_EQ(sum.directions.size(), 2u);
  EXPECT_EQ(sum.owned.count, 3);
  EXPECT_EQ(sum.directions[0].forward, (Values{0, 10 * 2 * 1 + 5, 10 * 3 * 2 + 6}));
  EXPECT_EQ(sum.directions[0].backward, (Values{0, 10 * 3 * 3 + 7, 10 * 5 * 4 + 8}));
  EXPECT_EQ(sum.directions[1].forward, (Values{0, 0, 10}));
  EXPECT_EQ(sum.directions[1].backward, (Values{0, 0, 20}));
}

}  // namespace
}  // namespace driftwood::fp
