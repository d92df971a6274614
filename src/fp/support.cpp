#include "driftwood/fp/support.hpp"

#include <algorithm>
#include <numeric>

namespace driftwood::fp {

std::vector<double> layer_masses(const Grid& grid, CellRange range, std::span<const double> mass) {
  const std::vector<long> stride = strides(grid);
  std::vector<double> layers(std::accumulate(grid.cells.begin(), grid.cells.end(), 0), 0.0);
  long start = 0;
  for (int k = 0; k < grid.dimension(); ++k) {
    // Runs of cells with the same index along the axis.
    for (long cell = range.first; cell < range.last();) {
      const long run_end = std::min(range.last(), (cell / stride[k] + 1) * stride[k]);
      double sum = 0;
      for (long i = cell; i < run_end; ++i) sum += mass[i - range.first];
      // Layers of further axes get parts from several ranks: whole multiples of 2^-52 add up to the same bits in any
      // order.
      if (k > 0) sum = (sum + 1.0) - 1.0;
      layers[start + (cell / stride[k]) % grid.cells[k]] += sum;
      cell = run_end;
    }
    start += grid.cells[k];
  }
  return layers;
}

AxisSupport axis_support(const Grid& grid, int axis, std::span<const double> layers, double tail) {
  const int n = grid.cells[axis];
  const double total = std::accumulate(layers.begin(), layers.end(), 0.0);
  const double outside = tail * total;
  AxisSupport support{grid.z_max, -grid.z_max, 0, 0};
  double sum = 0;
  for (int i = 0; i < n; sum += layers[i++])
    if (sum + layers[i] > outside) {
      support.low = grid.z_edge(axis, i) + grid.width(axis, i) * (outside - sum) / layers[i];
      break;
    }
  sum = 0;
  for (int i = n - 1; i >= 0; sum += layers[i--])
    if (sum + layers[i] > outside) {
      support.high = grid.z_edge(axis, i + 1) - grid.width(axis, i) * (outside - sum) / layers[i];
      break;
    }
  support.wall_mass = std::max(layers.front(), layers.back());
  double squares = 0;
  for (const double m : layers) squares += m * m;
  support.occupied_cells = squares > 0 ? total * total / squares : 0.0;
  return support;
}

std::span<const double> layers_of(const Grid& grid, std::span<const double> layers, int axis) {
  const long start = std::accumulate(grid.cells.begin(), grid.cells.begin() + axis, 0L);
  return layers.subspan(start, grid.cells[axis]);
}

}  // namespace driftwood::fp
