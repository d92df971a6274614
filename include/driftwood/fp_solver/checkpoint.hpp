#pragma once

#include <functional>
#include <memory>
#include <vector>

namespace driftwood::fp_solver {

/// Keeps what a solve has reached where it outlives the process. The numbers are the solve's own; they do not depend on
/// the number of ranks.
class SolveKeeper {
 public:
  virtual ~SolveKeeper() = default;
  /// What was saved last, on every rank; nothing: the solve starts from the beginning. Collective.
  virtual std::vector<double> load() = 0;
  /// `numbers` are the same on every rank. Collective.
  virtual void save(const std::vector<double>& numbers) = 0;
};

/// What a solve may be given besides its problem.
struct SolveHooks {
  std::shared_ptr<SolveKeeper> keeper = {};
  /// Asked after every step on every rank. Where one says yes the solve is saved and ends with SolveStatus::stopped.
  std::function<bool()> stop_requested = {};
  double checkpoint_seconds = 0;  ///< time between two saves; 0: only where the solve is stopped
};

}  // namespace driftwood::fp_solver
