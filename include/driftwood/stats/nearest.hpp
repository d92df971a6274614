#pragma once

#include <span>
#include <vector>

namespace driftwood::stats {

/// Finds the nearest of n points in R^d, each coordinate measured in units of the points' standard deviation along it.
class NearestPoint {
 public:
  /// `points`: n x d row-major, n >= 1; copied.
  NearestPoint(int dimension, std::span<const double> points);
  /// Row of the point nearest to `x` (d values); the first of equals in the order of the first coordinate.
  long find(const double* x) const;

 private:
  int dimension_;
  std::vector<double> scale_;   ///< 1 / standard deviation
  std::vector<double> sorted_;  ///< scaled points, ascending in the first coordinate
  std::vector<long> row_;
};

}  // namespace driftwood::stats
