#include "driftwood/nn/training.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <type_traits>

#include "block_trainer.hpp"
#include "driftwood/core/error.hpp"
#include "lane_block.hpp"

namespace driftwood::nn {

namespace {

/// The learning rate, noise and corrections of steps first .. first + n - 1.
std::vector<StepSize> step_sizes(const SgdOptions& options, std::uint32_t first, std::uint32_t n) {
  const double friction = options.optimiser == Optimiser::momentum ? 1 - options.momentum : 1.0;
  std::vector<StepSize> sizes(n);
  for (std::uint32_t k = 0; k < n; ++k) {
    const double eta = options.learning_rate * options.schedule.relative_rate(first + k);
    sizes[k] = {.learning_rate = eta,
                .noise = std::sqrt(2 * eta * friction * options.temperature),
                .first_correction = 1,
                .second_correction = 1};
    if (options.optimiser != Optimiser::adam) continue;  // these powers take as long as a small network's step
    const double count = static_cast<double>(first) + k + 1;
    sizes[k].first_correction = 1 - std::pow(options.momentum, count);
    sizes[k].second_correction = std::sqrt(1 - std::pow(options.square_decay, count));
  }
  return sizes;
}

/// What the kernels need to know about which parameters move.
struct TrainedParts {
  std::vector<char> trained;  ///< as in TrainTask
  std::vector<LayerUpdate> updates;
  std::vector<int> tied_copies;
  std::vector<int> tied_masters;

  TrainedParts(const Network& network, const SgdOptions& options) : trained(options.trained) {
    std::vector<char> moves = trained;
    for (const auto& [copy, master] : network.tied_pairs()) {
      moves[copy] = trained[master];
      trained[copy] = 0;
      if (trained[master] == 0) continue;
      tied_copies.push_back(copy);
      tied_masters.push_back(master);
    }
    const bool plain = options.optimiser == Optimiser::sgd && options.weight_decay == 0 && options.temperature == 0;
    for (int layer = 1; layer <= network.n_layers(); ++layer) {
      const auto begin = moves.begin() + network.weight_offset(layer);
      const auto end = layer < network.n_layers() ? moves.begin() + network.weight_offset(layer + 1) : moves.end();
      const bool any = std::find(begin, end, 1) != end;
      const bool all = std::find(begin, end, 0) == end;
      updates.push_back(!any                            ? LayerUpdate::none
                        : all && plain && !network.tied ? LayerUpdate::fused
                                                        : LayerUpdate::separate);
    }
  }
};

/// The task of all replicas; `parts` and `sizes` must outlive it.
TrainTask task_of(const SgdOptions& options, const CounterRandom& random, const TrainedParts& parts,
                  const std::vector<StepSize>& sizes, std::uint64_t first_replica, std::uint32_t first_step) {
  return {.steps = sizes.data(),
          .optimiser = options.optimiser,
          .momentum = options.momentum,
          .square_decay = options.square_decay,
          .epsilon = options.epsilon,
          .weight_decay = options.weight_decay,
          .batch_size = options.batch_size,
          .sampling = options.sampling,
          .shared = options.shared_minibatches,
          .updates = parts.updates.data(),
          .trained = parts.trained.data(),
          .tied_copies = parts.tied_copies.data(),
          .tied_masters = parts.tied_masters.data(),
          .n_tied = static_cast<int>(parts.tied_copies.size()),
          .key = {random.key()[0], random.key()[1]},
          .first_replica = first_replica,
          .first_step = first_step,
          .n_steps = static_cast<std::uint32_t>(sizes.size())};
}

template <class Number>
const TrainFunctions<Number>& functions_of(const Kernel& kernel) {
  if constexpr (std::is_same_v<Number, float>)
    return kernel.train_float;
  else
    return kernel.train;
}

}  // namespace

TimeAxis SgdOptions::time_axis() const {
  return {.learning_rate = learning_rate,
          .momentum = optimiser == Optimiser::momentum ? momentum : 0.0,
          .schedule = schedule};
}

/// The data as the kernels read them, in the precision of the training.
struct SgdTrainer::Data {
  std::optional<KernelView<double>> in_double;
  std::optional<KernelView<float>> in_single;

  Data(const Network& network, const data::Dataset& dataset, Precision precision) {
    if (precision == Precision::single_precision)
      in_single.emplace(network, dataset, DataUse::aligned_copy);
    else
      in_double.emplace(network, dataset, DataUse::aligned_copy);
  }

  template <class Number>
  const KernelProblemOf<Number>& problem() const {
    if constexpr (std::is_same_v<Number, float>)
      return in_single->problem();
    else
      return in_double->problem();
  }
};

SgdTrainer::SgdTrainer(const Network& network, const data::Dataset& dataset, const SgdOptions& options,
                       const CounterRandom& random, const Kernel& kernel, Layout layout)
    : network_(network),
      data_(std::make_shared<const Data>(network, dataset, options.precision)),
      options_(options),
      random_(random),
      kernel_(&kernel),
      layout_(layout) {
  if (options_.trained.size() != static_cast<std::size_t>(network.n_parameters()))
    throw InternalError("SgdTrainer: one trained flag a parameter");
  if (options_.sampling == Sampling::full_batch) options_.batch_size = dataset.n_samples;
  if (options_.batch_size < 1) throw InternalError("SgdTrainer: the batch size is at least 1");
  if (options_.sampling == Sampling::epochs && options_.batch_size > dataset.n_samples)
    throw ConfigError("an epoch of " + dataset.name + " has " + std::to_string(dataset.n_samples) +
                      " samples, fewer than a minibatch of " + std::to_string(options_.batch_size));
  const bool adaptive = options_.optimiser == Optimiser::rmsprop || options_.optimiser == Optimiser::adam;
  if (adaptive && options_.temperature != 0) throw InternalError("SgdTrainer: Langevin noise needs sgd or momentum");
}

int SgdTrainer::state_size() const {
  return state_vectors(options_.optimiser) * network_.n_parameters();
}

bool SgdTrainer::trains_one_by_one(long n_replicas, int n_side_by_side) const {
  if (layout_ != Layout::automatic) return layout_ == Layout::one_by_one;
  double work = 0;  // multiply-adds of one step of one replica
  for (int layer = 1; layer <= network_.n_layers(); ++layer)
    work += 3.0 * network_.widths[layer - 1] * network_.widths[layer] * options_.batch_size;
  // A replica's speed alone, relative to a lane's in a full block: fitted to tests/bench/bench_training.cpp.
  const bool is_single = options_.precision == Precision::single_precision;
  const double speed = is_single ? 1.05 * work / (work + 16000) : 1.1 * work / (work + 4000);
  return static_cast<double>(n_replicas) < speed * n_side_by_side;
}

template <class Number>
void SgdTrainer::train_in(std::span<double> parameters, std::span<double> state, std::uint64_t first_replica,
                          std::uint32_t first_step, std::uint32_t n_steps, std::span<const char> set_aside) const {
  const long n = static_cast<long>(parameters.size()) / network_.n_parameters();
  const TrainedParts parts(network_, options_);
  const std::vector<StepSize> sizes = step_sizes(options_, first_step, n_steps);
  BlockTrainer<Number> trainer(data_->problem<Number>(), functions_of<Number>(*kernel_),
                               task_of(options_, random_, parts, sizes, first_replica, first_step), parameters, state);
  constexpr int n_side_by_side = BlockTrainer<Number>::n_side_by_side;
  for (long first = 0; first < n; first += n_side_by_side) {
    std::vector<long> sound;
    for (long r = first; r < std::min(n, first + n_side_by_side); ++r)
      if (set_aside.empty() || set_aside[r] == 0) sound.push_back(r);
    if (sound.empty()) continue;
    if (!trains_one_by_one(static_cast<long>(sound.size()), n_side_by_side))
      trainer.train_block(first);
    else
      for (long r : sound) trainer.train_alone(r);
  }
}

void SgdTrainer::train(std::span<double> parameters, std::span<double> state, std::uint64_t first_replica,
                       std::uint32_t first_step, std::uint32_t n_steps, std::span<const char> set_aside) const {
  const std::size_t n = parameters.size() / static_cast<std::size_t>(network_.n_parameters());
  if (state.size() != n * static_cast<std::size_t>(state_size()))
    throw InternalError("SgdTrainer: the optimiser keeps " + std::to_string(state_size()) + " numbers a replica");
  if (n == 0 || n_steps == 0) return;
  if (options_.precision == Precision::single_precision)
    train_in<float>(parameters, state, first_replica, first_step, n_steps, set_aside);
  else
    train_in<double>(parameters, state, first_replica, first_step, n_steps, set_aside);
}

void SgdTrainer::train(std::span<double> parameters, std::uint64_t first_replica, std::uint32_t first_step,
                       std::uint32_t n_steps) const {
  train(parameters, {}, first_replica, first_step, n_steps);
}

}  // namespace driftwood::nn
