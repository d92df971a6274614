#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/edge_coefficients.hpp"
#include "driftwood/mpi/communicator.hpp"

namespace driftwood::fp_solver {

/// How the ranks share a grid of any dimension: whole layers across axis 0, in rank order. Ranks beyond the number of
/// layers hold nothing.
class Slabs {
 public:
  Slabs(const fp::Grid& grid, const mpi::Communicator& communicator);

  const mpi::Communicator& communicator() const { return *communicator_; }
  fp::CellRange owned() const { return of(communicator_->rank()); }
  fp::CellRange of(int rank) const;
  long layer_cells() const { return layer_cells_; }
  long n_cells() const { return n_layers_ * layer_cells_; }

  /// The sum over all layers, from row[layer] = `row_of(cells of the layer)` of `width` values of every layer of this
  /// rank: in the layers' order, so that it has the same bits on any number of ranks. Collective.
  template <class RowOf>
  std::vector<double> sum_over_layers(std::size_t width, RowOf&& row_of) const {
    std::vector<double> rows;
    const fp::CellRange range = owned();
    for (long first = range.first; first < range.last(); first += layer_cells_) {
      const std::vector<double> row = row_of(fp::CellRange{first, layer_cells_});
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return summed(rows, width);
  }

  /// The same from rows of all layers of this rank, one after another. Collective.
  std::vector<double> summed(std::span<const double> rows, std::size_t width) const;

 private:
  const mpi::Communicator* communicator_;
  long n_layers_;
  long layer_cells_;
};

}  // namespace driftwood::fp_solver
