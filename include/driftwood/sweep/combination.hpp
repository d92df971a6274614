#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace driftwood::sweep {

/// One thing that varies: an axis, or the rows of a table of points.
struct Factor {
  std::string key;
  std::size_t n_values = 1;
  bool is_sampled = false;
};

/// How factors become points: a tree of products and zips.
class Combination {
 public:
  /// `text` as sweep.combine has it: factors that it does not name are multiplied to the right of it in their order,
  /// sampled ones zipped, where the first of them stands. Throws ValueError for unknown keys, keys named twice, zips of
  /// unequal lengths, and brackets that do not match.
  Combination(const std::vector<Factor>& factors, const std::string& text);
  Combination(Combination&&) noexcept;
  ~Combination();

  /// Number of points, before any filter; at most `most_points`.
  std::size_t size() const;

  /// For point number i < size(): the place along every factor. The last factor of a product varies fastest.
  std::vector<std::size_t> places(std::size_t i) const;

  /// More are not counted.
  static constexpr std::size_t most_points = 1000000000;

  struct Node;  ///< of the tree

 private:
  std::size_t n_factors_;
  std::unique_ptr<Node> root_;
};

}  // namespace driftwood::sweep
