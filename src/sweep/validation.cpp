#include "driftwood/sweep/validation.hpp"

#include <cmath>
#include <limits>

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

namespace {

void refuse(const SweepText& text, const char* key, const std::string& why) {
  reject(option(key), text.get(key), why);
}

void check_network(const PointConfig::Network& network, const SweepText& text) {
  const auto& widths = network.widths;
  if (widths.size() < 2) refuse(text, "network.widths", "at least two widths are needed: input and output");
  if (widths.front() != widths.back())
    refuse(text, "network.widths",
           "an autoencoder's first and last widths are equal, these are " + std::to_string(widths.front()) + " and " +
               std::to_string(widths.back()));
  const int n_layers = static_cast<int>(widths.size()) - 1;
  if (network.tracked_layer > n_layers)
    refuse(text, "network.tracked_layer",
           "the network has " + std::to_string(n_layers) +
               " layers only (network.widths = " + text.get("network.widths").text + ")");
}

void check_training(const PointConfig::Training& training, const SweepText& text) {
  const double n_steps = training.time / training.learning_rate;
  const std::string with = " with training.learning_rate = " + text.get("training.learning_rate").text;
  if (n_steps < 0.5) refuse(text, "training.time", "less than one step" + with);
  if (n_steps >= std::numeric_limits<std::uint32_t>::max())
    refuse(text, "training.time", "more than 2^32 - 1 steps" + with);
}

void check_closures(const PointConfig& config, const SweepText& text) {
  if (config.closure.names.empty()) return;
  if (config.initial.scaling == "absolute" && config.initial.tracked_std == 0)
    refuse(text, "initial.tracked_std", "closures need a density to start from: a number > 0, or closure.names = none");
  if (config.training.replicas < 100)
    refuse(text, "training.replicas", "a comparison needs at least 100 replicas, or closure.names = none");
  const bool conditional = config.closure.names.back() == "conditional";
  if (conditional && config.closure.neighbours > config.training.replicas)
    refuse(text, "closure.neighbours",
           "there are only " + std::to_string(config.training.replicas) + " replicas (training.replicas)");
}

void check_solver(const PointConfig::FokkerPlanck& solver, const SweepText& text) {
  if (solver.tolerance == 0 && solver.max_step == 0)
    refuse(text, "fokker_planck.tolerance", "0 means fixed steps: set fokker_planck.max_step > 0");
}

}  // namespace

void check_combination(const PointConfig& config, const SweepText& text) {
  check_network(config.network, text);
  check_training(config.training, text);
  check_closures(config, text);
  check_solver(config.fokker_planck, text);
}

}  // namespace driftwood::sweep
