#include "driftwood/nn/training.hpp"

#include <cmath>

#include "driftwood/core/error.hpp"
#include "lane_block.hpp"

namespace driftwood::nn {

namespace {

std::vector<int> positions_of(const std::vector<char>& flags) {
  std::vector<int> positions;
  for (std::size_t i = 0; i < flags.size(); ++i)
    if (flags[i] != 0) positions.push_back(static_cast<int>(i));
  return positions;
}

double normal_draw(const void* random, std::uint32_t parameter, std::uint32_t step, std::uint64_t replica) {
  return static_cast<const CounterRandom*>(random)->normal(RandomPurpose::langevin_noise, parameter, step, replica);
}

}  // namespace

SgdTrainer::SgdTrainer(const Network& network, const data::Dataset& dataset, const SgdOptions& options,
                       const CounterRandom& random, const Kernel& kernel)
    : network_(network), dataset_(dataset), options_(options), random_(random), kernel_(&kernel) {
  if (options_.trained.size() != static_cast<std::size_t>(network.n_parameters()))
    throw InternalError("SgdTrainer: one trained flag a parameter");
  if (options_.batch_size < 1) throw InternalError("SgdTrainer: the batch size is at least 1");
  check_fit(network, dataset);
}

void SgdTrainer::train(std::span<double> parameters, std::uint64_t first_replica, std::uint32_t first_step,
                       std::uint32_t n_steps) const {
  const int width = network_.n_parameters();
  const long n = static_cast<long>(parameters.size()) / width;
  if (n == 0 || n_steps == 0) return;
  const KernelView view(network_, dataset_);
  const std::vector<int> trained = positions_of(options_.trained);
  TrainTask task{.learning_rate = options_.learning_rate,
                 .weight_decay = options_.weight_decay,
                 .noise = std::sqrt(2 * options_.learning_rate * options_.temperature),
                 .batch_size = options_.batch_size,
                 .trained = trained.data(),
                 .n_trained = static_cast<int>(trained.size()),
                 .key = {random_.key()[0], random_.key()[1]},
                 .purpose = static_cast<std::uint32_t>(RandomPurpose::minibatch),
                 .first_replica = 0,
                 .first_step = first_step,
                 .n_steps = n_steps,
                 .random = &random_,
                 .normal = normal_draw};
  AlignedBuffer lanes(static_cast<std::size_t>(width) * n_lanes);
  AlignedBuffer scratch(scratch_size(view.problem()));
  for (long first = 0; first < n; first += n_lanes) {
    load_lanes(parameters, width, first, lanes.data());
    task.first_replica = first_replica + static_cast<std::uint64_t>(first);
    kernel_->train(view.problem(), task, lanes.data(), scratch.data());
    store_lanes(lanes.data(), width, first, parameters);
  }
}

std::vector<double> outputs(const Network& network, const data::Dataset& dataset, std::span<const int> samples,
                            std::span<const double> parameters, const Kernel& kernel) {
  const int width = network.n_parameters();
  const long n = static_cast<long>(parameters.size()) / width;
  const int row_size = static_cast<int>(samples.size()) * network.widths.back();
  std::vector<double> result(static_cast<std::size_t>(n) * row_size);
  if (result.empty()) return result;
  const KernelView view(network, dataset);
  AlignedBuffer lanes(static_cast<std::size_t>(width) * n_lanes);
  AlignedBuffer scratch(scratch_size(view.problem()));
  AlignedBuffer out(static_cast<std::size_t>(row_size) * n_lanes);
  for (long first = 0; first < n; first += n_lanes) {
    load_lanes(parameters, width, first, lanes.data());
    kernel.outputs(view.problem(), lanes.data(), samples.data(), static_cast<int>(samples.size()), out.data(),
                   scratch.data());
    store_lanes(out.data(), row_size, first, result);
  }
  return result;
}

}  // namespace driftwood::nn
