#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "driftwood/mpi/communicator.hpp"
#include "driftwood/nn/training.hpp"

namespace driftwood::ensemble {

/// Some replicas at one snapshot, one row each.
struct Snapshot {
  std::uint32_t step = 0;
  double time = 0;                 ///< t as the training's time axis has it
  std::vector<double> tracked;     ///< n x d: the tracked weights
  nn::KramersMoyal coefficients;   ///< loss, drift and diffusion of the tracked weights
  std::vector<double> test_loss;   ///< n, over the samples held out; empty where there are none
  std::vector<double> balance;     ///< n x n_balance: a linear network's invariants (nn/balance.hpp)
  std::vector<double> parameters;  ///< n x the kept parameters; empty where they were not asked for
};

/// The numbers that a training has of every replica, and who holds which.
struct TrainingShape {
  long n_replicas = 0;
  mpi::Share share = {0, 0};  ///< this rank's replicas
  std::vector<std::uint32_t> snapshot_steps;
  long n_state = 0;  ///< numbers a row of TrainingState
  long n_kept = 0;   ///< parameters a replica in a snapshot
  int dimension = 0;
  bool has_test = false;
  int n_balance = 0;  ///< invariants; 0 where there are none
};

/// This rank's replicas between two steps: all that the training needs to go on, because draws are counter-based. A row
/// has the parameters, what the optimiser keeps, and the step at which the replica was set aside (-1: it was not).
struct TrainingState {
  std::uint32_t step = 0;
  std::vector<double> rows;  ///< n_local x n_state
};

/// Where a training puts what need not stay in memory (its snapshots) or must outlive the process (its state).
class Keeper {
 public:
  virtual ~Keeper() = default;

  /// Before all else. Returns the state to go on from, with all snapshots of earlier steps kept; none: start at step 0.
  /// Collective.
  virtual std::optional<TrainingState> open(const TrainingShape& shape) = 0;
  /// Keeps the state and all that was put. Collective.
  virtual void save(const TrainingState& state) = 0;
  /// After the last snapshot: from now on all of it can be read. Collective.
  virtual void finish() = 0;

  /// Keeps this rank's replicas at snapshot `number`. Not collective.
  virtual void put(std::size_t number, const Snapshot& snapshot) = 0;
  /// Replicas at snapshot `number`, without time and step; `with_parameters`: their kept parameters too. Not
  /// collective.
  virtual Snapshot get(std::size_t number, mpi::Share replicas, bool with_parameters) const = 0;
};

/// Keeps this rank's snapshots in memory and nothing else: for trainings without a directory. Other ranks' replicas
/// cannot be read.
std::shared_ptr<Keeper> memory_keeper();

/// A snapshot's observables as rows: tracked weights, loss, test loss (if any), drift, diffusion, invariants. And
/// back.
std::vector<double> observables(const TrainingShape& shape, const Snapshot& snapshot);
Snapshot snapshot_of_observables(const TrainingShape& shape, const std::vector<double>& rows);
long n_observables(const TrainingShape& shape);

}  // namespace driftwood::ensemble
