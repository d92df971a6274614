#pragma once

#include <algorithm>
#include <array>

#include "driftwood/fp/edge_coefficients.hpp"

namespace driftwood::fp {

/// Calls visit(first, last) for every run of consecutive cells i of `range` such that i + step is within the grid, from
/// a row (a line along the last axis) each.
template <class Visit>
void for_rows(const Grid& grid, CellRange range, const std::array<int, 4>& step, Visit&& visit) {
  if (range.count <= 0) return;
  const int d = grid.dimension();
  const long length = grid.cells[d - 1];
  std::array<int, 4> low{};
  std::array<int, 4> high{};
  for (int k = 0; k < d; ++k) {
    low[k] = std::max(0, -step[k]);
    high[k] = std::min(grid.cells[k], grid.cells[k] - step[k]);
  }
  for (long row = range.first / length; row * length < range.last(); ++row) {
    long rest = row;
    bool is_inside = true;
    for (int k = d - 2; k >= 0; --k) {
      const long index = rest % grid.cells[k];
      is_inside = is_inside && index >= low[k] && index < high[k];
      rest /= grid.cells[k];
    }
    if (!is_inside) continue;
    const long first = std::max(range.first, row * length + low[d - 1]);
    const long last = std::min(range.last(), row * length + high[d - 1]);
    if (first < last) visit(first, last);
  }
}

}  // namespace driftwood::fp
