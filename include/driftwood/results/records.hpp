#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "driftwood/analysis/comparison.hpp"
#include "driftwood/fp/conditional.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/sweep/point_config.hpp"

namespace driftwood::results {

/// An array along the snapshots, given one snapshot at a time when it is asked for, so that it need not be in memory as
/// a whole. Empty: not there.
using PerSnapshot = std::function<std::vector<double>(std::size_t snapshot)>;

/// Per snapshot summary and raw data of a trained ensemble: what the point's file keeps of it.
struct EnsembleRecord {
  std::vector<std::string> tracked_names;  ///< d names, e.g. W2[1,1]
  long n_replicas = 0;
  std::vector<std::uint32_t> steps;  ///< n_snapshots
  std::vector<double> times;         ///< n_snapshots, t = eta * step
  PerSnapshot w;                     ///< replica x d; NaN from the snapshot on at which a replica diverged
  PerSnapshot loss;                  ///< replica
  PerSnapshot test_loss;             ///< replica, over the samples held out
  long n_train_samples = 0;
  long n_test_samples = 0;
  PerSnapshot drift;                         ///< replica x d
  PerSnapshot diffusion;                     ///< replica x packed_size(d)
  std::vector<std::string> parameter_names;  ///< of the listed layers
  PerSnapshot parameters;                    ///< replica x parameter_names
  std::vector<std::string> balance_names;    ///< invariants of a linear network (nn/balance.hpp); none for others
  std::vector<double> balance;               ///< snapshot x invariant, mean over the finite replicas
  std::vector<double> balance_change;  ///< snapshot: root mean square over the replicas of the distance to the first
  std::vector<long> diverged_replica;  ///< replicas that diverged
  std::vector<std::uint32_t> diverged_step;
  std::vector<double> layer_correlation;   ///< snapshot x d x layer (app/diagnostics.hpp); none without closures
  std::vector<double> learning_rate_term;  ///< snapshot; of plain SGD
  double seconds = 0;
  double replica_steps_per_second = 0;
};

/// What the closure `conditional` rests on at one snapshot.
struct ConditionalSnapshot {
  fp::ConditionalNodes nodes;
  int neighbours = 0;    ///< 0: polynomial
  int drift_degree = 0;  ///< 0: local
  int diffusion_degree = 0;
  std::vector<double> explained;  ///< d
  double mass_beyond = 0;         ///< probability where coefficients were continued; NaN where there is no density
};

/// One closure's solve and comparison.
struct ClosureRecord {
  std::string name;
  std::string training_data_used;
  bool exact = false;  ///< the closure's definition holds exactly for this point (fixed with only w trained)
  std::string status;  ///< ok, or why the solve failed
  std::string message;
  std::vector<fp::Density> densities;               ///< per snapshot; fewer than snapshots if the solve failed
  std::vector<double> anomalous_dimension;          ///< snapshot x d
  std::vector<long> path_replica;                   ///< quenched: the replicas whose paths were solved
  std::vector<std::vector<double>> density_spread;  ///< quenched: per snapshot, among the paths, cell by cell
  std::vector<std::string> layer_parameters;        ///< self_consistent: names of the other layers' parameters
  std::vector<double> layer_mean;                   ///< snapshot x layer_parameters, of their solved law
  std::vector<double> layer_std;                    ///< the same
  std::vector<analysis::WeightComparison> weights;  ///< per snapshot
  std::vector<analysis::OutputComparison> outputs;  ///< per snapshot
  std::vector<ConditionalSnapshot> conditional;     ///< per snapshot; empty for other closures
  long n_steps = 0;
  long n_rejected = 0;
  long n_remaps = 0;
  long n_linear_iterations = 0;
  double max_cell_peclet = 0;
  double max_added_diffusion = 0;
  double max_mass_error = 0;
  double min_density = 0;
  double time_step_error = 0;
  double max_wall_mass = 0;
  double seconds = 0;
};

/// Where and how a file was made.
struct Provenance {
  std::vector<std::pair<std::string, std::string>> entries;  ///< attribute name, value
};

/// One sweep point, complete.
struct PointRecord {
  sweep::SweepPoint point;
  std::string status;  ///< done | failed
  std::string message;
  EnsembleRecord ensemble;
  std::vector<ClosureRecord> closures;
  Provenance provenance;
  double seconds = 0;
};

}  // namespace driftwood::results
