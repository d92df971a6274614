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

/// The masses of all cells of `grid` moved from one diagonal frame to another, axis after axis.
std::vector<double> remap(const Grid& grid, std::vector<double> mass, const Frame& from, const Frame& to);

}  // namespace driftwood::fp
