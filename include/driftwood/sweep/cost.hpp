#pragma once

#include <map>
#include <string>
#include <vector>

namespace driftwood::sweep {

/// The sizes that decide what a point costs.
struct Workload {
  long n_replicas = 0;
  double n_steps = 0;  ///< training steps
  double time = 0;     ///< t at the last of them: how long densities are solved for
  int batch_size = 0;
  int n_samples = 0;
  int n_snapshots = 0;
  std::vector<int> widths;
  int n_parameters = 0;
  int dimension = 0;                   ///< of the tracked weights
  std::vector<std::string> closures;   ///< empty: train only
  double cells = 0;                    ///< of the whole grid
  int nodes_per_axis = 0;              ///< of the closures' tables; 0: by closure and dimension
  bool constant_learning_rate = true;  ///< joint and fixed then have one table for all snapshots
  int averaged_replicas = 0;
  int test_inputs = 0;
  int splits = 0;
  int projections = 0;
  int bootstrap = 0;
  int permutations = 0;
  std::string variant;  ///< the words (optimiser, scheme, ...) that decide as well how long a step takes
};

/// What decides how long one step, one table, one comparison takes: work of one kind differs in the numbers of
/// replicas, steps and snapshots only. Without blanks.
std::string kind_of(const Workload& work);

/// What a point is expected to cost: seconds on its ranks, bytes over all its ranks, bytes of its file.
struct PointCost {
  double replica_steps = 0;
  double training_seconds = 0;  ///< with drift and diffusion at the snapshots
  double solve_seconds = 0;     ///< with the closures' tables
  double compare_seconds = 0;
  double commit_seconds = 0;  ///< writing and verifying the file: one rank's work
  double memory_bytes = 0;
  double disk_bytes = 0;

  double seconds() const { return training_seconds + solve_seconds + compare_seconds + commit_seconds; }
};

/// Nodes per axis of a closure's table where closure.nodes = 0: a network is evaluated at every node, over the data,
/// once (joint, fixed) or again for snapshots and replicas; a regression costs little.
int table_nodes(const std::string& closure, int dimension);

/// Replicas that `annealed` averages over: as wanted, or, where that is 0, about as many in all nodes in any dimension.
int averaged_replicas(int wanted, int dimension);

/// Seconds that a machine takes for each stage of a point, relative to the nominal ones.
struct StageRates {
  double training = 1;
  double solve = 1;
  double compare = 1;
  double commit = 1;
};

/// How long a machine takes for a sweep's work.
struct MachineRates {
  StageRates overall;                       ///< for kinds that were not measured
  std::map<std::string, StageRates> kinds;  ///< measured, by kind_of

  const StageRates& of(const Workload& work) const;
};

/// An allowance for what a group waits for at each point: status lines and files that are synchronised
/// (share/doc/scaling.md).
inline constexpr double seconds_per_point = 0.02;

/// Predicts a point's cost on `n_ranks` cores from nominal rates (cost.cpp names them and where they come from), times
/// those of the machine. With nominal rates training and comparison are good to about a factor of two on a machine like
/// the one they were measured on; the solve is a rougher estimate.
PointCost predict_cost(const Workload& work, int n_ranks, const MachineRates& rates = {});

}  // namespace driftwood::sweep
