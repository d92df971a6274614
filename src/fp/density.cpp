#include "driftwood/fp/density.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cell_walk.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/fp/remap.hpp"
#include "driftwood/fp/sums.hpp"

namespace driftwood::fp {

namespace {

/// The cells' widths in z along every axis.
std::vector<std::vector<double>> widths(const Grid& grid) {
  return at_layers(grid, [&](int axis, int i) { return grid.width(axis, i); });
}

/// The middles of the cells in z along every axis: the mean of a uniform density within.
std::vector<std::vector<double>> middles(const Grid& grid) {
  return at_layers(grid, [&](int axis, int i) { return (grid.z_edge(axis, i) + grid.z_edge(axis, i + 1)) / 2; });
}

}  // namespace

long Grid::n_cells() const {
  return std::accumulate(cells.begin(), cells.end(), 1L, std::multiplies<>());
}

double Grid::z_of(double xi) const {
  return is_uniform() ? xi : z_max * std::sinh(stretching * xi / z_max) / std::sinh(stretching);
}

double Grid::xi_of(double z) const {
  return is_uniform() ? z : z_max / stretching * std::asinh(std::sinh(stretching) * z / z_max);
}

double Grid::slope_at(double xi) const {
  return is_uniform() ? 1 : stretching * std::cosh(stretching * xi / z_max) / std::sinh(stretching);
}

double Grid::bend_at(double xi) const {
  return is_uniform() ? 0
                      : stretching * stretching / z_max * std::sinh(stretching * xi / z_max) / std::sinh(stretching);
}

double Density::cell_volume() const {
  if (!grid.is_uniform()) throw InternalError("the cells of a stretched grid have no common volume");
  double volume = std::abs(frame.scale.diagonal().prod());
  for (int k = 0; k < dimension(); ++k) volume *= grid.spacing(k);
  return volume;
}

double Density::cell_volume(long cell) const {
  double volume = std::abs(frame.scale.diagonal().prod());
  for (int k = dimension() - 1; k >= 0; --k) {
    volume *= grid.width(k, static_cast<int>(cell % grid.cells[k]));
    cell /= grid.cells[k];
  }
  return volume;
}

std::vector<double> Density::cell_volumes() const {
  if (grid.is_uniform()) return std::vector<double>(grid.n_cells(), cell_volume());
  std::vector<double> volumes(grid.n_cells(), std::abs(frame.scale.diagonal().prod()));
  const auto width = widths(grid);
  for_dimension(dimension(), [&](auto d) {
    for_each_cell<d>(grid, {0, grid.n_cells()}, [&](std::size_t cell, const auto& index) {
      for (int k = 0; k < d; ++k) volumes[cell] *= width[k][index[k]];
    });
  });
  return volumes;
}

std::vector<double> Density::masses() const {
  std::vector<double> mass = cell_volumes();
  for (std::size_t cell = 0; cell < mass.size(); ++cell) mass[cell] *= p[cell];
  if (value == CellValue::centre) averages_from_values(grid, mass);
  return mass;
}

std::vector<double> Density::averages() const {
  return value == CellValue::average ? p : density_from_masses(time, grid, frame, masses()).p;
}

double Density::mass() const {
  return pairwise_sum(masses());
}

Eigen::VectorXd Density::mean() const {
  const std::vector<double> mass = masses();
  const auto z = middles(grid);
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(dimension());
  for_dimension(dimension(), [&](auto d) {
    for_each_cell<d>(grid, {0, grid.n_cells()}, [&](std::size_t cell, const auto& index) {
      for (int k = 0; k < d; ++k) sum[k] += mass[cell] * z[k][index[k]];
    });
  });
  return frame.centre + frame.scale * sum;
}

Eigen::MatrixXd Density::covariance() const {
  const std::vector<double> mass = masses();
  const auto width = widths(grid);
  auto z = middles(grid);
  const Eigen::VectorXd middle = frame.scale.triangularView<Eigen::Lower>().solve(mean() - frame.centre);
  for (int k = 0; k < dimension(); ++k)
    for (double& at : z[k]) at -= middle[k];
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(dimension(), dimension());
  for_dimension(dimension(), [&](auto d) {
    for_each_cell<d>(grid, {0, grid.n_cells()}, [&](std::size_t cell, const auto& index) {
      for (int k = 0; k < d; ++k) {
        const double z_k = z[k][index[k]];
        const double width_k = width[k][index[k]];
        sum(k, k) += mass[cell] * (z_k * z_k + width_k * width_k / 12);
        for (int l = 0; l < k; ++l) sum(k, l) += mass[cell] * z_k * z[l][index[l]];
      }
    });
  });
  sum = sum.selfadjointView<Eigen::Lower>();
  return frame.scale * sum * frame.scale.transpose();
}

Density density_from_masses(double time, const Grid& grid, const Frame& frame, std::vector<double> mass) {
  Density density{time, grid, frame, std::move(mass), CellValue::average};
  if (grid.is_uniform()) {
    const double volume = density.cell_volume();
    for (double& cell : density.p) cell /= volume;
    return density;
  }
  const std::vector<double> volume = density.cell_volumes();
  for (std::size_t cell = 0; cell < volume.size(); ++cell) density.p[cell] /= volume[cell];
  return density;
}

namespace {

/// How the density of cell `cell` changes along an axis from one end of the cell to the other, relative to its value:
/// the central difference, as far as the density stays positive in the cell; 0 at the ends of the box.
double relative_slope(const Density& density, long cell, int index, int n_cells, long stride) {
  if (index == 0 || index == n_cells - 1) return 0;
  const double difference = density.p[cell + stride] - density.p[cell - stride];
  return std::clamp(difference / (2 * density.p[cell]), -2.0, 2.0);
}

/// The quantile of the density 1 + slope (x - 1/2) on [0, 1], |slope| <= 2.
double sloped_quantile(double slope, double level) {
  return 2 * level / (1 - slope / 2 + std::sqrt(std::max(0.0, (1 - slope / 2) * (1 - slope / 2) + 2 * slope * level)));
}

}  // namespace

std::vector<double> draw(const Density& density, long n, const CounterRandom& random, std::uint32_t step) {
  return draw_some(density, 0, 1, n, random, step);
}

std::vector<double> draw_some(const Density& density, long first, long stride, long n, const CounterRandom& random,
                              std::uint32_t step) {
  const Grid& grid = density.grid;
  const int d = grid.dimension();
  std::vector<double> cumulative = density.masses();
  std::partial_sum(cumulative.begin(), cumulative.end(), cumulative.begin());
  std::vector<double> w;
  const auto uniform = [&](int number, long r) {
    return random.uniform(RandomPurpose::theory_draw, static_cast<std::uint32_t>(number), step,
                          static_cast<std::uint64_t>(r));
  };
  for (long r = first; r < n; r += stride) {
    const double level = uniform(0, r) * cumulative.back();
    // The first cell whose cumulative mass reaches the level: never an empty one.
    const long cell = std::lower_bound(cumulative.begin(), cumulative.end(), level) - cumulative.begin();
    Eigen::VectorXd z(d);
    long next_cell = 1;
    for (int k = d - 1; k >= 0; --k) {
      const int index = static_cast<int>(cell / next_cell % grid.cells[k]);
      const double slope = relative_slope(density, cell, index, grid.cells[k], next_cell);
      z[k] = grid.z_edge(k, index) + sloped_quantile(slope, uniform(k + 1, r)) * grid.width(k, index);
      next_cell *= grid.cells[k];
    }
    const Eigen::VectorXd drawn = density.frame.centre + density.frame.scale * z;
    w.insert(w.end(), drawn.begin(), drawn.end());
  }
  return w;
}

}  // namespace driftwood::fp
