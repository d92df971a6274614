#include "driftwood/fp/mixture.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/support.hpp"

namespace driftwood::fp {

SupportBox support_box(const Density& density, double tail) {
  if (!density.frame.is_diagonal()) throw InternalError("support_box: a frame that shears the box");
  const Grid& grid = density.grid;
  const int d = grid.dimension();
  const std::vector<double> layers = joined(layer_masses(grid, {0, grid.n_cells()}, density.masses()));
  SupportBox box{Eigen::VectorXd(d), Eigen::VectorXd(d)};
  for (int k = 0; k < d; ++k) {
    const AxisSupport support = axis_support(grid, k, layers_of(grid, layers, k), tail);
    box.low[k] = density.frame.centre[k] + density.frame.scale(k, k) * support.low;
    box.high[k] = density.frame.centre[k] + density.frame.scale(k, k) * support.high;
  }
  return box;
}

Frame covering_frame(const SupportBox& box, const Grid& grid) {
  constexpr double with_margin = 1.2;
  const Eigen::VectorXd scale = (box.high - box.low) * (with_margin / (2 * grid.z_max));
  return {(box.low + box.high) / 2, Eigen::MatrixXd(scale.asDiagonal())};
}

Mixture mixture(double time, const Grid& grid, const Frame& frame, const std::vector<double>& masses) {
  const auto n_cells = static_cast<std::size_t>(grid.n_cells());
  if (masses.empty() || masses.size() % n_cells != 0) throw InternalError("mixture: the masses do not fit the grid");
  const auto n = static_cast<double>(masses.size() / n_cells);
  std::vector<double> mean(n_cells, 0.0);
  for (std::size_t i = 0; i < masses.size(); ++i) mean[i % n_cells] += masses[i] / n;
  std::vector<double> square(n_cells, 0.0);
  for (std::size_t i = 0; i < masses.size(); ++i) square[i % n_cells] += std::pow(masses[i] - mean[i % n_cells], 2);
  Mixture result{density_from_masses(time, grid, frame, std::move(mean)), std::move(square)};
  for (std::size_t i = 0; i < n_cells; ++i)
    result.spread[i] =
        std::sqrt(result.spread[i] / std::max(1.0, n - 1)) / result.mean.cell_volume(static_cast<long>(i));
  return result;
}

}  // namespace driftwood::fp
