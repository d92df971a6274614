#pragma once

#include <vector>

#include "driftwood/ensemble/ensemble.hpp"

namespace driftwood::ensemble {

/// This rank's replicas on their way through the training. Not collective.
class LocalEnsemble {
 public:
  /// `problem` and `data` must outlive it.
  LocalEnsemble(const EnsembleProblem& problem, const data::Split& data, mpi::Share share);

  TrainingShape shape() const;

  /// Trains the sound replicas.
  void train(std::uint32_t first_step, std::uint32_t n_steps);
  /// The replicas as they are now. Those that are no longer sound are listed and become NaN, parameters and
  /// coefficients.
  Snapshot snapshot(std::size_t number);

  TrainingState state(std::uint32_t step) const;
  void restore(const TrainingState& state);

  /// Whether every parameter of every local replica is finite and below what counts as diverged.
  bool is_bounded() const;

  /// Replicas that were set aside, in no order.
  std::vector<Divergence> diverged() const;

 private:
  nn::KramersMoyal coefficients(std::uint32_t step) const;
  bool is_sound(long r, const nn::KramersMoyal& coefficients) const;
  void blank(long r, Snapshot& snapshot);
  std::vector<double> columns(const std::vector<int>& positions) const;
  bool has_balance() const;
  long n_state() const;

  const EnsembleProblem& problem_;
  const data::Split& data_;
  mpi::Share share_;
  nn::SgdTrainer trainer_;
  std::vector<double> parameters_;
  std::vector<double> state_;        ///< what the optimiser keeps
  std::vector<char> set_aside_;      ///< one flag a local replica
  std::vector<double> diverged_at_;  ///< the step, -1 where sound
  std::vector<double> times_;        ///< of the snapshots
};

}  // namespace driftwood::ensemble
