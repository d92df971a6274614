#pragma once

#include <string>
#include <vector>

namespace driftwood::sweep {

/// The sizes that decide what a point costs.
struct Workload {
  long n_replicas = 0;
  double n_steps = 0;  ///< training steps
  int batch_size = 0;
  int n_samples = 0;
  int n_snapshots = 0;
  std::vector<int> widths;
  int n_parameters = 0;
  int dimension = 0;                  ///< of the tracked weights
  std::vector<std::string> closures;  ///< empty: train only
  double cells = 0;                   ///< of the whole grid
  int nodes_per_axis = 0;             ///< of the closures' tables; 0: by dimension
  int averaged_replicas = 0;
  int test_inputs = 0;
  int splits = 0;
  int projections = 0;
  int bootstrap = 0;
  int permutations = 0;
};

/// What a point is expected to cost: seconds on its ranks, bytes over all its ranks, bytes of its file.
struct PointCost {
  double replica_steps = 0;
  double training_seconds = 0;  ///< with drift and diffusion at the snapshots
  double solve_seconds = 0;     ///< with the closures' tables
  double compare_seconds = 0;
  double memory_bytes = 0;
  double disk_bytes = 0;

  double seconds() const { return training_seconds + solve_seconds + compare_seconds; }
};

/// Nodes per axis of a closure's table where closure.nodes = 0: a network is evaluated at every node, over data and
/// replicas; a regression costs little.
int table_nodes(bool is_regression, int dimension);

/// Replicas that `annealed` averages over: as wanted, or, where that is 0, about as many in all nodes in any dimension.
int averaged_replicas(int wanted, int dimension);

/// How long this machine takes for a sweep's work, relative to the nominal rates.
struct MachineRates {
  double training = 1;
  double theory = 1;  ///< closures, solves and comparison
};

/// An allowance for what comes between two points of a group: status lines, synchronised files (share/doc/scaling.md).
inline constexpr double seconds_per_point = 0.02;

/// Predicts a point's cost on `n_ranks` cores from nominal rates (cost.cpp names them and where they come from), times
/// those of the machine. With nominal rates training and comparison are good to about a factor of two on a machine like
/// the one they were measured on; the solve is a rougher estimate.
PointCost predict_cost(const Workload& work, int n_ranks, const MachineRates& rates = {});

}  // namespace driftwood::sweep
