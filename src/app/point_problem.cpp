#include "driftwood/app/point_problem.hpp"

#include <algorithm>
#include <cmath>

#include "driftwood/core/error.hpp"

namespace driftwood::app {

nn::Network make_network(const sweep::PointConfig& config) {
  nn::Network network;
  network.widths = config.network.widths;
  network.activation = config.network.activation == "linear" ? nn::Activation::linear : nn::Activation::tanh;
  network.biases = config.network.biases;
  return network;
}

nn::TrackedWeights make_tracked(const sweep::PointConfig& config, const nn::Network& network) {
  const int layer = config.network.tracked_layer;
  return nn::track_layer(network, layer > 0 ? layer : network.bottleneck_layer());
}

std::vector<std::uint32_t> snapshot_steps(const sweep::PointConfig::Training& training) {
  const double last = std::max(1.0, std::round(training.time / training.learning_rate));
  const int n = training.snapshots;
  std::vector<std::uint32_t> steps{0};
  for (int i = 1; i < n; ++i) {
    const double fraction = static_cast<double>(i) / (n - 1);
    const double step = training.snapshot_spacing == "log" ? std::pow(last + 1, fraction) - 1 : last * fraction;
    const auto rounded = static_cast<std::uint32_t>(std::llround(step));
    if (rounded > steps.back()) steps.push_back(rounded);
  }
  return steps;
}

namespace {

/// Mean and standard deviation of every parameter's initial draw.
ensemble::InitialWeights initial_weights(const sweep::PointConfig& config, const nn::Network& network,
                                         const nn::TrackedWeights& tracked) {
  const auto& options = config.initial;
  ensemble::InitialWeights initial;
  initial.mean.assign(network.n_parameters(), 0.0);
  initial.std.assign(network.n_parameters(), 0.0);
  initial.others_shared = options.others == "shared";
  const bool xavier = options.scaling == "xavier";
  for (int layer = 1; layer <= network.n_layers(); ++layer) {
    const int fan_in = network.widths[layer - 1];
    const int fan_out = network.widths[layer];
    const int first = network.weight_offset(layer);
    std::fill_n(initial.mean.begin() + first, fan_in * fan_out, xavier ? 0.0 : options.mean);
    std::fill_n(initial.std.begin() + first, fan_in * fan_out, xavier ? std::sqrt(2.0 / (fan_in + fan_out)) : options.std);
  }
  if (!xavier)
    for (int position : tracked.positions) {
      initial.mean[position] = options.tracked_mean;
      initial.std[position] = options.tracked_std;
    }
  return initial;
}

}  // namespace

ensemble::EnsembleProblem make_ensemble_problem(const sweep::PointConfig& config) {
  ensemble::EnsembleProblem problem;
  problem.network = make_network(config);
  problem.tracked = make_tracked(config, problem.network);
  const auto& training = config.training;
  problem.sgd.learning_rate = training.learning_rate;
  problem.sgd.batch_size = training.batch_size;
  problem.sgd.temperature = training.temperature;
  problem.sgd.weight_decay = training.weight_decay;
  problem.sgd.trained.assign(problem.network.n_parameters(), training.trained == "all" ? 1 : 0);
  for (int position : problem.tracked.positions) problem.sgd.trained[position] = 1;
  problem.modified_loss = config.closure.drift_correction == "modified_loss";
  problem.initial = initial_weights(config, problem.network, problem.tracked);
  problem.n_replicas = training.replicas;
  problem.snapshot_steps = snapshot_steps(training);
  problem.random = CounterRandom(config.seed, config.point_key);
  return problem;
}

fp::NormalDensity initial_density(const ensemble::EnsembleProblem& problem) {
  fp::NormalDensity density;
  for (int position : problem.tracked.positions) {
    density.mean.push_back(problem.initial.mean[position]);
    density.std.push_back(problem.initial.std[position]);
  }
  return density;
}

fp_solver::SolveOptions make_solve_options(const sweep::PointConfig::FokkerPlanck& options, int dimension) {
  static constexpr int default_cells[] = {0, 512, 128, 48, 32};
  fp_solver::SolveOptions solve;
  solve.cells.assign(dimension, options.cells > 0 ? options.cells : default_cells[dimension]);
  solve.frame = options.frame == "fixed"     ? fp_solver::FrameKind::fixed
                : options.frame == "shifted" ? fp_solver::FrameKind::shifted
                                             : fp_solver::FrameKind::diagonal;
  solve.z_max = options.z_max;
  solve.flux = options.flux == "chang_cooper" ? fp::FluxKind::chang_cooper : fp::FluxKind::limited;
  solve.time_scheme = options.time_scheme == "backward_euler" ? fp_solver::TimeScheme::backward_euler
                                                              : fp_solver::TimeScheme::modified_patankar;
  solve.tolerance = options.tolerance;
  solve.max_step = options.max_step;
  solve.max_wall_mass = options.max_wall_mass;
  solve.when_wall_is_reached =
      options.when_wall_is_reached == "fail" ? fp_solver::WallPolicy::fail : fp_solver::WallPolicy::widen;
  return solve;
}

bool others_are_constant(const sweep::PointConfig& config) {
  const bool same = config.initial.others == "shared" ||
                    (config.initial.scaling == "absolute" && config.initial.std == 0.0);
  return config.training.trained == "tracked" && same;
}

}  // namespace driftwood::app
