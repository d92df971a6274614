#pragma once

#include <functional>
#include <vector>

#include "driftwood/analysis/comparison.hpp"
#include "driftwood/app/solve_closure.hpp"

namespace driftwood::app {

/// Theory against experiment at every solved snapshot (equations.md section 6).
struct ClosureComparison {
  std::vector<analysis::WeightComparison> weights;  ///< snapshot
  std::vector<analysis::OutputComparison> outputs;  ///< snapshot
};

/// The data whose samples serve as inputs where outputs are compared: those held out, if there are any.
const data::Dataset& comparison_data(const ClosureInput& input);

/// Which of its samples: `n` of them, equally spaced in the data set's order.
std::vector<int> test_inputs(const data::Dataset& dataset, int n);

/// Compares every closure's densities (one a snapshot from the first on, fewer if its solve failed) with the ensemble,
/// snapshot by snapshot, on the same sampling floors. For the outputs, w is drawn from the density and the other
/// parameters are what the closure says (equations.md section 6). `progress` is told the fraction done. One entry a
/// closure. Collective.
std::vector<ClosureComparison> compare(const std::vector<ClosureSolution>& predictions, const ClosureInput& input,
                                       const mpi::Communicator& communicator,
                                       const std::function<void(double)>& progress = {});

}  // namespace driftwood::app
