#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/density.hpp"

namespace driftwood::fp {

/// Cells of equal width along one axis: [low, low + n width].
struct AxisCells {
  double low = 0;
  double width = 1;
  int n = 0;
};

/// Masses of `to`'s cells from those of `from`'s, conservative and non-negative: every old cell holds a parabola
/// (Colella, Woodward 1984, limited), third order where the density is smooth. Mass that lies outside of `to` goes
/// into its outermost cell on that side.
std::vector<double> remap_line(std::span<const double> mass, const AxisCells& from, const AxisCells& to);

/// The same for any new cells: their ascending edges (one more than cells) in units of the old cells, which lie at
/// 0, 1, .. mass.size().
std::vector<double> remap_line(std::span<const double> mass, std::span<const double> edges);

/// The masses of all cells of `grid` moved from one frame to another (lower triangular scales), conservative and
/// non-negative. z_new = M z_old + c with a lower triangular M, so the axes are remapped from the last to the first,
/// each a line at a time with the offset sum_j<k M_kj z_j + c_k; a line is split in two (with the slope of the masses
/// across it) for every axis that shears it, which keeps the order of the line's remap. Equal frames: the same values.
std::vector<double> remap(const Grid& grid, std::vector<double> mass, const Frame& from, const Frame& to);

/// The cells' masses from `spacing`^d times the density at their centres in xi, in place: along every axis 1/24 of the
/// second difference is added (fourth order). Conservative and non-negative.
void averages_from_values(const Grid& grid, std::vector<double>& mass);
/// Back again, to fourth order where the density is smooth; no cell gives a neighbour more than a
/// quarter of what it holds.
void values_from_averages(const Grid& grid, std::vector<double>& mass);

}  // namespace driftwood::fp
