#pragma once

#include <span>
#include <vector>

#include "slabs.hpp"

namespace driftwood::fp_solver {

/// Hands every rank whole lattice lines of a direction that crosses the ranks' slabs.
///
/// In natural order the lines with offset s between neighbours are the cells j, j + s, j + 2s, ... of the lanes j = 0
/// .. s - 1; a rank gets a range of lanes, as rows of `width` cells: cell m s + first_lane + j at m width + j, so that
/// the neighbours along the lines are `width` apart. On one rank this is the natural order.
class LaneExchange {
 public:
  LaneExchange(const Slabs& slabs, long offset);

  long width() const { return width_of(slabs_.communicator().rank()); }
  long first_lane() const { return first_lane(slabs_.communicator().rank()); }
  /// Rows of lanes, the last one with cells beyond the grid.
  long n_rows() const { return n_rows_; }
  long offset() const { return offset_; }

  /// What exchanges need on the way; kept from one to the next.
  struct Buffers {
    std::vector<double> sent;
    std::vector<double> received;
  };
  /// From the slab's cells to the lanes'; cells beyond the grid get 0. Collective.
  void to_lanes(std::span<const double> slab, std::vector<double>& lanes, Buffers& buffers) const;
  /// And back. Collective.
  void to_slab(std::span<const double> lanes, std::span<double> slab, Buffers& buffers) const;

 private:
  long first_lane(int rank) const;
  long width_of(int rank) const;
  /// Calls visit(first cell, number of cells) for the runs of cells in the slab of one rank and the lanes of another.
  template <class Visit>
  void for_runs(int slab_rank, int lane_rank, Visit&& visit) const;
  struct Blocks {
    std::vector<int> counts;
    std::vector<int> starts;
    long total = 0;
  };
  Blocks blocks(bool of_lanes) const;
  /// Every rank's block to every other; a rank's own stays where it is.
  void exchange(const Blocks& out, const Blocks& in, Buffers& buffers) const;

  Slabs slabs_;
  long offset_;
  long n_rows_;
  Blocks slab_blocks_;  ///< what this rank's slab exchanges with every other rank
  Blocks lane_blocks_;  ///< what this rank's lanes exchange with every other rank
};

}  // namespace driftwood::fp_solver
