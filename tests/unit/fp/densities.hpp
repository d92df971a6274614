#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "driftwood/fp/density.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp::test {

inline Frame diagonal_frame(const std::vector<double>& centre, const std::vector<double>& scale) {
  return {
      Eigen::Map<const Eigen::VectorXd>(centre.data(), static_cast<long>(centre.size())),
      Eigen::Map<const Eigen::VectorXd>(scale.data(), static_cast<long>(scale.size())).asDiagonal().toDenseMatrix()};
}

inline Density density_of(const Grid& grid, const Frame& frame, const std::vector<double>& p) {
  Density density;
  density.grid = grid;
  density.frame = frame;
  density.p = p;
  return density;
}

/// A rough density in a sheared frame.
inline Density rough_density() {
  Density density = density_of({{6, 5}, 2.0}, diagonal_frame({0.5, -3}, {0.7, 1.3}), std::vector<double>(30));
  density.frame.scale(1, 0) = 0.9;
  for (std::uint32_t i = 0; i < 30; ++i) density.p[i] = std::max(0.0, uniform(i) - 0.3);
  const double mass = density.mass();
  for (double& p : density.p) p /= mass;
  return density;
}

}  // namespace driftwood::fp::test
