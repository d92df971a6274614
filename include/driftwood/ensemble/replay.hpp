#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "driftwood/ensemble/ensemble.hpp"

namespace driftwood::ensemble {

/// One replica of an ensemble, trained again.
struct ReplicaPath {
  std::vector<Snapshot> snapshots;           ///< with the kept parameters; NaN from the one on at which it has diverged
  std::optional<std::uint32_t> diverged_at;  ///< the step of that snapshot
  /// Where it diverged: the last step after which its parameters were within bounds.
  std::optional<std::uint32_t> last_sound_step;
};

/// Trains replica number `replica` alone: the same bits as in the ensemble. A replica that diverges is followed step by
/// step between the last snapshot at which it was sound and the next. Throws as train_ensemble does. Not collective.
ReplicaPath replay(const EnsembleProblem& problem, const data::Split& data, long replica);

}  // namespace driftwood::ensemble
