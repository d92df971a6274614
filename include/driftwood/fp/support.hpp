#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/density.hpp"
#include "driftwood/fp/edge_rates.hpp"

namespace driftwood::fp {

/// How much mass lies in each layer of cells along each axis, one axis after another (sum of cells values), in two
/// parts (OrderlessSum): all upper ones, then all lower ones. The ranks' parts add up to the same bits however cells
/// are shared; joined() makes masses of them. `mass`: one value a cell of `range`.
std::vector<double> layer_masses(const Grid& grid, CellRange range, std::span<const double> mass);
/// Upper and lower parts together: half as many values.
std::vector<double> joined(std::span<const double> parts);

/// What one axis's layers tell.
struct AxisSupport {
  double low = 0;  ///< z between low and high holds all mass but `tail` on either side
  double high = 0;
  double wall_mass = 0;       ///< the larger mass of the two outermost layers
  double occupied_cells = 0;  ///< (sum m)^2 / sum m^2: 3.5 standard deviations for a normal density
};

/// `layers`: the part of the layers' masses that belongs to `axis`. Low and high are interpolated within a layer, in
/// which the mass counts as uniform in z.
AxisSupport axis_support(const Grid& grid, int axis, std::span<const double> layers, double tail);

/// The layers of one axis within those of all.
std::span<const double> layers_of(const Grid& grid, std::span<const double> layers, int axis);

}  // namespace driftwood::fp
