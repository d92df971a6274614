#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "driftwood/core/random.hpp"
#include "driftwood/data/split.hpp"
#include "driftwood/ensemble/keeper.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/nn/network.hpp"
#include "driftwood/nn/training.hpp"

namespace driftwood::ensemble {

/// How the replicas start: independent normal draws per parameter (standard deviation 0: the mean itself), or
/// orthogonal matrices. Tied copies follow their masters. Shared parameters are the same in every replica: the draw of
/// replica number 2^64 - 1, which no ensemble reaches.
struct InitialWeights {
  std::vector<double> mean;       ///< one a parameter
  std::vector<double> std;        ///< one a parameter
  bool others_shared = false;     ///< all untracked parameters are shared
  std::vector<char> shared = {};  ///< one flag a parameter: these are too; empty: none
  /// Draws what is shared; none: the ensemble's own stream, which other points do not have.
  std::optional<CounterRandom> shared_random = {};
  /// Given instead of drawn: one row for all replicas, or one each; shared by all problems that start from them.
  std::shared_ptr<const std::vector<double>> given = {};
  bool orthogonal = false;  ///< every matrix uniform among those with orthonormal rows (or columns)
};

/// Everything that defines an ensemble.
struct EnsembleProblem {
  nn::Network network;
  nn::TrackedWeights tracked;
  nn::SgdOptions sgd;
  bool modified_loss = false;  ///< drift with the O(eta) term (2.4)
  InitialWeights initial;
  long n_replicas = 0;
  std::vector<std::uint32_t> snapshot_steps;  ///< ascending; the first is usually 0
  /// Positions of the parameters that snapshots keep; none: all.
  std::optional<std::vector<int>> kept_parameters = {};
  CounterRandom random{1, 0};
};

/// A replica that stopped being finite: a parameter beyond 1e100, or a loss, drift or diffusion that overflows. It is
/// set aside, the others go on.
struct Divergence {
  long replica;
  std::uint32_t step;  ///< the snapshot at which it was first seen
};

/// An ensemble, distributed: this rank holds replicas [first_replica, first_replica + n_local). Diverged replicas keep
/// their rows (every value NaN, from that snapshot on) so that indices stay; `diverged` (the same on every rank) lists
/// them in order.
struct EnsembleResult {
  long n_replicas = 0;
  long first_replica = 0;
  long n_local = 0;
  bool complete = true;                ///< false: stopped on request before the end; there are no results
  std::uint32_t first_step = 0;        ///< where this process began: > 0 after a restart
  std::vector<std::uint32_t> steps;    ///< of the snapshots
  std::vector<double> times;           ///< of the snapshots
  std::shared_ptr<const Keeper> kept;  ///< has the snapshots
  std::vector<Divergence> diverged;
  double seconds = 0;  ///< wall time of the slowest rank, in this process

  std::size_t n_snapshots() const { return steps.size(); }
  /// This rank's replicas at snapshot `number`, with their kept parameters. Read from where they are kept. Not
  /// collective.
  Snapshot snapshot(std::size_t number) const;
  /// All ranks' replicas, where asked for with their kept parameters; needs a keeper that can read them. Not
  /// collective.
  Snapshot all_replicas(std::size_t number, bool with_parameters = false) const;
};

/// Called on root now and then with the fraction done, 0..1.
using Progress = std::function<void(double)>;

/// The starting parameters of replicas [first, first + count), count x n_parameters: draw number i of step 0 for
/// parameter i. Throws InternalError unless there are one mean and one standard deviation a parameter. Not collective.
std::vector<double> initial_parameters(const EnsembleProblem& problem, long first, long count);

/// What a training may be given besides its problem.
struct TrainingHooks {
  Progress progress = {};
  std::shared_ptr<Keeper> keeper = {};        ///< none: snapshots stay in memory
  std::function<bool()> stop_requested = {};  ///< asked every few seconds on every rank
  double checkpoint_seconds = 0;              ///< time between two saves; 0: only where the training is stopped
};

/// Trains the ensemble on `data.train`, the ranks of `communicator` sharing the replicas. Replica values do not depend
/// on the number of ranks, nor on where the training was interrupted. Throws, on every rank, ConfigError's or
/// InternalError's exit code when the data do not fit the network or the problem's parts do not fit each other.
/// Collective.
EnsembleResult train_ensemble(const EnsembleProblem& problem, const data::Split& data,
                              const mpi::Communicator& communicator, const TrainingHooks& hooks = {});

}  // namespace driftwood::ensemble
