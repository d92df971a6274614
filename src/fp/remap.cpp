#include "driftwood/fp/remap.hpp"

#include <algorithm>
#include <cmath>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/edge_rates.hpp"

namespace driftwood::fp {

namespace {

/// The density within one cell, x = 0..1 from its left to its right end.
struct Parabola {
  double left = 0;
  double right = 0;
  double bend = 0;  ///< 6 (mean - (left + right) / 2)

  double at(double x) const { return std::max(0.0, left + x * (right - left + bend * (1 - x))); }
  /// The integral over [a, b], exact by Simpson's rule.
  double integral(double a, double b) const { return (b - a) / 6 * (at(a) + 4 * at((a + b) / 2) + at(b)); }
};

/// Limited parabolas, so that each cell's density stays between its neighbours' values.
std::vector<Parabola> parabolas(std::span<const double> value) {
  const auto n = static_cast<int>(value.size());
  const auto at = [&](int i) { return value[std::clamp(i, 0, n - 1)]; };
  std::vector<double> edge(n + 1);  // between cells i - 1 and i
  for (int i = 0; i <= n; ++i) {
    const double between = (7 * (at(i - 1) + at(i)) - (at(i - 2) + at(i + 1))) / 12;
    edge[i] = std::clamp(between, std::min(at(i - 1), at(i)), std::max(at(i - 1), at(i)));
  }
  std::vector<Parabola> result(n);
  for (int i = 0; i < n; ++i) {
    Parabola& p = result[i];
    p.left = edge[i];
    p.right = edge[i + 1];
    if ((p.right - value[i]) * (value[i] - p.left) <= 0) p.left = p.right = value[i];
    const double slope = p.right - p.left;
    p.bend = 6 * (value[i] - (p.left + p.right) / 2);
    if (slope * p.bend > slope * slope)
      p.left = 3 * value[i] - 2 * p.right;
    else if (slope * p.bend < -slope * slope)
      p.right = 3 * value[i] - 2 * p.left;
    p.bend = 6 * (value[i] - (p.left + p.right) / 2);
  }
  return result;
}

AxisCells axis_cells(const Grid& grid, const Frame& frame, int axis) {
  const double scale = frame.scale(axis, axis);
  return {frame.centre[axis] - scale * grid.z_max, scale * grid.spacing(axis), grid.cells[axis]};
}

}  // namespace

std::vector<double> remap_line(std::span<const double> mass, const AxisCells& from, const AxisCells& to) {
  const std::vector<Parabola> inside = parabolas(mass);  // in units of the mass of a whole cell
  std::vector<double> result(to.n, 0.0);
  for (int i = 0; i < from.n; ++i) {
    // The old cell's ends in units of the new cells, and the new cells that it meets.
    const double start = (from.low + i * from.width - to.low) / to.width;
    const double length = from.width / to.width;
    const auto first = static_cast<int>(std::clamp(std::floor(start), 0.0, to.n - 1.0));
    const auto last = static_cast<int>(std::clamp(std::floor(start + length), 0.0, to.n - 1.0));
    double done = 0;
    for (int j = first; j <= last; ++j) {
      const double end = j == last ? 1.0 : std::clamp((j + 1 - start) / length, done, 1.0);
      result[j] += inside[i].integral(done, end);
      done = end;
    }
  }
  return result;
}

std::vector<double> remap(const Grid& grid, std::vector<double> mass, const Frame& from, const Frame& to) {
  if (!from.is_diagonal() || !to.is_diagonal()) throw InternalError("densities are remapped between diagonal frames");
  const std::vector<long> stride = strides(grid);
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const AxisCells old_cells = axis_cells(grid, from, axis);
    const AxisCells new_cells = axis_cells(grid, to, axis);
    const int n = grid.cells[axis];
    std::vector<double> line(n);
    for (long start = 0; start < grid.n_cells(); ++start) {
      if ((start / stride[axis]) % n != 0) continue;
      for (int i = 0; i < n; ++i) line[i] = mass[start + i * stride[axis]];
      const std::vector<double> moved = remap_line(line, old_cells, new_cells);
      for (int i = 0; i < n; ++i) mass[start + i * stride[axis]] = moved[i];
    }
  }
  return mass;
}

}  // namespace driftwood::fp
