#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/density.hpp"
#include "driftwood/fp/edge_rates.hpp"

namespace driftwood::fp {

/// How much mass lies in each layer of cells along each axis, one axis after another (sum of cells values). The ranks'
/// parts add up, to the same bits however whole layers across axis 0 are shared (entries of further axes are rounded to
/// multiples of 2^-52). `mass`: one value a cell of `range`.
std::vector<double> layer_masses(const Grid& grid, CellRange range, std::span<const double> mass);

/// What one axis's layers tell.
struct AxisSupport {
  double low = 0;  ///< z between low and high holds all mass but `tail` on either side
  double high = 0;
  double wall_mass = 0;       ///< the larger mass of the two outermost layers
  double occupied_cells = 0;  ///< (sum m)^2 / sum m^2: 3.5 standard deviations for a normal density
};

/// `layers`: the part of layer_masses() that belongs to `axis`. Low and high are interpolated within a layer, in
/// which the mass counts as uniform in z.
AxisSupport axis_support(const Grid& grid, int axis, std::span<const double> layers, double tail);

/// The layers of one axis within layer_masses().
std::span<const double> layers_of(const Grid& grid, std::span<const double> layers, int axis);

}  // namespace driftwood::fp
