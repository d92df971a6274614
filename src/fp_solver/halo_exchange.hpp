#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/edge_rates.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/petsc/handles.hpp"

namespace driftwood::fp_solver {

/// Values of one rank's cells, seen by the ranks whose rates depend on them.
class HaloExchange {
 public:
  /// Collective.
  HaloExchange(const fp::Grid& grid, fp::CellRange owned, const mpi::Communicator& communicator);

  const fp::CellRange& range() const { return range_; }  ///< fp::with_halo(grid, owned)
  /// The values of range() from every rank's own. Collective.
  std::vector<double> extended(std::span<const double> owned_values) const;

 private:
  fp::CellRange range_;
  petsc::Vector owned_;
  petsc::Vector extended_;
  petsc::Scatter scatter_;
};

}  // namespace driftwood::fp_solver
