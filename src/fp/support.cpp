#include "driftwood/fp/support.hpp"

#include <algorithm>
#include <numeric>

#include "driftwood/fp/sums.hpp"

namespace driftwood::fp {

std::vector<double> layer_masses(const Grid& grid, CellRange range, std::span<const double> mass) {
  const int d = grid.dimension();
  const long n_layers = std::accumulate(grid.cells.begin(), grid.cells.end(), 0L);
  std::vector<double> parts(2 * n_layers, 0.0);
  double* upper = parts.data();
  double* lower = parts.data() + n_layers;
  const long length = grid.cells[d - 1];
  for (long cell = range.first; cell < range.last();) {
    const long row_end = std::min(range.last(), (cell / length + 1) * length);
    const long column = n_layers - length + cell % length;
    OrderlessSum sum;
    add_row(mass.subspan(cell - range.first, row_end - cell), sum, upper + column, lower + column);
    long rest = cell / length;
    long end = n_layers - length;
    for (int k = d - 2; k >= 0; --k) {
      end -= grid.cells[k];
      const long layer = end + rest % grid.cells[k];
      rest /= grid.cells[k];
      upper[layer] += sum.upper;
      lower[layer] += sum.lower;
    }
    cell = row_end;
  }
  return parts;
}

std::vector<double> joined(std::span<const double> parts) {
  const std::size_t n = parts.size() / 2;
  std::vector<double> layers(n);
  for (std::size_t i = 0; i < n; ++i) layers[i] = parts[i] + parts[n + i];
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
