#include "driftwood/fp/direction_fields.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/line_sweep.hpp"
#include "unit/fp/edges.hpp"

namespace driftwood::fp {
namespace {

using namespace test;  // the fixtures of this folder

const Grid grid{{9, 11, 10}, 2.0};

/// A tensor and a drift that change from cell to cell.
Values rough_drift(const Values& z) {
  return {z[0] - z[1], 0.5 * z[1] + z[2], -z[2]};
}
Values rough_tensor(const Values& z) {
  return {1.0 + 0.2 * z[0], 0.3, -0.1 * z[1], 0.8, 0.2 * z[2], 0.9 + 0.1 * z[1]};
}

/// In pieces of some layers.
DirectionFields fields_of(CellRange owned, const Field& u, const Field& E, long layers,
                          std::span<const Wall> walls = {}) {
  DirectionFieldsBuilder builder(grid, owned, walls);
  const long layer = strides(grid)[0];
  for (long first = owned.first; first < owned.last(); first += layers * layer) {
    const CellRange range{first, std::min(layers * layer, owned.last() - first)};
    const long before = std::max(0L, range.first - layer);
    const long after = std::min(grid.n_cells(), range.last() + layer);
    builder.add(range, on(grid, {before, after - before}, u, E));
  }
  return builder.finish();
}

TEST(DirectionFields, GiveTheRatesThatEdgesGive) {
  for (const Field& E : {Field(rough_tensor), constant({1.0, 0.4, 0.1, 0.8, -0.2, 0.9})}) {
    const EdgeRates rates = rates_of(grid, edges_of(grid, rough_drift, E), FluxKind::chang_cooper, {});
    const DirectionFields fields = fields_of(all_of(grid), rough_drift, E, 2);
    ASSERT_EQ(fields.directions.size(), rates.directions.size());
    for (std::size_t at = 0; at < fields.directions.size(); ++at) {
      const DirectionFields::Direction& direction = fields.directions[at];
      const long s = direction.offset;
      ASSERT_EQ(s, rates.directions[at].offset);
      Values forward = direction.weight;
      Values backward = fields.slopes(direction);
      rates_from_fields(grid, direction.step, all_of(grid), s, forward.data(), backward.data(), forward.data(),
                        backward.data());
      for (long i = 0; i < grid.n_cells(); ++i) {
        EXPECT_NEAR(forward[i], rates.directions[at].forward[i + s], 1e-13 * (1 + forward[i]));
        EXPECT_NEAR(backward[i], rates.directions[at].backward[i + s], 1e-13 * (1 + backward[i]));
      }
    }
  }
}

/// What a short step along every direction changes, with the fourth-order flux.
Values fourth_order_change(const Grid& plane, const Field& u, const Field& E, const Values& density) {
  DirectionFieldsBuilder builder(plane, all_of(plane), {}, true);
  builder.add(all_of(plane), on(plane, all_of(plane), u, E));
  DirectionFields fields = builder.finish();
  EXPECT_TRUE(std::any_of(fields.directions.begin(), fields.directions.end(),
                          [](const auto& direction) { return !direction.excess.empty(); }));
  constexpr double step = 1e-8;
  Values change(density.size(), 0.0);
  for (DirectionFields::Direction& direction : fields.directions) {
    LineProblem line;
    line.offset = direction.offset;
    line.block = direction.step[0] == 0 ? strides(plane)[0] : 0;
    line.flux = FluxKind::fourth_order;
    line.cell_weight = direction.weight;
    line.cell_drift = fields.drifts(direction);
    line.cell_excess = direction.excess;
    line.forward = direction.weight;
    line.backward = fields.slopes(direction);
    rates_from_fields(plane, direction.step, all_of(plane), line.offset, line.forward.data(), line.backward.data(),
                      line.forward.data(), line.backward.data());
    Values mass = density;
    euler_sweep(line, step, mass);
    for (std::size_t i = 0; i < mass.size(); ++i) change[i] += (mass[i] - density[i]) / step;
  }
  return change;
}

TEST(DirectionFields, GiveTheFourthOrderRatesThatEdgesGiveExcessIncluded) {
  const Grid plane{{20, 22}, 5.0};
  const Values smooth =
      at_centres(plane, [](const Values& z) { return std::exp(-z[0] * z[0] / 2 - z[1] * z[1] / 3 + 0.1 * z[0]); });
  const Field drift = [](const Values& z) { return Values{0.2 - z[0] + 0.3 * z[1], -0.7 * z[1]}; };
  const Field narrow = [](const Values& z) {
    const double size = 0.05 * (1 + 0.1 * z[0]);
    return Values{size, 0.3 * size, 0.0901 * size};
  };
  const Values change = fourth_order_change(plane, drift, narrow, smooth);
  const Values rate = test::apply(fourth_order_rates(plane, drift, narrow, smooth), smooth);
  for (std::size_t i = 0; i < rate.size(); ++i) EXPECT_NEAR(change[i], rate[i], 1e-6) << i;
}

TEST(DirectionFields, HaveTheSameBitsHoweverCellsAreSharedAndAdded) {
  const DirectionFields whole = fields_of(all_of(grid), rough_drift, rough_tensor, 9);
  const long layer = strides(grid)[0];
  const CellRange part{3 * layer, 4 * layer};
  for (const long layers : {1, 3}) {
    const DirectionFields some = fields_of(part, rough_drift, rough_tensor, layers);
    for (const DirectionFields::Direction& direction : some.directions) {
      const auto same = std::find_if(whole.directions.begin(), whole.directions.end(),
                                     [&](const auto& other) { return other.offset == direction.offset; });
      ASSERT_NE(same, whole.directions.end());
      const Values slopes = some.slopes(direction);
      const Values drifts = some.drifts(direction);
      const Values all_slopes = whole.slopes(*same);
      const Values all_drifts = whole.drifts(*same);
      for (long i = 0; i < part.count; ++i) {
        EXPECT_EQ(direction.weight[i], same->weight[part.first + i]);
        EXPECT_EQ(slopes[i], all_slopes[part.first + i]);
        EXPECT_EQ(drifts[i], all_drifts[part.first + i]);
      }
    }
  }
}

TEST(DirectionFields, LeaveThroughAbsorbingFacesAsEdgesDo) {
  std::vector<Wall> walls(6, Wall::no_flux);
  walls[3] = Wall::absorbing;
  const DirectionFields fields = fields_of(all_of(grid), rough_drift, rough_tensor, 4, walls);
  const EdgeCoefficients edges =
      edge_coefficients(grid, all_of(grid), on(grid, all_of(grid), rough_drift, rough_tensor), {walls});
  for (std::size_t at = 0; at < fields.directions.size(); ++at) {
    ASSERT_EQ(fields.directions[at].exits.size(), edges.exits[at].size());
    for (std::size_t i = 0; i < edges.exits[at].size(); ++i) {
      EXPECT_EQ(fields.directions[at].exits[i].cell, edges.exits[at][i].cell);
      EXPECT_EQ(fields.directions[at].exits[i].face, edges.exits[at][i].face);
      EXPECT_NEAR(fields.directions[at].exits[i].peclet, edges.exits[at][i].peclet, 1e-13);
    }
  }
}

TEST(DirectionFields, RefuseLayersWithoutTheirNeighbours) {
  DirectionFieldsBuilder builder(grid, all_of(grid), {});
  const CellRange first{0, strides(grid)[0]};
  EXPECT_THROW(builder.add(first, on(grid, first, rough_drift, rough_tensor)), InternalError);
}

}  // namespace
}  // namespace driftwood::fp
