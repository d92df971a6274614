#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/density.hpp"

namespace driftwood::fp {

/// Masses on a tensor of cells, the last axis fastest.
struct MassArray {
  std::vector<int> cells;
  std::vector<double> mass;
};

/// A new coordinate in place of z_k: offset + scale z_k + sum_j shear_j z_j over the axes j < k.
struct AxisMap {
  double offset = 0;
  double scale = 1;
  std::vector<double> shear;  ///< k values

  bool is_identity() const;
  bool is_sheared() const;
};

/// Masses with a new coordinate along `axis`, in cells between `edges` (ascending), conservative and non-negative; mass
/// outside of them goes into the outermost cells. `axis` and the axes that shear it must still be those of `grid`.
MassArray with_new_axis(const Grid& grid, const MassArray& from, int axis, const AxisMap& map,
                        std::span<const double> edges);

/// Masses summed along an axis, which keeps one cell.
MassArray summed(const MassArray& from, int axis);

}  // namespace driftwood::fp
