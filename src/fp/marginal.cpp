#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/density.hpp"
#include "parabola.hpp"
#include "sheared_axis.hpp"

namespace driftwood::fp {

double Marginal::mean() const {
  double sum = 0;
  for (std::size_t i = 0; i < mass.size(); ++i) sum += mass[i] * (edges[i] + edges[i + 1]) / 2;
  return sum;
}

namespace {

/// Central moments 2, 3, 4 of a piecewise uniform distribution.
struct CentralMoments {
  double second = 0;
  double third = 0;
  double fourth = 0;
};

CentralMoments central_moments(const Marginal& marginal) {
  const double mean = marginal.mean();
  CentralMoments sum;
  for (std::size_t i = 0; i < marginal.mass.size(); ++i) {
    const double x = (marginal.edges[i] + marginal.edges[i + 1]) / 2 - mean;
    const double w2 = std::pow(marginal.edges[i + 1] - marginal.edges[i], 2);
    sum.second += marginal.mass[i] * (x * x + w2 / 12);
    sum.third += marginal.mass[i] * x * (x * x + w2 / 4);
    sum.fourth += marginal.mass[i] * (x * x * (x * x + w2 / 2) + w2 * w2 / 80);
  }
  return sum;
}

/// Puts w in place of z along one axis; its edges are returned. The axes after it must be summed or replaced.
std::vector<double> replace_axis(const Density& density, int axis, MassArray& array) {
  const Grid& grid = density.grid;
  const auto row = density.frame.scale.row(axis);
  AxisMap map{density.frame.centre[axis], row[axis], {}};
  for (int j = 0; j < axis; ++j) map.shear.push_back(row[j]);
  // Along a sheared axis the box reaches from the sum of all scales to minus it, in cells as wide as the length of the
  // row would make them.
  Grid wider = grid;
  double reach = map.scale;
  if (map.is_sheared()) {
    reach = row.cwiseAbs().sum();
    wider.cells[axis] = static_cast<int>(std::ceil(grid.cells[axis] * reach / row.norm() * (1 - 1e-12)));
  }
  std::vector<double> edges;
  for (int i = 0; i <= wider.cells[axis]; ++i) edges.push_back(map.offset + reach * wider.z_edge(axis, i));
  if (map.is_sheared()) array = with_new_axis(grid, array, axis, map, edges);
  return edges;
}

/// The place x = 0..1 within cell i, between its edges and in line with the edges next to it (cubic).
double place_within(const std::vector<double>& edges, std::size_t i, double x) {
  if (i == 0 || i + 3 > edges.size()) return edges[i] + x * (edges[i + 1] - edges[i]);
  const double straight = edges[i] + x * (edges[i + 1] - edges[i]);
  const double bend_before = edges[i + 1] - 2 * edges[i] + edges[i - 1];
  const double bend_after = edges[i + 2] - 2 * edges[i + 1] + edges[i];
  return straight - x * (1 - x) / 6 * ((2 - x) * bend_before + (1 + x) * bend_after);
}

}  // namespace

Marginal smoothed(const Marginal& marginal, int n_pieces) {
  const std::size_t n_cells = marginal.mass.size();
  const std::size_t pieces = (static_cast<std::size_t>(std::max(n_pieces, 1)) + n_cells - 1) / n_cells;
  Marginal result;
  result.edges.push_back(marginal.edges.front());
  for (std::size_t i = 0; i < n_cells; ++i) {
    const Parabola inside = positive_parabola(marginal.mass, static_cast<int>(i));
    for (std::size_t j = 1; j <= pieces; ++j) {
      const auto at = [&](std::size_t piece) { return static_cast<double>(piece) / static_cast<double>(pieces); };
      result.mass.push_back(inside.integral(at(j - 1), at(j)));
      result.edges.push_back(j == pieces ? marginal.edges[i + 1] : place_within(marginal.edges, i, at(j)));
    }
  }
  return result;
}

double Marginal::variance() const {
  return central_moments(*this).second;
}

double Marginal::skewness() const {
  const CentralMoments moments = central_moments(*this);
  return moments.third / std::pow(moments.second, 1.5);
}

double Marginal::kurtosis() const {
  const CentralMoments moments = central_moments(*this);
  return moments.fourth / (moments.second * moments.second);
}

double Marginal::cumulative(double x) const {
  double sum = 0;
  for (std::size_t i = 0; i < mass.size() && edges[i] < x; ++i)
    sum += mass[i] * std::min(1.0, (x - edges[i]) / (edges[i + 1] - edges[i]));
  return sum;
}

Marginal marginal(const Density& density, int axis) {
  MassArray array{density.grid.cells, density.masses()};
  for (int k = density.dimension() - 1; k > axis; --k) array = summed(array, k);
  Marginal result;
  result.edges = replace_axis(density, axis, array);
  for (int k = 0; k < axis; ++k) array = summed(array, k);
  result.mass = std::move(array.mass);
  return result;
}

MarginalPlane marginal_plane(const Density& density, int axis_a, int axis_b) {
  if (axis_a == axis_b) throw InternalError("a plane's marginal needs two axes");
  const int first = std::min(axis_a, axis_b);
  const int second = std::max(axis_a, axis_b);
  MassArray array{density.grid.cells, density.masses()};
  for (int k = density.dimension() - 1; k > second; --k) array = summed(array, k);
  std::vector<double> second_edges = replace_axis(density, second, array);
  for (int k = second - 1; k > first; --k) array = summed(array, k);
  std::vector<double> first_edges = replace_axis(density, first, array);
  for (int k = 0; k < first; ++k) array = summed(array, k);
  if (axis_a < axis_b) return {std::move(first_edges), std::move(second_edges), std::move(array.mass)};
  const std::size_t rows = first_edges.size() - 1;
  const std::size_t columns = second_edges.size() - 1;
  std::vector<double> transposed;
  for (std::size_t j = 0; j < columns; ++j)
    for (std::size_t i = 0; i < rows; ++i) transposed.push_back(array.mass[i * columns + j]);
  return {std::move(second_edges), std::move(first_edges), std::move(transposed)};
}

}  // namespace driftwood::fp
