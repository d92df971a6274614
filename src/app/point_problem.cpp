#include "driftwood/app/point_problem.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>

#include "driftwood/core/error.hpp"

namespace driftwood::app {

namespace {

/// The value that belongs to a word. The options' choices and these tables must agree.
template <class Value>
Value value_of(const std::string& word, std::initializer_list<std::pair<const char*, Value>> table) {
  for (const auto& [name, value] : table)
    if (word == name) return value;
  throw InternalError("the word '" + word + "' has no meaning here");
}

}  // namespace

nn::Network make_network(const sweep::PointConfig& config) {
  nn::Network network;
  network.widths = config.network.widths;
  network.activation = value_of<nn::Activation>(config.network.activation, {{"tanh", nn::Activation::tanh},
                                                                            {"linear", nn::Activation::linear},
                                                                            {"relu", nn::Activation::relu},
                                                                            {"gelu", nn::Activation::gelu},
                                                                            {"sigmoid", nn::Activation::sigmoid}});
  network.biases = config.network.biases;
  network.tied = config.network.tied_decoder;
  return network;
}

nn::TrackedWeights make_tracked(const sweep::PointConfig& config, const nn::Network& network) {
  if (!config.network.tracked_weights.empty()) return nn::track_listed(network, config.network.tracked_weights);
  const int layer = config.network.tracked_layer;
  return nn::track_layer(network, layer > 0 ? layer : network.bottleneck_layer());
}

nn::TrackedWeights make_listed(const sweep::PointConfig& config, const nn::Network& network) {
  std::vector<int> layers = config.training.snapshot_layers;
  if (layers == std::vector<int>{0}) {
    layers.clear();
    for (int layer = 1; layer <= network.n_layers(); ++layer) layers.push_back(layer);
  }
  return nn::layer_parameters(network, layers);
}

nn::TimeAxis time_axis(const sweep::PointConfig::Training& training) {
  using Kind = nn::Schedule::Kind;
  const Kind kind = value_of<Kind>(training.schedule, {{"constant", Kind::constant},
                                                       {"step", Kind::step},
                                                       {"cosine", Kind::cosine},
                                                       {"inverse_time", Kind::inverse_time}});
  return {.learning_rate = training.learning_rate,
          .momentum = training.optimiser == "momentum" ? training.momentum : 0.0,
          .schedule = {kind, training.schedule_steps, training.schedule_factor}};
}

std::vector<std::uint32_t> snapshot_steps(const sweep::PointConfig::Training& training) {
  const std::uint32_t last = time_axis(training).steps_until(training.time);
  std::vector<std::uint32_t> steps{0};
  if (training.snapshot_spacing == "listed") {
    for (int step : training.snapshot_steps)
      if (static_cast<std::uint32_t>(step) < last) steps.push_back(static_cast<std::uint32_t>(step));
    steps.push_back(last);
    return steps;
  }
  const int n = training.snapshots;
  for (int i = 1; i < n; ++i) {
    const double fraction = static_cast<double>(i) / (n - 1);
    const double step = training.snapshot_spacing == "log" ? std::pow(last + 1.0, fraction) - 1 : last * fraction;
    const auto rounded = static_cast<std::uint32_t>(std::llround(step));
    if (rounded > steps.back()) steps.push_back(rounded);
  }
  return steps;
}

namespace {

/// Standard deviation of a layer's draws where its widths set it; negative where they do not.
double scaled_std(const std::string& scaling, int fan_in, int fan_out) {
  if (scaling == "xavier") return std::sqrt(2.0 / (fan_in + fan_out));
  if (scaling == "he") return std::sqrt(2.0 / fan_in);
  if (scaling == "orthogonal") return 1.0;
  return -1.0;
}

/// Calls visit(first, count) with the range of each listed layer's parameters, biases included.
template <class Visit>
void for_layers(const nn::Network& network, const std::vector<int>& layers, Visit visit) {
  for (int layer : layers) {
    const int end = layer < network.n_layers() ? network.weight_offset(layer + 1) : network.n_parameters();
    visit(network.weight_offset(layer), end - network.weight_offset(layer));
  }
}

/// Mean and standard deviation of every parameter's initial draw.
ensemble::InitialWeights initial_weights(const sweep::PointConfig& config, const nn::Network& network,
                                         const nn::TrackedWeights& tracked) {
  const auto& options = config.initial;
  ensemble::InitialWeights initial;
  initial.mean.assign(network.n_parameters(), 0.0);
  initial.std.assign(network.n_parameters(), 0.0);
  initial.others_shared = options.others != "independent";
  if (options.others == "common") initial.shared_random = CounterRandom(config.seed, 0);
  initial.shared.assign(network.n_parameters(), 0);
  for_layers(network, options.shared_layers,
             [&](int first, int count) { std::fill_n(initial.shared.begin() + first, count, 1); });
  initial.orthogonal = options.scaling == "orthogonal";
  const bool constant = options.scaling == "constant";
  const bool scaled = scaled_std(options.scaling, 1, 1) > 0;
  for (int layer = 1; layer <= network.n_layers(); ++layer) {
    const int fan_in = network.widths[layer - 1];
    const int fan_out = network.widths[layer];
    const int first = network.weight_offset(layer);
    const double std = scaled ? scaled_std(options.scaling, fan_in, fan_out) : constant ? 0.0 : options.std;
    std::fill_n(initial.mean.begin() + first, fan_in * fan_out, scaled ? 0.0 : options.mean);
    std::fill_n(initial.std.begin() + first, fan_in * fan_out, std);
  }
  if (!scaled)
    for (int position : tracked.positions) {
      initial.mean[position] = options.tracked_mean;
      initial.std[position] = constant ? 0.0 : options.tracked_std;
    }
  return initial;
}

nn::SgdOptions sgd_options(const sweep::PointConfig::Training& training, const nn::Network& network,
                           const nn::TrackedWeights& tracked) {
  using nn::Optimiser;
  using nn::Sampling;
  nn::SgdOptions sgd;
  sgd.learning_rate = training.learning_rate;
  sgd.batch_size = training.batch_size;
  sgd.temperature = training.temperature;
  sgd.weight_decay = training.weight_decay;
  sgd.schedule = time_axis(training).schedule;
  sgd.optimiser = value_of<Optimiser>(training.optimiser, {{"sgd", Optimiser::sgd},
                                                           {"momentum", Optimiser::momentum},
                                                           {"rmsprop", Optimiser::rmsprop},
                                                           {"adam", Optimiser::adam}});
  sgd.momentum = training.momentum;
  sgd.square_decay = training.square_decay;
  sgd.epsilon = training.epsilon;
  sgd.sampling = value_of<Sampling>(
      training.sampling,
      {{"replacement", Sampling::replacement}, {"epochs", Sampling::epochs}, {"full_batch", Sampling::full_batch}});
  sgd.shared_minibatches = training.minibatches == "shared";
  sgd.precision = training.precision == "single" ? nn::Precision::single_precision : nn::Precision::double_precision;
  sgd.trained.assign(network.n_parameters(), training.trained == "all" ? 1 : 0);
  for (int position : tracked.positions) sgd.trained[position] = 1;
  for_layers(network, training.frozen_layers,
             [&](int first, int count) { std::fill_n(sgd.trained.begin() + first, count, 0); });
  return sgd;
}

}  // namespace

ensemble::EnsembleProblem make_ensemble_problem(const sweep::PointConfig& config) {
  ensemble::EnsembleProblem problem;
  problem.network = make_network(config);
  problem.tracked = make_tracked(config, problem.network);
  problem.sgd = sgd_options(config.training, problem.network, problem.tracked);
  problem.modified_loss = config.closure.drift_correction == "modified_loss";
  problem.initial = initial_weights(config, problem.network, problem.tracked);
  problem.n_replicas = config.training.replicas;
  problem.snapshot_steps = snapshot_steps(config.training);
  // Closures look at whole networks.
  if (config.closure.names.empty()) problem.kept_parameters = make_listed(config, problem.network).positions;
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
  static constexpr int default_cells[] = {0, 512, 128, 40, 20};
  using fp_solver::FrameKind;
  using fp_solver::TimeScheme;
  fp_solver::SolveOptions solve;
  for (int k = 0; k < dimension; ++k) {
    const int own = options.cells.size() == 1 ? options.cells[0] : options.cells[k];
    solve.cells.push_back(own > 0 ? own : default_cells[dimension]);
  }
  solve.frame = value_of<FrameKind>(options.frame, {{"fixed", FrameKind::fixed},
                                                    {"shifted", FrameKind::shifted},
                                                    {"diagonal", FrameKind::diagonal},
                                                    {"full", FrameKind::full}});
  solve.z_max = options.z_max;
  solve.stretching = options.stretching;
  solve.support_tail = options.support_tail;
  const fp::FluxKind suited = dimension > 2 ? fp::FluxKind::fourth_order : fp::FluxKind::limited;
  solve.flux = value_of<fp::FluxKind>(options.flux, {{"automatic", suited},
                                                     {"chang_cooper", fp::FluxKind::chang_cooper},
                                                     {"limited", fp::FluxKind::limited},
                                                     {"fourth_order", fp::FluxKind::fourth_order}});
  // One line is solved directly; more are split, which costs a fraction of a linear solver's iterations (decision 10).
  const TimeScheme automatic = dimension == 1 ? TimeScheme::modified_patankar : TimeScheme::strang;
  solve.time_scheme = value_of<TimeScheme>(options.time_scheme, {{"automatic", automatic},
                                                                 {"strang", TimeScheme::strang},
                                                                 {"modified_patankar", TimeScheme::modified_patankar},
                                                                 {"backward_euler", TimeScheme::backward_euler},
                                                                 {"bdf2", TimeScheme::bdf2},
                                                                 {"crank_nicolson", TimeScheme::crank_nicolson},
                                                                 {"sdirk2", TimeScheme::sdirk2}});
  solve.tolerance = options.tolerance;
  solve.max_step = options.max_step;
  solve.max_wall_mass = options.max_wall_mass;
  solve.when_wall_is_reached =
      options.when_wall_is_reached == "fail" ? fp_solver::WallPolicy::fail : fp_solver::WallPolicy::widen;
  return solve;
}

bool others_are_constant(const sweep::PointConfig& config) {
  const ensemble::EnsembleProblem problem = make_ensemble_problem(config);
  const ensemble::InitialWeights& initial = problem.initial;
  std::vector<char> is_tracked(problem.sgd.trained.size(), 0);
  for (int position : problem.tracked.positions) is_tracked[position] = 1;
  for (const auto& [copy, master] : problem.network.tied_pairs()) is_tracked[copy] = is_tracked[master];
  for (std::size_t i = 0; i < is_tracked.size(); ++i) {
    const bool same = initial.others_shared || initial.shared[i] != 0 || initial.std[i] == 0;
    if (is_tracked[i] == 0 && (problem.sgd.trained[i] != 0 || !same)) return false;
  }
  return true;
}

}  // namespace driftwood::app
