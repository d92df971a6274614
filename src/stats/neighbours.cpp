#include "driftwood/stats/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "driftwood/core/error.hpp"

namespace driftwood::stats {

namespace {

constexpr int leaf_size = 16;

/// Within the searches `distance` holds the squared distance.
bool nearer(const Neighbour& a, const Neighbour& b) {
  return a.distance < b.distance || (a.distance == b.distance && a.index < b.index);
}

}  // namespace

NeighbourIndex::NeighbourIndex(std::span<const double> points, int dimension)
    : dimension_(dimension), index_(dimension > 0 ? points.size() / dimension : 0) {
  if (index_.empty() || points.size() != index_.size() * dimension)
    throw InternalError("a neighbour index needs n x d coordinates, n > 0");
  std::iota(index_.begin(), index_.end(), 0);
  build(0, size(), points);
  points_.reserve(points.size());
  for (const int i : index_)
    points_.insert(points_.end(), points.begin() + static_cast<std::ptrdiff_t>(i) * dimension_,
                   points.begin() + static_cast<std::ptrdiff_t>(i + 1) * dimension_);
}

int NeighbourIndex::build(int first, int last, std::span<const double> points) {
  const int node = static_cast<int>(nodes_.size());
  nodes_.push_back({first, last, -1});
  const auto coordinate = [&](int i, int axis) { return points[static_cast<std::size_t>(i) * dimension_ + axis]; };
  int widest = 0;
  double width = -1;
  std::vector<double> box(static_cast<std::size_t>(dimension_) * 2);
  for (int axis = 0; axis < dimension_; ++axis) {
    const auto [low, high] = std::minmax_element(index_.begin() + first, index_.begin() + last, [&](int i, int j) {
      return coordinate(i, axis) < coordinate(j, axis);
    });
    box[axis] = coordinate(*low, axis);
    box[dimension_ + axis] = coordinate(*high, axis);
    if (box[dimension_ + axis] - box[axis] > width) {
      width = box[dimension_ + axis] - box[axis];
      widest = axis;
    }
  }
  boxes_.insert(boxes_.end(), box.begin(), box.end());
  if (last - first <= leaf_size || width == 0) return node;
  const int middle = first + (last - first) / 2;
  std::nth_element(index_.begin() + first, index_.begin() + middle, index_.begin() + last,
                   [&](int i, int j) { return coordinate(i, widest) < coordinate(j, widest); });
  build(first, middle, points);
  const int right = build(middle, last, points);
  nodes_[node].right = right;
  return node;
}

double NeighbourIndex::box_distance2(int node, std::span<const double> point) const {
  const double* low = &boxes_[static_cast<std::size_t>(node) * 2 * dimension_];
  double square = 0;
  for (int axis = 0; axis < dimension_; ++axis) {
    const double beyond = std::max({0.0, low[axis] - point[axis], point[axis] - low[dimension_ + axis]});
    square += beyond * beyond;
  }
  return square;
}

void NeighbourIndex::search(int node, std::span<const double> point, std::size_t k,
                            std::vector<Neighbour>& heap) const {
  const Node& here = nodes_[node];
  if (here.right < 0) {
    for (int i = here.first; i < here.last; ++i) {
      const double* y = &points_[static_cast<std::size_t>(i) * dimension_];
      double square = 0;
      for (int axis = 0; axis < dimension_; ++axis) square += (y[axis] - point[axis]) * (y[axis] - point[axis]);
      const Neighbour candidate{square, index_[i]};
      if (heap.size() == k) {
        if (!nearer(candidate, heap.front())) continue;
        std::pop_heap(heap.begin(), heap.end(), nearer);
        heap.pop_back();
      }
      heap.push_back(candidate);
      std::push_heap(heap.begin(), heap.end(), nearer);
    }
    return;
  }
  std::pair<double, int> children[2] = {{box_distance2(node + 1, point), node + 1},
                                        {box_distance2(here.right, point), here.right}};
  if (children[1] < children[0]) std::swap(children[0], children[1]);
  for (const auto& [square, child] : children)
    if (heap.size() < k || square <= heap.front().distance) search(child, point, k, heap);
}

std::vector<Neighbour> NeighbourIndex::nearest(std::span<const double> point, int k) const {
  std::vector<Neighbour> found;
  if (k < 1) return found;
  const std::size_t wanted = std::min(k, size());
  found.reserve(wanted);
  search(0, point, wanted, found);
  std::sort_heap(found.begin(), found.end(), nearer);
  for (Neighbour& each : found) each.distance = std::sqrt(each.distance);
  return found;
}

struct NeighbourIndex::ConeSearch {
  std::span<const double> point;
  std::span<const double> direction;
  double cosine = 0;  ///< times |direction|
  Neighbour best{std::numeric_limits<double>::infinity(), -1};
};

void NeighbourIndex::search(int node, ConeSearch& cone) const {
  if (box_distance2(node, cone.point) > cone.best.distance) return;
  const double* low = &boxes_[static_cast<std::size_t>(node) * 2 * dimension_];
  double farthest_ahead = 0;
  for (int axis = 0; axis < dimension_; ++axis) {
    const double corner = cone.direction[axis] > 0 ? low[dimension_ + axis] : low[axis];
    farthest_ahead += cone.direction[axis] * (corner - cone.point[axis]);
  }
  if (farthest_ahead <= 0) return;
  const Node& here = nodes_[node];
  if (here.right >= 0) {
    const bool right_first = box_distance2(here.right, cone.point) < box_distance2(node + 1, cone.point);
    search(right_first ? here.right : node + 1, cone);
    search(right_first ? node + 1 : here.right, cone);
    return;
  }
  for (int i = here.first; i < here.last; ++i) {
    const double* y = &points_[static_cast<std::size_t>(i) * dimension_];
    double square = 0;
    double ahead = 0;
    for (int axis = 0; axis < dimension_; ++axis) {
      square += (y[axis] - cone.point[axis]) * (y[axis] - cone.point[axis]);
      ahead += cone.direction[axis] * (y[axis] - cone.point[axis]);
    }
    const Neighbour candidate{square, index_[i]};
    if (ahead > 0 && ahead >= cone.cosine * std::sqrt(square) && nearer(candidate, cone.best)) cone.best = candidate;
  }
}

std::optional<Neighbour> NeighbourIndex::nearest_in_cone(std::span<const double> point,
                                                         std::span<const double> direction, double cosine) const {
  double square = 0;
  for (const double component : direction) square += component * component;
  ConeSearch cone{point, direction, cosine * std::sqrt(square), {std::numeric_limits<double>::infinity(), -1}};
  search(0, cone);
  if (cone.best.index < 0) return std::nullopt;
  return Neighbour{std::sqrt(cone.best.distance), cone.best.index};
}

}  // namespace driftwood::stats
