#pragma once

#include <optional>
#include <span>
#include <vector>

namespace driftwood::stats {

/// A point of a NeighbourIndex and its Euclidean distance from the point asked about.
struct Neighbour {
  double distance = 0;
  int index = 0;
};

/// Nearest-neighbour queries among n fixed points of R^d (a k-d tree): O(n log n) to build, about O(k + log n) a query.
/// The answers do not depend on the order of the points: ties go to the lower index.
class NeighbourIndex {
 public:
  /// `points`: n x d, row-major, finite; d >= 1. Throws InternalError if the sizes do not match or there is no point.
  NeighbourIndex(std::span<const double> points, int dimension);

  int size() const { return static_cast<int>(index_.size()); }

  /// The min(k, n) nearest points, nearest first.
  std::vector<Neighbour> nearest(std::span<const double> point, int k) const;

  /// The nearest point y within a cone: direction . (y - point) >= cosine |direction| |y - point| > 0, cosine > 0.
  /// Empty if there is none.
  std::optional<Neighbour> nearest_in_cone(std::span<const double> point, std::span<const double> direction,
                                           double cosine) const;

 private:
  struct Node {
    int first = 0;  ///< points first..last-1, in tree order
    int last = 0;
    int right = -1;  ///< the second child; the first child follows its parent; -1 = leaf
  };
  struct ConeSearch;

  int build(int first, int last, std::span<const double> points);
  double box_distance2(int node, std::span<const double> point) const;
  void search(int node, std::span<const double> point, std::size_t k, std::vector<Neighbour>& heap) const;
  void search(int node, ConeSearch& cone) const;

  int dimension_ = 1;
  std::vector<int> index_;      ///< tree order -> the caller's order
  std::vector<double> points_;  ///< in tree order
  std::vector<Node> nodes_;
  std::vector<double> boxes_;  ///< node x (low, high) x d
};

}  // namespace driftwood::stats
