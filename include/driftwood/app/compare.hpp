#pragma once

#include <vector>

#include "driftwood/analysis/comparison.hpp"
#include "driftwood/app/close.hpp"
#include "driftwood/fp/density.hpp"

namespace driftwood::app {

/// Theory against experiment at every solved snapshot (equations.md section 6).
struct ClosureComparison {
  std::vector<std::vector<analysis::CoordinateComparison>> weights;  ///< snapshot x coordinate
  std::vector<analysis::OutputComparison> outputs;                   ///< snapshot
};

/// The samples of the data set at which outputs are compared: `n` of them, equally spaced in the data set's order.
std::vector<int> test_inputs(const data::Dataset& dataset, int n);

/// Compares the solved densities (one a snapshot, from the first on) with the ensemble. For the outputs, w is drawn from
/// the density and the other parameters are what the closure says: `fixed`, `mean_trajectory` the one vector; `annealed`
/// those of a replica independent of w; `conditional` those of the replica whose w is nearest. Collective.
ClosureComparison compare(fp::ClosureKind kind, const ClosureInput& input, const std::vector<fp::Density>& densities,
                          const mpi::Communicator& communicator);

}  // namespace driftwood::app
