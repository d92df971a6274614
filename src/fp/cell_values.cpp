// Between densities at the cells' centres, which the fourth-order flux evolves, and the cells' masses.
#include <algorithm>
#include <numeric>

#include "driftwood/fp/edge_coefficients.hpp"
#include "driftwood/fp/remap.hpp"

namespace driftwood::fp {

namespace {

/// Moves exchange(left, right) from every cell to the next one along every axis in turn.
template <class Exchange>
void exchange_along_axes(const Grid& grid, std::vector<double>& mass, Exchange exchange) {
  const std::vector<long> stride = strides(grid);
  for (int k = 0; k < grid.dimension(); ++k) {
    const long s = stride[k];
    const long n = grid.cells[k];
    for (long start = 0; start < grid.n_cells(); start += s * n)
      for (long line = start; line < start + s; ++line) {
        double from_before = 0;  // what the cell before gives, by the values before any exchange
        for (long i = 0; i < n; ++i) {
          double& cell = mass[line + i * s];
          const double to_next = i + 1 < n ? exchange(cell, mass[line + (i + 1) * s]) : 0.0;
          cell += from_before - to_next;
          from_before = to_next;
        }
      }
  }
}

}  // namespace

void averages_from_values(const Grid& grid, std::vector<double>& mass) {
  exchange_along_axes(grid, mass, [](double here, double next) { return (here - next) / 24; });
}

void values_from_averages(const Grid& grid, std::vector<double>& mass) {
  exchange_along_axes(grid, mass, [](double here, double next) {
    const double wanted = (next - here) / 24;  // from the lower to the higher
    return std::clamp(wanted, -next / 4, here / 4);
  });
}

}  // namespace driftwood::fp
