#pragma once

#include <array>
#include <type_traits>
#include <utility>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/edge_rates.hpp"

namespace driftwood::fp {

/// body(std::integral_constant<int, d>) for d = 1..4: loops over cells are compiled for every dimension.
template <class Body>
decltype(auto) for_dimension(int d, Body&& body) {
  switch (d) {
    case 1:
      return body(std::integral_constant<int, 1>{});
    case 2:
      return body(std::integral_constant<int, 2>{});
    case 3:
      return body(std::integral_constant<int, 3>{});
    case 4:
      return body(std::integral_constant<int, 4>{});
    default:
      throw InternalError("densities have 1 to 4 dimensions");
  }
}

/// Calls visit(position in the range, index along every axis) for the cells of a range in natural order.
template <int d, class Visit>
void for_each_cell(const Grid& grid, CellRange range, Visit&& visit) {
  std::array<int, d> index{};
  std::array<int, d> cells{};
  long rest = range.first;
  for (int k = d - 1; k >= 0; --k) {
    cells[k] = grid.cells[k];
    index[k] = static_cast<int>(rest % cells[k]);
    rest /= cells[k];
  }
  for (long i = 0; i < range.count; ++i) {
    visit(static_cast<std::size_t>(i), index);
    for (int k = d - 1; k >= 0; --k) {
      if (++index[k] < cells[k]) break;
      index[k] = 0;
    }
  }
}

/// What value(axis, index) gives at every layer of cells, axis by axis.
template <class Value>
std::vector<std::vector<double>> at_layers(const Grid& grid, Value&& value) {
  std::vector<std::vector<double>> result(grid.dimension());
  for (int k = 0; k < grid.dimension(); ++k) {
    result[k].reserve(grid.cells[k]);
    for (int i = 0; i < grid.cells[k]; ++i) result[k].push_back(value(k, i));
  }
  return result;
}

/// z at the layers' centres.
inline std::vector<std::vector<double>> z_centres(const Grid& grid) {
  return at_layers(grid, [&](int axis, int i) { return grid.z_centre(axis, i); });
}

/// A small matrix for loops over cells.
template <int d>
using SmallMatrix = std::array<std::array<double, d>, d>;

template <int d>
SmallMatrix<d> small_matrix(const Eigen::MatrixXd& matrix) {
  SmallMatrix<d> small{};
  for (int i = 0; i < d; ++i)
    for (int j = 0; j < d; ++j) small[i][j] = matrix(i, j);
  return small;
}

}  // namespace driftwood::fp
