#pragma once

#include <vector>

#include "driftwood/app/closure_input.hpp"

namespace driftwood::app {

/// What explains the error of the closures, snapshot by snapshot.
struct EnsembleDiagnostics {
  /// snapshot x tracked weight x layer: the largest |correlation| over the replicas of the weight with a parameter of
  /// the layer that is not tracked (0 where nothing spreads): what `mean_trajectory`, `annealed` and `self_consistent`
  /// leave out.
  std::vector<double> layer_correlation;
  /// snapshot: root mean square over replicas of the O(eta) term of (2.4) in the drift of w, relative to that of the
  /// drift (2.1): the relative error of the drift without the term. The error that is left with it is of the square.
  std::vector<double> learning_rate_term;
};

/// Over the finite replicas; the learning rate's term over some 250 of them. Empty without closures, whose input it
/// needs; `learning_rate_term` is of plain SGD alone. Collective.
EnsembleDiagnostics diagnose(const ClosureInput& input, const mpi::Communicator& communicator);

}  // namespace driftwood::app
