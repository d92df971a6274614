#include "driftwood/sweep/validation.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string_view>

#include "driftwood/sweep/axis.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/value.hpp"

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
  if (network.tracked_layer > 0 && !network.tracked_weights.empty())
    refuse(text, "network.tracked_layer", "network.tracked_weights says what is tracked");
}

void check_layers(const std::vector<int>& layers, const char* key, int n_layers, const SweepText& text) {
  for (int layer : layers)
    if (layer > n_layers) refuse(text, key, "the network has " + std::to_string(n_layers) + " layers only");
}

/// A tied decoder repeats the encoder, so only the encoder (and a layer in the middle) can be named.
void check_tied(const PointConfig& config, const SweepText& text) {
  const auto& widths = config.network.widths;
  const int n_layers = static_cast<int>(widths.size()) - 1;
  check_layers(config.training.frozen_layers, "training.frozen_layers", n_layers, text);
  check_layers(config.initial.shared_layers, "initial.shared_layers", n_layers, text);
  check_layers(config.training.snapshot_layers, "training.snapshot_layers", n_layers, text);
  for (int layer : config.training.snapshot_layers)
    if (layer == 0 && config.training.snapshot_layers.size() > 1)
      refuse(text, "training.snapshot_layers", "0 means all layers: write it alone");
  if (!config.network.tied_decoder) return;
  for (int l = 0; l <= n_layers; ++l)
    if (widths[l] != widths[n_layers - l])
      refuse(text, "network.tied_decoder",
             "the widths do not read the same backwards (network.widths = " + text.get("network.widths").text + ")");
  const int first_copy = n_layers / 2 + (n_layers % 2 == 0 ? 1 : 2);
  if (config.network.tracked_layer >= first_copy)
    refuse(text, "network.tracked_layer",
           "it repeats layer " + std::to_string(n_layers + 1 - config.network.tracked_layer) +
               " (network.tied_decoder): track that one");
}

/// Options of one rule that another would ignore.
void check_optimiser(const PointConfig::Training& training, const SweepText& text) {
  const bool adaptive = training.optimiser == "rmsprop" || training.optimiser == "adam";
  if (adaptive && training.temperature > 0)
    refuse(text, "training.temperature", "injected noise needs training.optimiser = sgd or momentum");
  if (training.sampling == "full_batch" && training.minibatches == "shared")
    refuse(text, "training.minibatches", "there is only one full batch: training.sampling = full_batch");
  if (!training.snapshot_steps.empty() && training.snapshot_spacing != "listed")
    refuse(text, "training.snapshot_steps", "they need training.snapshot_spacing = listed");
  if (training.snapshot_steps.empty() && training.snapshot_spacing == "listed")
    refuse(text, "training.snapshot_spacing", "it needs training.snapshot_steps");
  for (std::size_t i = 1; i < training.snapshot_steps.size(); ++i)
    if (training.snapshot_steps[i] <= training.snapshot_steps[i - 1])
      refuse(text, "training.snapshot_steps", "steps must ascend");
}

/// A value that is not the default, of an option that only another option's value brings into play, would be ignored
/// otherwise; where that other option is an axis, some point may use it.
void check_used(bool is_used, const char* key, const char* decider, const SweepText& text) {
  if (is_used || trimmed(text.get(key).text).empty() || text.is_column(key) || text.is_column(decider)) return;
  const std::vector<std::string>& values = text.values(key);
  if (values.size() == 1 && values.front() == default_text(option(key))) return;
  if (text.values(decider).size() > 1) return;
  refuse(text, key, std::string("it has no effect with ") + decider + " = " + text.get(decider).text);
}

/// Options that only some sources of data know.
void check_data(const PointConfig::Data& data, const SweepText& text) {
  const auto needs = [&](std::initializer_list<const char*> sources, const char* key) {
    const bool is_used = std::find(sources.begin(), sources.end(), data.source) != sources.end();
    check_used(is_used, key, "data.source", text);
  };
  needs({"file"}, "data.file");
  const auto ends_with = [&](std::string_view end) {
    return data.file.size() >= end.size() && data.file.compare(data.file.size() - end.size(), end.size(), end) == 0;
  };
  const bool is_hdf5 = data.source == "file" && (ends_with(".h5") || ends_with(".hdf5"));
  const bool is_idx = data.source == "file" && (ends_with(".idx") || ends_with("-ubyte"));
  check_used(is_hdf5, "data.dataset", "data.file", text);
  check_used(data.source == "file" && !is_hdf5 && !is_idx, "data.label_column", "data.file", text);
  needs({"gaussian", "mixture", "ring", "two_moons", "swiss_roll", "ising"}, "data.samples");
  check_used(data.source != "file" || data.test_fraction > 0, "data.seed", "data.test_fraction", text);
  needs({"gaussian", "mixture", "ising"}, "data.features");
  needs({"gaussian"}, "data.spectrum_decay");
  needs({"mixture"}, "data.clusters");
  needs({"mixture"}, "data.separation");
  needs({"mixture", "ring", "two_moons", "swiss_roll"}, "data.noise");
  needs({"ising"}, "data.ising_temperature");
}

/// Weights are drawn, or come from a file.
void check_initial(const PointConfig& config, const SweepText& text) {
  const bool is_drawn = config.initial.file.empty();
  for (const char* key : {"initial.scaling", "initial.mean", "initial.std", "initial.tracked_mean",
                          "initial.tracked_std", "initial.others", "initial.shared_layers"})
    check_used(is_drawn, key, "initial.file", text);
  check_used(!is_drawn, "initial.dataset", "initial.file", text);
  const std::string& scaling = config.initial.scaling;
  for (const char* key : {"initial.mean", "initial.tracked_mean"})
    check_used(scaling == "absolute" || scaling == "constant", key, "initial.scaling", text);
  for (const char* key : {"initial.std", "initial.tracked_std"})
    check_used(scaling == "absolute", key, "initial.scaling", text);
  if (!is_drawn && !config.closure.names.empty())
    refuse(text, "initial.file", "closures start from normal draws; set closure.names = none");
}

void check_used_options(const PointConfig& config, const SweepText& text) {
  const PointConfig::Training& training = config.training;
  const bool adaptive = training.optimiser == "rmsprop" || training.optimiser == "adam";
  check_used(training.optimiser == "momentum" || training.optimiser == "adam", "training.momentum",
             "training.optimiser", text);
  check_used(adaptive, "training.square_decay", "training.optimiser", text);
  check_used(adaptive, "training.epsilon", "training.optimiser", text);
  check_used(training.schedule != "constant", "training.schedule_steps", "training.schedule", text);
  check_used(training.schedule == "step" || training.schedule == "cosine", "training.schedule_factor",
             "training.schedule", text);
  check_used(training.sampling != "full_batch", "training.batch_size", "training.sampling", text);
  check_used(training.snapshot_spacing != "listed", "training.snapshots", "training.snapshot_spacing", text);
}

void check_training(const PointConfig::Training& training, const SweepText& text) {
  check_optimiser(training, text);
  const double friction = training.optimiser == "momentum" ? 1 - training.momentum : 1;
  const double n_steps = training.time / training.learning_rate * friction;
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
  if (config.training.optimiser == "rmsprop" || config.training.optimiser == "adam")
    refuse(text, "training.optimiser", "closures describe sgd and momentum; set closure.names = none");
  if (config.training.sampling == "epochs")
    refuse(text, "training.sampling",
           "closures describe independent minibatches: replacement or full_batch, or closure.names = none");
  if (config.training.sampling == "full_batch" && config.training.temperature == 0)
    refuse(text, "training.temperature",
           "without minibatches and injected noise nothing diffuses: a number > 0, or closure.names = none");
  if (config.initial.scaling == "orthogonal" || config.initial.scaling == "constant")
    refuse(text, "initial.scaling", "closures start from normal draws; set closure.names = none");
  if (config.training.optimiser == "momentum" && config.closure.drift_correction == "modified_loss")
    refuse(text, "closure.drift_correction", "modified_loss is that of training.optimiser = sgd");
  const bool conditional = config.closure.names.back() == "conditional";
  if (conditional && config.closure.neighbours > config.training.replicas)
    refuse(text, "closure.neighbours",
           "there are only " + std::to_string(config.training.replicas) + " replicas (training.replicas)");
}

}  // namespace

void check_solver(const PointConfig::FokkerPlanck& solver, const SweepText& text) {
  if (solver.cells.size() > 4) refuse(text, "fokker_planck.cells", "there are at most 4 axes");
  if (solver.tolerance == 0 && solver.max_step == 0)
    refuse(text, "fokker_planck.tolerance", "0 means fixed steps: set fokker_planck.max_step > 0");
  const std::string& scheme = solver.time_scheme;
  const bool is_linear = scheme == "bdf2" || scheme == "crank_nicolson" || scheme == "sdirk2";
  if (is_linear && solver.flux != "chang_cooper")
    refuse(
        text, "fokker_planck.time_scheme",
        "a linear scheme needs rates that do not depend on the density: set fokker_planck.flux = chang_cooper (it is " +
            solver.flux + ")");
}

void check_combination(const PointConfig& config, const SweepText& text) {
  check_data(config.data, text);
  check_network(config.network, text);
  check_tied(config, text);
  check_training(config.training, text);
  check_initial(config, text);
  check_used_options(config, text);
  check_closures(config, text);
  check_solver(config.fokker_planck, text);
}

}  // namespace driftwood::sweep
