#pragma once

#include <vector>

namespace driftwood {

/// Work for rank groups of one size, in the order in which it is handed out.
struct WorkQueue {
  int ranks_per_item = 1;
  std::vector<int> items;
};

/// The ranks first, first + 1, ... of a group that work together.
struct RankRange {
  int first = 0;
  int count = 1;
};

/// The part of `whole` that its member `rank` (counted in `whole`) belongs to when `whole` is cut into as many groups of
/// `ranks_per_item` ranks as it holds; ranks that are left over join the last. At least one group.
inline RankRange part_of(RankRange whole, int ranks_per_item, int rank) {
  const int size = ranks_per_item < whole.count ? ranks_per_item : whole.count;
  const int n_parts = whole.count / size;
  const int part = rank / size < n_parts ? rank / size : n_parts - 1;
  const int first = part * size;
  return {whole.first + first, part == n_parts - 1 ? whole.count - first : size};
}

}  // namespace driftwood
