#include "driftwood/fp/remap.hpp"

#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <cmath>
#include <numeric>
#include <vector>

#include "driftwood/fp/initial_density.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;

double sum(const Values& x) {
  return std::accumulate(x.begin(), x.end(), 0.0);
}

/// Masses of the standard normal density.
Values normal_masses(const AxisCells& cells) {
  Values mass;
  for (int i = 0; i < cells.n; ++i) {
    const double a = cells.low + i * cells.width;
    mass.push_back((std::erf((a + cells.width) / std::sqrt(2)) - std::erf(a / std::sqrt(2))) / 2);
  }
  return mass;
}

Values rough_masses(int n, std::uint64_t number) {
  Values mass;
  for (int i = 0; i < n; ++i) {
    const double u = test::uniform(i, number);
    mass.push_back(u < 0.3 ? 0 : std::pow(10, -10 * u));
  }
  return mass;
}

Frame diagonal_frame(const Values& centre, const Values& scale) {
  return {
      Eigen::Map<const Eigen::VectorXd>(centre.data(), static_cast<long>(centre.size())),
      Eigen::Map<const Eigen::VectorXd>(scale.data(), static_cast<long>(scale.size())).asDiagonal().toDenseMatrix()};
}

TEST(RemapLine, ToTheSameCellsChangesNothing) {
  const AxisCells cells{-3.7, 0.31, 40};
  const Values mass = rough_masses(40, 0);
  const Values same = remap_line(mass, cells, cells);
  for (int i = 0; i < 40; ++i) EXPECT_NEAR(same[i], mass[i], 1e-14);
}

TEST(RemapLine, ByAWholeCellShiftsTheMasses) {
  const Values shifted = remap_line(Values{1, 5, 2, 7, 3}, {0, 1, 5}, {-2, 1, 7});
  const Values wanted{0, 0, 1, 5, 2, 7, 3};
  for (int i = 0; i < 7; ++i) EXPECT_NEAR(shifted[i], wanted[i], 1e-14);
}

TEST(RemapLine, AddsUpTheCellsThatMerge) {
  const Values merged = remap_line(Values{1, 5, 2, 7, 3, 4}, {0, 1, 6}, {0, 3, 2});
  EXPECT_NEAR(merged[0], 8, 1e-14);
  EXPECT_NEAR(merged[1], 14, 1e-14);
}

TEST(RemapLine, KeepsTheMassAndTheSignOfRoughDensities) {
  for (std::uint32_t number = 0; number < 300; ++number) {
    const Values mass = rough_masses(50, number);
    const AxisCells to{-6 * test::uniform(100, number), std::pow(10, 2 * test::uniform(101, number) - 1), 37};
    const Values moved = remap_line(mass, {-2.5, 0.1, 50}, to);
    EXPECT_NEAR(sum(moved) / sum(mass), 1, 2e-15);
    for (const double m : moved) EXPECT_GE(m, 0);
  }
}

TEST(RemapLine, IsExactForAConstantDensity) {
  const Values moved = remap_line(Values(20, 0.05), {-1, 0.1, 20}, {-0.93, 0.0317, 50});
  for (int j = 1; j + 1 < 50; ++j) EXPECT_NEAR(moved[j], 0.05 * 0.317, 1e-15) << j;
  EXPECT_NEAR(sum(moved), 1, 1e-14);
}

TEST(RemapLine, IsExactForALinearDensityInside) {
  Values mass;
  for (int i = 0; i < 20; ++i) mass.push_back(3 + i);  // 3 + (x - 1/2) per unit
  const AxisCells to{3.3, 0.7, 15};
  const Values moved = remap_line(mass, {0, 1, 20}, to);
  for (int j = 1; j + 1 < 15; ++j) {
    const double middle = to.low + (j + 0.5) * to.width;
    EXPECT_NEAR(moved[j], (2.5 + middle) * to.width, 1e-13) << j;
  }
}

TEST(RemapLine, IsOfThirdOrderForASmoothDensity) {
  for (const double scale : {0.83, 1.21}) {
    Values errors;
    for (const int n : {40, 80, 160, 320}) {
      const AxisCells from{-8, 16.0 / n, n};
      double error = 0;
      // Over all ways in which the new cells may cut the old one at the density's maximum.
      for (int shift = 0; shift < 16; ++shift) {
        const AxisCells to{-8 * scale + (shift / 16.0) * from.width, scale * from.width, n};
        const Values moved = remap_line(normal_masses(from), from, to);
        const Values exact = normal_masses(to);
        for (int j = 0; j < n; ++j) error += std::abs(moved[j] - exact[j]) / 16;
      }
      errors.push_back(error);
    }
    test::expect_order(errors, 2.5, 4.2);
  }
}

TEST(RemapLine, KeepsThePeakOnCellsOfThreeQuartersOfAWidth) {
  const AxisCells from{-6, 0.75, 16};
  const AxisCells to{-5.7, 0.73, 16};
  const Values moved = remap_line(normal_masses(from), from, to);
  const Values exact = normal_masses(to);
  double distance = 0;
  for (std::size_t i = 0; i < moved.size(); ++i) distance += std::abs(moved[i] - exact[i]);
  EXPECT_LT(distance, 8e-3);  // with a peak that is cut off: 2.5e-2
}

TEST(RemapLine, PutsMassFromOutsideIntoTheOutermostCell) {
  const Values mass{1, 2, 4, 8, 16, 32};
  const Values inner = remap_line(mass, {0, 1, 6}, {2, 1, 2});
  EXPECT_NEAR(inner[0], 1 + 2 + 4, 1e-14);
  EXPECT_NEAR(inner[1], 8 + 16 + 32, 1e-13);
  EXPECT_EQ(remap_line(mass, {0, 1, 6}, {100, 1, 3}), (Values{63, 0, 0}));
  EXPECT_EQ(remap_line(mass, {0, 1, 6}, {-100, 1, 3}), (Values{0, 0, 63}));
}

TEST(RemapLine, KeepsMonotoneDataMonotone) {
  for (std::uint32_t number = 0; number < 300; ++number) {
    Values mass{0};
    for (int i = 1; i < 40; ++i) {
      const double u = test::uniform(i, number);
      mass.push_back(mass.back() + (u < 0.5 ? 0 : std::pow(10, -6 * u)));
    }
    const double width = 1.5 * test::uniform(101, number) + 0.05;
    const AxisCells to{10 * test::uniform(100, number), width, static_cast<int>(25 / width)};
    const Values moved = remap_line(mass, {0, 1, 40}, to);
    const double largest = moved.back();
    for (std::size_t j = 2; j + 1 < moved.size(); ++j) EXPECT_GE(moved[j], moved[j - 1] - 1e-13 * largest) << number;
    // And no cell leaves the range of the old densities.
    for (std::size_t j = 1; j + 1 < moved.size(); ++j) EXPECT_LE(moved[j] / width, mass.back() * (1 + 1e-14));
  }
}

TEST(Remap, OfAProductIsTheProductOfTheRemappedLines) {
  const Grid grid{{8, 5, 6}, 2.0};
  const Frame from = diagonal_frame({1, -2, 0.3}, {1, 3, 0.5});
  const Frame to = diagonal_frame({1.2, -3, 0.2}, {0.8, 3.5, 0.6});
  std::vector<Values> lines;
  std::vector<Values> moved_lines;
  for (int k = 0; k < 3; ++k) {
    lines.push_back(rough_masses(grid.cells[k], k));
    const auto cells = [&](const Frame& frame) {
      return AxisCells{frame.centre[k] - 2 * frame.scale(k, k), frame.scale(k, k) * grid.spacing(k), grid.cells[k]};
    };
    moved_lines.push_back(remap_line(lines[k], cells(from), cells(to)));
  }
  Values mass;
  Values wanted;
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 5; ++j)
      for (int k = 0; k < 6; ++k) {
        mass.push_back(lines[0][i] * lines[1][j] * lines[2][k]);
        wanted.push_back(moved_lines[0][i] * moved_lines[1][j] * moved_lines[2][k]);
      }
  const Values moved = remap(grid, mass, from, to);
  for (std::size_t i = 0; i < mass.size(); ++i) EXPECT_NEAR(moved[i], wanted[i], 1e-15);
  EXPECT_NEAR(sum(moved) / sum(mass), 1, 2e-15);
}

TEST(Remap, ToTheSameFrameChangesNothing) {
  const Grid grid{{7, 9}, 3.0};
  const Frame frame = diagonal_frame({1, -2}, {0.1, 3});
  const Values mass = rough_masses(63, 5);
  const Values same = remap(grid, mass, frame, frame);
  for (std::size_t i = 0; i < mass.size(); ++i) EXPECT_NEAR(same[i], mass[i], 1e-14);
}

/// A Gaussian with a correlation of 0.8 between the first two coordinates and weaker ones with the others, the diagonal
/// frame that fits it and the full one.
struct Correlated {
  Gaussian gaussian;
  Frame diagonal;
  Frame full;

  explicit Correlated(int d) {
    gaussian.mean = Eigen::VectorXd::LinSpaced(d, 1, 2);
    gaussian.covariance = Eigen::MatrixXd::Identity(d, d);
    for (int i = 0; i < d; ++i)
      for (int j = 0; j < i; ++j) gaussian.covariance(i, j) = gaussian.covariance(j, i) = i == 1 ? 0.8 : 0.3 - 0.1 * j;
    diagonal = {gaussian.mean, Eigen::MatrixXd::Identity(d, d)};
    full = {gaussian.mean, gaussian.covariance.llt().matrixL().toDenseMatrix()};
    full.centre[0] += 0.1;
  }
};

double l1_distance(const Values& a, const Values& b) {
  double distance = 0;
  for (std::size_t i = 0; i < a.size(); ++i) distance += std::abs(a[i] - b[i]);
  return distance;
}

TEST(Remap, ToTheSameShearedFrameChangesNothing) {
  const Grid grid{{5, 4, 6}, 3.0};
  const Correlated c(3);
  const Values mass = rough_masses(120, 6);
  EXPECT_EQ(remap(grid, mass, c.full, c.full), mass);
}

TEST(Remap, KeepsTheMassAndTheSignOfRoughDensitiesBetweenShearedFrames) {
  for (int d = 2; d <= 4; ++d) {
    for (const double stretching : {0.0, 2.0}) {
      const Grid grid{std::vector<int>(d, 7), 3.0, stretching};
      const Correlated c(d);
      const Values mass = rough_masses(static_cast<int>(grid.n_cells()), d);
      const Values there = remap(grid, mass, c.diagonal, c.full);
      const Values back = remap(grid, there, c.full, c.diagonal);
      EXPECT_NEAR(sum(there) / sum(mass), 1, 1e-14);
      EXPECT_NEAR(sum(back) / sum(mass), 1, 1e-14);
      for (const Values& values : {there, back})
        for (const double m : values) EXPECT_GE(m, 0);
    }
  }
}

TEST(Remap, IsOfThirdOrderBetweenShearedFrames) {
  for (const double stretching : {0.0, 1.5}) {
    const Correlated c(2);
    Values there;
    Values back;
    for (const int n : {32, 64, 128}) {
      const Grid grid{{n, n}, 8.0, stretching};
      const Values in_diagonal = discretise(c.gaussian, grid, c.diagonal, 0).masses();
      const Values in_full = discretise(c.gaussian, grid, c.full, 0).masses();
      there.push_back(l1_distance(remap(grid, in_diagonal, c.diagonal, c.full), in_full));
      back.push_back(l1_distance(remap(grid, in_full, c.full, c.diagonal), in_diagonal));
    }
    test::expect_order(there, 2.3, 4.8);
    test::expect_order(back, 2.3, 4.8);
    EXPECT_LT(there.back(), 2e-3);
  }
}

TEST(Remap, OfACorrelatedGaussianToItsFullFrameAndBackKeepsMassAndMoments) {
  for (int d = 2; d <= 3; ++d) {
    const Correlated c(d);
    Values mean_errors;
    Values covariance_errors;
    for (const int n : {16, 32, 64}) {
      const Grid grid{std::vector<int>(d, n), 8.0};
      const Density before = discretise(c.gaussian, grid, c.diagonal, 0);
      const Values there = remap(grid, before.masses(), c.diagonal, c.full);
      const Density after = density_from_masses(0, grid, c.diagonal, remap(grid, there, c.full, c.diagonal));
      EXPECT_NEAR(after.mass(), 1, 1e-13);
      mean_errors.push_back((after.mean() - before.mean()).norm());
      covariance_errors.push_back((after.covariance() - before.covariance()).norm());
    }
    EXPECT_LT(mean_errors.back(), 1e-3);
    EXPECT_LT(covariance_errors.back(), 2e-2);
    test::expect_order(covariance_errors, 1.8, 4.5);
  }
}

TEST(Remap, OfAStretchedGridIsOfThirdOrder) {
  Values errors;
  const Gaussian gaussian{Eigen::VectorXd::Constant(1, 0.3), Eigen::MatrixXd::Constant(1, 1, 1)};
  for (const int n : {40, 80, 160, 320}) {
    const Grid grid{{n}, 9.0, 2.0};
    double error = 0;
    // Over many places of the density's maximum within the old and the new cells.
    for (int shift = 0; shift < 16; ++shift) {
      const Frame from = diagonal_frame({shift / 16.0 * grid.width(0, n / 2)}, {1});
      const Frame to = diagonal_frame({0.2 + 5 * shift % 16 / 16.0 * grid.width(0, n / 2)}, {1.3});
      const Values moved = remap(grid, discretise(gaussian, grid, from, 0).masses(), from, to);
      error += l1_distance(moved, discretise(gaussian, grid, to, 0).masses()) / 16;
    }
    errors.push_back(error);
  }
  test::expect_order(errors, 2.3, 4.2);
}

}  // namespace
}  // namespace driftwood::fp
