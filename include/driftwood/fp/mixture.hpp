#pragma once

#include <Eigen/Core>
#include <vector>

#include "driftwood/fp/density.hpp"

namespace driftwood::fp {

/// A box of w: low and high end of every axis.
struct SupportBox {
  Eigen::VectorXd low;
  Eigen::VectorXd high;
};

/// Where a density lives: all of its mass but `tail` on either side of every axis. Diagonal frames only; throws
/// InternalError for others.
SupportBox support_box(const Density& density, double tail);

/// The frame in which the grid's box is `box` with a tenth of its width on either side.
Frame covering_frame(const SupportBox& box, const Grid& grid);

/// The mean of densities with equal weights, and in every cell the standard deviation among them (n - 1 in the
/// denominator; 0 for one density): how much they differ, so that spread / sqrt(n) is the standard error of the mean as
/// an average over all of their kind.
struct Mixture {
  Density mean;
  std::vector<double> spread;  ///< of p, cell by cell
};

/// `masses`: n x grid.n_cells(), all in `frame`. Throws InternalError on sizes that do not fit.
Mixture mixture(double time, const Grid& grid, const Frame& frame, const std::vector<double>& masses);

}  // namespace driftwood::fp
