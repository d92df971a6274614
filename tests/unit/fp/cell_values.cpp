#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "driftwood/fp/initial_density.hpp"
#include "driftwood/fp/remap.hpp"
#include "unit/fp/edges.hpp"

namespace driftwood::fp {
namespace {

using namespace test;  // the fixtures of this folder

const NormalDensity plane_normal{{0.2, -0.1}, {1.0, 0.8}};
const Frame unit_frame{Eigen::VectorXd::Zero(2), Eigen::MatrixXd::Identity(2, 2)};

double largest_difference(const Values& a, const Values& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

TEST(CellValues, BecomeAveragesAndAveragesValuesAtFourthOrder) {
  for (const double stretching : {0.0, 1.5}) {
    Values to_averages, to_values;
    for (const int n : {24, 48, 96}) {
      const Grid grid{{n, n}, 6.0, stretching};
      const double per_cell = static_cast<double>(grid.n_cells());  // masses are of the size of a cell
      const Values averages = discretised_masses(plane_normal, grid, unit_frame, CellValue::average);
      const Values values = discretised_masses(plane_normal, grid, unit_frame, CellValue::centre);
      Values changed = values;
      averages_from_values(grid, changed);
      to_averages.push_back(largest_difference(changed, averages) * per_cell);
      changed = averages;
      values_from_averages(grid, changed);
      to_values.push_back(largest_difference(changed, values) * per_cell);
    }
    test::expect_order(to_averages, 3.6, 4.4);
    test::expect_order(to_values, 3.6, 4.4);
  }
}

TEST(CellValues, KeepTheMassAndNeverBecomeNegative) {
  for (const Grid& grid : small_grids()) {
    const Values rough = rough_density(grid);
    for (const auto& change : {averages_from_values, values_from_averages}) {
      Values mass = rough;
      change(grid, mass);
      EXPECT_NEAR(total(mass), total(rough), 1e-13 * total(rough));
      EXPECT_GE(*std::min_element(mass.begin(), mass.end()), 0);
    }
  }
}

TEST(CellValues, OfADensityGiveItsVarianceOnCellsOfThreeQuartersOfItsWidth) {
  const Density density = discretise(plane_normal, {{16, 16}, 6.0}, unit_frame, 0, CellValue::centre);
  EXPECT_NEAR(density.mass(), 1, 1e-13);
  EXPECT_NEAR(smoothed(marginal(density, 0), 1024).variance(), 1, 1e-3);
  Density misread = density;
  misread.value = CellValue::average;
  EXPECT_GT(std::abs(smoothed(marginal(misread, 0), 1024).variance() - 1), 0.03);
}

}  // namespace
}  // namespace driftwood::fp
