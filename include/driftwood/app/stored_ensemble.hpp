#pragma once

#include <memory>

#include "driftwood/ensemble/ensemble.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/store/stored_point.hpp"

namespace driftwood::app {

/// The ensemble of a committed point as training left it, read from the point's file when it is asked for. Whole
/// networks are there only where training.snapshot_layers = 0 kept all their parameters (keeps_networks). Not
/// collective.
ensemble::EnsembleResult stored_ensemble(std::shared_ptr<const store::StoredPoint> stored,
                                         const ensemble::EnsembleProblem& problem, const mpi::Communicator& group);
bool keeps_networks(const store::StoredPoint& stored, const ensemble::EnsembleProblem& problem);

}  // namespace driftwood::app
