#include "driftwood/fp/support.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

#include "driftwood/fp/initial_density.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;

TEST(LayerMasses, OfRangesAddUpToTheLayersByHand) {
  const Grid grid{{2, 3}, 1.0};
  const Values mass{1, 2, 4, 8, 16, 32};
  EXPECT_EQ(joined(layer_masses(grid, {0, 6}, mass)), (Values{7, 56, 9, 18, 36}));
  Values sum(10, 0.0);
  for (const CellRange range : {CellRange{0, 1}, CellRange{1, 3}, CellRange{4, 2}}) {
    const Values part = layer_masses(grid, range, std::span(mass).subspan(range.first, range.count));
    for (int i = 0; i < 10; ++i) sum[i] += part[i];
  }
  EXPECT_EQ(joined(sum), (Values{7, 56, 9, 18, 36}));
}

TEST(LayerMasses, OfThreeAxesAreTheMarginals) {
  const Grid grid{{2, 3, 4}, 1.0};
  Values mass;
  for (int i = 0; i < 24; ++i) mass.push_back(i);
  const Values layers = joined(layer_masses(grid, {0, 24}, mass));
  EXPECT_EQ(layers, (Values{66, 210, 60, 92, 124, 60, 66, 72, 78}));
  const auto middle = layers_of(grid, layers, 1);
  EXPECT_EQ(Values(middle.begin(), middle.end()), (Values{60, 92, 124}));
  const auto last = layers_of(grid, layers, 2);
  EXPECT_EQ(Values(last.begin(), last.end()), (Values{60, 66, 72, 78}));
}

TEST(AxisSupport, CutsTheTailsWithinALayer) {
  const Grid grid{{4}, 2.0};  // layers of width 1 from -2
  const Values layers{0.1, 0.5, 0.2, 0.2};
  const AxisSupport none = axis_support(grid, 0, layers, 0);
  EXPECT_DOUBLE_EQ(none.low, -2);
  EXPECT_DOUBLE_EQ(none.high, 2);
  const AxisSupport some = axis_support(grid, 0, layers, 0.05);
  EXPECT_NEAR(some.low, -1.5, 1e-14);
  EXPECT_NEAR(some.high, 1.75, 1e-14);
  const AxisSupport more = axis_support(grid, 0, layers, 0.35);
  EXPECT_NEAR(more.low, -0.5, 1e-14);
  EXPECT_NEAR(more.high, 0.25, 1e-14);
}

TEST(AxisSupport, SkipsEmptyLayersAndCountsTheTailOfTheTotal) {
  const Grid grid{{6}, 3.0};
  const AxisSupport support = axis_support(grid, 0, Values{0, 0, 20, 60, 0, 0}, 0.05);
  EXPECT_NEAR(support.low, -1 + 0.2, 1e-14);
  EXPECT_NEAR(support.high, 1 - 4.0 / 60, 1e-14);
  EXPECT_EQ(support.wall_mass, 0);
}

TEST(AxisSupport, OfAStretchedGridIsInZ) {
  const Grid grid{{4}, 2.0, 1.5};
  const AxisSupport support = axis_support(grid, 0, Values{0, 0.5, 0.5, 0}, 0.25);
  EXPECT_NEAR(support.low, grid.z_edge(0, 1) / 2, 1e-14);
  EXPECT_NEAR(support.high, grid.z_edge(0, 3) / 2, 1e-14);
}

TEST(AxisSupport, ReportsTheLargerWallAndTheOccupiedCells) {
  const Grid grid{{4}, 2.0};
  EXPECT_EQ(axis_support(grid, 0, Values{0.1, 0.5, 0.1, 0.3}, 0).wall_mass, 0.3);
  EXPECT_EQ(axis_support(grid, 0, Values{0.3, 0.5, 0.1, 0.1}, 0).wall_mass, 0.3);
  EXPECT_DOUBLE_EQ(axis_support(grid, 0, Values{2, 2, 2, 2}, 0).occupied_cells, 4);
  EXPECT_DOUBLE_EQ(axis_support(grid, 0, Values{0, 5, 0, 0}, 0).occupied_cells, 1);
  EXPECT_DOUBLE_EQ(axis_support(grid, 0, Values{1, 3, 0, 0}, 0).occupied_cells, 1.6);
}

TEST(AxisSupport, OfANormalDensityOccupiesThreeAndAHalfStandardDeviations) {
  const Grid grid{{200}, 8.0};
  const Density normal =
      discretise(NormalDensity{{0}, {1}}, grid, Frame{Eigen::VectorXd::Zero(1), Eigen::MatrixXd::Identity(1, 1)}, 0);
  Values layers;
  for (const double p : normal.p) layers.push_back(p * normal.cell_volume());
  const AxisSupport support = axis_support(grid, 0, layers, 0.0227501319481792);  // P(z < -2)
  EXPECT_NEAR(support.occupied_cells * grid.spacing(0), 2 * std::sqrt(3.14159265358979), 0.01);
  EXPECT_NEAR(support.low, -2, 1e-3);
  EXPECT_NEAR(support.high, 2, 1e-3);
}

}  // namespace
}  // namespace driftwood::fp
