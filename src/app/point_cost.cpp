#include "driftwood/app/point_cost.hpp"

#include <algorithm>
#include <map>

#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/point_problem.hpp"

namespace driftwood::app {

namespace {

/// The words that decide how long a step of training or of a solve takes.
std::string variant_of(const sweep::PointConfig& config) {
  const sweep::PointConfig::Training& training = config.training;
  std::string words;
  for (const std::string& word :
       {config.network.activation, training.optimiser, training.precision, training.sampling, training.minibatches,
        training.trained, config.closure.regression, config.fokker_planck.time_scheme, config.fokker_planck.flux,
        config.fokker_planck.frame})
    words += word + '.';
  for (const bool is_on : {config.network.biases, config.network.tied_decoder, training.temperature > 0})
    words += is_on ? '1' : '0';
  const sweep::PointConfig::Closure& closure = config.closure;
  for (const int number : {closure.neighbours, closure.degree, closure.quenched_paths, closure.layer_samples})
    words += '.' + std::to_string(number);
  return words;
}

}  // namespace

sweep::Workload workload_of(const sweep::PointConfig& config, int n_samples) {
  const nn::Network network = make_network(config);
  const std::vector<std::uint32_t> steps = snapshot_steps(config.training);
  sweep::Workload work;
  work.n_replicas = config.training.replicas;
  work.n_steps = steps.back();
  work.time = config.training.time;
  work.batch_size = config.training.sampling == "full_batch" ? n_samples : config.training.batch_size;
  work.n_samples = n_samples;
  work.n_snapshots = static_cast<int>(steps.size());
  work.widths = network.widths;
  work.n_parameters = network.n_parameters();
  work.dimension = make_tracked(config, network).dimension();
  work.closures = config.closure.names;
  work.cells = 1;
  for (const int cells : make_solve_options(config.fokker_planck, work.dimension).cells) work.cells *= cells;
  work.nodes_per_axis = config.closure.nodes;
  work.constant_learning_rate = config.training.schedule == "constant";
  work.averaged_replicas = config.closure.averaged_replicas;
  work.test_inputs = std::min(config.comparison.test_inputs, n_samples);
  work.splits = config.comparison.splits;
  work.projections = config.comparison.projections;
  work.bootstrap = config.comparison.bootstrap;
  work.permutations = config.comparison.permutations;
  work.variant = variant_of(config);
  return work;
}

std::vector<sweep::Workload> workloads_of(const std::vector<sweep::SweepPoint>& points) {
  std::map<std::string, int> n_samples;  // of every data set
  std::vector<sweep::Workload> workloads;
  for (const sweep::SweepPoint& point : points) {
    const std::string key = dataset_key(point.config.data);
    if (n_samples.count(key) == 0) n_samples[key] = load_dataset(point.config.data).train.n_samples;
    workloads.push_back(workload_of(point.config, n_samples[key]));
  }
  return workloads;
}

}  // namespace driftwood::app
