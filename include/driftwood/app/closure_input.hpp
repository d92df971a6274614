#pragma once

#include <vector>

#include "driftwood/data/dataset.hpp"
#include "driftwood/ensemble/ensemble.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/sweep/point_config.hpp"

namespace driftwood::app {

/// The tracked weights of all replicas at one snapshot, the same on every rank of the group, diverged replicas left
/// out.
struct TrackedSnapshot {
  std::vector<long> replica;      ///< the n finite replicas, ascending
  std::vector<double> w;          ///< n x d
  std::vector<double> drift;      ///< n x d
  std::vector<double> diffusion;  ///< n x packed_size(d)

  long size() const { return static_cast<long>(replica.size()); }
};

/// The finite ones of a snapshot's replicas, of which the first has the number `first_replica`.
TrackedSnapshot tracked_part(const ensemble::Snapshot& snapshot, int dimension, long first_replica);

/// The tracked weights and their Kramers-Moyal coefficients at every snapshot, read when they are asked for: only one
/// snapshot at a time need be in memory. Not collective.
class TrackedHistory {
 public:
  /// Both must outlive it.
  TrackedHistory(const ensemble::EnsembleProblem& problem, const ensemble::EnsembleResult& ensemble)
      : problem_(problem), ensemble_(ensemble) {}

  std::size_t size() const { return ensemble_.n_snapshots(); }
  TrackedSnapshot operator[](std::size_t number) const;

 private:
  const ensemble::EnsembleProblem& problem_;
  const ensemble::EnsembleResult& ensemble_;
};

/// Mean over the (finite) replicas of every parameter, per snapshot. Collective.
std::vector<std::vector<double>> mean_parameters(const ensemble::EnsembleProblem& problem,
                                                 const ensemble::EnsembleResult& ensemble,
                                                 const mpi::Communicator& communicator);

/// What the closures draw on.
struct ClosureInput {
  const sweep::PointConfig& config;
  const ensemble::EnsembleProblem& problem;
  const data::Dataset& dataset;   ///< what the ensemble is trained on
  const data::Dataset& held_out;  ///< may be without samples
  const ensemble::EnsembleResult& ensemble;
  const TrackedHistory& tracked;
  const std::vector<std::vector<double>>& mean_parameters;
};

/// The constant untracked parameters of the closure `fixed`: the shared draw where all replicas have the same, else the
/// mean of the initial distribution. Entries of w hold the initial mean.
std::vector<double> fixed_parameters(const ensemble::EnsembleProblem& problem);

}  // namespace driftwood::app
