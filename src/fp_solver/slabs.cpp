#include "slabs.hpp"

namespace driftwood::fp_solver {

Slabs::Slabs(const fp::Grid& grid, const mpi::Communicator& communicator)
    : communicator_(&communicator), n_layers_(grid.cells[0]), layer_cells_(fp::strides(grid)[0]) {}

fp::CellRange Slabs::of(int rank) const {
  const mpi::Share share = mpi::share_of(n_layers_, rank, communicator_->size());
  return {share.first * layer_cells_, share.count * layer_cells_};
}

std::vector<double> Slabs::summed(std::span<const double> rows, std::size_t width) const {
  const std::vector<double> all = communicator_->all_gather(rows);
  std::vector<double> sum(width, 0.0);
  for (std::size_t at = 0; at < all.size(); at += width)
    for (std::size_t i = 0; i < width; ++i) sum[i] += all[at + i];
  return sum;
}

}  // namespace driftwood::fp_solver
