#pragma once

#include <functional>
#include <vector>

#include "driftwood/analysis/comparison.hpp"
#include "driftwood/app/close.hpp"
#include "driftwood/fp/density.hpp"

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

/// What a closure predicts: its solved densities, one a snapshot from the first on (fewer if the solve failed).
struct Prediction {
  fp::ClosureKind kind;
  const std::vector<fp::Density>* densities;
};

/// Compares every prediction with the ensemble, snapshot by snapshot, on the same sampling floors. For the outputs, w is
/// drawn from the density and the other parameters are what the closure says: `fixed`, `mean_trajectory` the one vector;
/// `annealed` those of a replica independent of w; `conditional` those of the replica whose w is nearest. `progress` is
/// told the fraction done. One entry a prediction. Collective.
std::vector<ClosureComparison> compare(const std::vector<Prediction>& predictions, const ClosureInput& input,
                                       const mpi::Communicator& communicator,
                                       const std::function<void(double)>& progress = {});

}  // namespace driftwood::app
