#pragma once

#include <vector>

#include "driftwood/ensemble/ensemble.hpp"

namespace driftwood::ensemble::test {

/// This rank's replicas at all snapshots.
inline std::vector<Snapshot> snapshots_of(const EnsembleResult& result) {
  std::vector<Snapshot> snapshots;
  for (std::size_t k = 0; k < result.n_snapshots(); ++k) snapshots.push_back(result.snapshot(k));
  return snapshots;
}

}  // namespace driftwood::ensemble::test
