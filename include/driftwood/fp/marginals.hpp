#pragma once

#include <Eigen/Core>
#include <vector>

#include "driftwood/fp/density.hpp"

namespace driftwood::fp {

/// Probability on a grid of rectangular bins of some coordinates, the last one fastest. In a diagonal frame the bins are
/// the cells; in a sheared one they are equal, as many as cells, and every cell's mass is spread over its extent.
struct BinnedDensity {
  std::vector<std::vector<double>> edges;  ///< per coordinate, ascending
  std::vector<double> mass;                ///< as much in all as the density has: less than 1 behind absorbing walls
};

/// Of one coordinate, or two (in ascending order). Pure function.
BinnedDensity binned(const Density& density, const std::vector<int>& axes);

/// Mass, and the moments of what is there: those of the density divided by its mass.
struct DensityMoments {
  double mass = 0;
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;  ///< of the piecewise constant density
};
DensityMoments moments_of(const Density& density);

}  // namespace driftwood::fp
