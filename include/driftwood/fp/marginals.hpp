#pragma once

#include <Eigen/Core>
#include <functional>
#include <span>
#include <vector>

#include "driftwood/fp/density.hpp"

namespace driftwood::fp {

/// Probability on a grid of rectangular bins of some coordinates, the last one fastest. In a diagonal frame the bins
/// are the cells; in a sheared one they are equal, as many as cells, and every cell's mass is spread over its extent.
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

/// int |p - other| dw over the density's box, by values at the cells' centres.
double l1_distance(const Density& density, const std::function<double(std::span<const double> w)>& other);

/// The same between p / mass and the density exp(`log_other`) / Z on the same box, Z from the same sum.
double normalised_distance(const Density& density, const std::function<double(std::span<const double> w)>& log_other);

}  // namespace driftwood::fp
