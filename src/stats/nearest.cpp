#include "driftwood/stats/nearest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace driftwood::stats {

namespace {

double inverse_spread(int dimension, std::span<const double> points, int axis) {
  const std::size_t n = points.size() / dimension;
  double mean = 0;
  double square = 0;
  for (std::size_t i = 0; i < n; ++i) mean += points[i * dimension + axis] / static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) square += std::pow(points[i * dimension + axis] - mean, 2) / static_cast<double>(n);
  return square > 0 ? 1 / std::sqrt(square) : 1.0;
}

}  // namespace

NearestPoint::NearestPoint(int dimension, std::span<const double> points)
    : dimension_(dimension), sorted_(points.size()), row_(points.size() / dimension) {
  for (int k = 0; k < dimension; ++k) scale_.push_back(inverse_spread(dimension, points, k));
  std::iota(row_.begin(), row_.end(), 0L);
  std::stable_sort(row_.begin(), row_.end(),
                   [&](long a, long b) { return points[a * dimension] < points[b * dimension]; });
  for (std::size_t i = 0; i < row_.size(); ++i)
    for (int k = 0; k < dimension; ++k) sorted_[i * dimension + k] = points[row_[i] * dimension + k] * scale_[k];
}

long NearestPoint::find(const double* x) const {
  const long n = static_cast<long>(row_.size());
  const double first = x[0] * scale_[0];
  long above = 0;
  for (long count = n; count > 0;) {  // lower bound in the first coordinate
    const long half = count / 2;
    if (sorted_[(above + half) * dimension_] < first) {
      above += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  long best = -1;
  double best_square = std::numeric_limits<double>::infinity();
  const auto visit = [&](long i) {  // false where the first coordinate alone is farther than the best
    const double along = sorted_[i * dimension_] - first;
    if (along * along >= best_square) return false;
    double square = along * along;
    for (int k = 1; k < dimension_; ++k) square += std::pow(sorted_[i * dimension_ + k] - x[k] * scale_[k], 2);
    if (square < best_square) {
      best_square = square;
      best = i;
    }
    return true;
  };
  long below = above - 1;
  bool up = true;
  bool down = true;
  while (up || down) {
    up = up && above < n && visit(above++);
    down = down && below >= 0 && visit(below--);
  }
  return row_[best];
}

}  // namespace driftwood::stats
