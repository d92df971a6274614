#include "driftwood/sweep/cost.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace driftwood::sweep {

namespace {

// Nominal rates of one core (Zen 4 with AVX-512, double precision), in seconds.
// Training, fitted to measurements of 4-1-1-4, 4-2-1-4 and 64-16-2-2-16-64: both passes of one sample.
constexpr double per_sample = 2.5e-9;        // gathering and random numbers
constexpr double per_connection = 0.123e-9;  // 6 operations
constexpr double per_hidden_unit = 0.9e-9;   // activation
// A sample's part in exact drift and diffusion, relative to its part in training; measured 0.63 to 0.89.
constexpr double coefficients_per_training = 0.8;
// Conditional closure: local regression at one node of the table; measured with 10^4 replicas, 100 neighbours.
constexpr double per_regression_node = 14.5e-6;
// One node in one bootstrap sample, with the same 100 neighbours; measured.
constexpr double per_band_sample = 3e-6;
// Solve: one time step, and one cell in it, with assembly and iterations; steps in a unit of time. Measured on the iris
// studies; how many steps a problem takes differs by far more than a factor of two.
constexpr double per_step = 60e-6;
constexpr double per_cell_step = 400e-9;
constexpr double steps_per_time = 100;
// Comparison of one scalar of one replica: of the experiment, once, and its part in one split; of every theory.
// Measured.
constexpr double per_reference_value = 55e-9;
constexpr double per_split_value = 0.4e-9;
constexpr double per_theory_value = 45e-9;
// One scalar of one replica in one bootstrap sample, and (of two replicas, in two directions an input) in one
// permutation.
constexpr double per_bootstrap_value = 0.5e-9;
constexpr double per_permutation_value = 0.8e-9;
// A file: making, closing, reading again, what a closure adds to it, and each of its bytes, shortened and verified.
// Measured with 200 points of 100 replicas.
constexpr double per_file = 12e-3;
constexpr double per_closure_in_file = 15e-3;
constexpr double per_file_byte = 30e-9;
// Values that deflate cannot shorten: what is left of them in a file.
constexpr double compressed = 0.9;

double sample_seconds(const Workload& work) {
  double connections = 0;
  double hidden = 0;
  for (std::size_t l = 1; l < work.widths.size(); ++l) {
    connections += static_cast<double>(work.widths[l - 1]) * work.widths[l];
    if (l + 1 < work.widths.size()) hidden += work.widths[l];
  }
  return per_sample + per_connection * connections + per_hidden_unit * hidden;
}

double n_table_nodes(const Workload& work, const std::string& closure) {
  int per_axis = work.nodes_per_axis;
  if (per_axis == 0) per_axis = table_nodes(closure, work.dimension);
  return std::pow(per_axis, work.dimension);
}

bool is_one_network(const std::string& closure) {
  return closure == "fixed" || closure == "joint";
}

/// Making a closure's tables of coefficients.
double table_seconds(const Workload& work, const std::string& closure) {
  const int n_tables = is_one_network(closure) && work.constant_learning_rate ? 1 : work.n_snapshots;
  const double n_nodes = n_table_nodes(work, closure);
  if (closure == "conditional") {
    // Every second node along each axis has bands; a polynomial's cost little.
    const double with_bands = work.dimension <= 2 ? n_nodes / (1 << work.dimension) : 0;
    return n_tables * (n_nodes * per_regression_node + with_bands * work.bootstrap * per_band_sample);
  }
  const double n_vectors = closure == "annealed"
                               ? std::min<double>(averaged_replicas(work.averaged_replicas, work.dimension),
                                                  static_cast<double>(work.n_replicas))
                               : 1;
  return n_tables * n_nodes * n_vectors * work.n_samples * coefficients_per_training * sample_seconds(work);
}

/// Comparing one snapshot of all closures.
double snapshot_comparison_seconds(const Workload& work) {
  if (work.closures.empty()) return 0;
  const double per_value = per_reference_value + work.splits * per_split_value +
                           static_cast<double>(work.closures.size()) * per_theory_value;
  const double n_outputs = static_cast<double>(work.test_inputs) * (work.widths.back() + work.projections);
  const double resampled =
      static_cast<double>(work.closures.size()) *
      (static_cast<double>(work.test_inputs + 1) * work.projections * work.bootstrap * per_bootstrap_value +
       static_cast<double>(work.test_inputs + 1) * 2 * work.permutations * per_permutation_value);
  return static_cast<double>(work.n_replicas) * ((n_outputs + work.dimension) * per_value + resampled);
}

/// Numbers kept of one replica at one snapshot: weights, loss, drift, diffusion.
double kept_numbers(const Workload& work) {
  const int d = work.dimension;
  return 2.0 * d + 1 + d * (d + 1) / 2.0;
}

}  // namespace

int table_nodes(const std::string& closure, int dimension) {
  constexpr std::array regression{257, 65, 21, 11};
  constexpr std::array one_network{65, 33, 17, 13};
  constexpr std::array many_networks{65, 25, 13, 9};
  if (closure == "conditional") return regression.at(dimension - 1);
  return (is_one_network(closure) ? one_network : many_networks).at(dimension - 1);
}

int averaged_replicas(int wanted, int dimension) {
  constexpr std::array by_dimension{2000, 2000, 200, 50};
  return wanted > 0 ? wanted : by_dimension.at(dimension - 1);
}

std::string kind_of(const Workload& work) {
  std::string kind;
  for (const int width : work.widths) kind += std::to_string(width) + '-';
  for (const int size : {work.batch_size, work.n_samples, work.dimension, work.nodes_per_axis, work.averaged_replicas,
                         work.test_inputs, work.splits, work.projections, work.bootstrap, work.permutations})
    kind += ':' + std::to_string(size);
  kind += ':' + std::to_string(static_cast<long long>(work.cells)) + ':' + work.variant;
  for (const std::string& closure : work.closures) kind += ',' + closure;
  return kind;
}

const StageRates& MachineRates::of(const Workload& work) const {
  if (kinds.empty()) return overall;
  const auto found = kinds.find(kind_of(work));
  return found == kinds.end() ? overall : found->second;
}

PointCost predict_cost(const Workload& work, int n_ranks, const MachineRates& rates) {
  const double sample = sample_seconds(work);
  const auto replicas = static_cast<double>(work.n_replicas);
  PointCost cost;
  cost.replica_steps = replicas * work.n_steps;
  cost.training_seconds = (cost.replica_steps * work.batch_size +
                           replicas * work.n_snapshots * work.n_samples * coefficients_per_training) *
                          sample / n_ranks;
  for (const std::string& closure : work.closures) {
    cost.solve_seconds += table_seconds(work, closure) / n_ranks +
                          work.time * steps_per_time * (per_step + work.cells * per_cell_step / n_ranks);
  }
  cost.compare_seconds = work.n_snapshots * snapshot_comparison_seconds(work) / n_ranks;
  const auto n_closures = static_cast<double>(work.closures.size());
  const double kept = replicas * work.n_snapshots * kept_numbers(work);
  // Every rank holds all replicas' tracked weights and the densities; the parameters are shared out.
  cost.memory_bytes = 8 * (replicas * work.n_snapshots * work.n_parameters +
                           n_ranks * (2 * kept + work.n_snapshots * work.cells * (n_closures > 0 ? 2 : 0)));
  cost.disk_bytes = 8 * compressed * (kept + n_closures * work.n_snapshots * work.cells);
  cost.commit_seconds = per_file + n_closures * per_closure_in_file + per_file_byte * cost.disk_bytes;
  const StageRates& rate = rates.of(work);
  cost.training_seconds *= rate.training;
  cost.solve_seconds *= rate.solve;
  cost.compare_seconds *= rate.compare;
  cost.commit_seconds *= rate.commit;
  return cost;
}

}  // namespace driftwood::sweep
