// Loss, drift and diffusion of the tracked weights (equations.md sections 2 and 3).
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/nn/training.hpp"
#include "lane_block.hpp"
#include "tied.hpp"

namespace driftwood::nn {

namespace {

std::vector<TrackedEntry> entries_of(const Network& network, const TrackedWeights& tracked) {
  std::vector<TrackedEntry> entries;
  for (int position : tracked.positions) {
    int layer = 1;
    while (layer < network.n_layers() && position >= network.weight_offset(layer + 1)) ++layer;
    const int n_in = network.widths[layer - 1];
    const int within = position - network.weight_offset(layer);
    const int n_weights = n_in * network.widths[layer];
    const int mirror = network.n_layers() + 1 - layer;
    const int tied_layer = network.tied && mirror > layer ? mirror : 0;
    entries.push_back(within < n_weights ? TrackedEntry{layer, within / n_in, within % n_in, tied_layer}
                                         : TrackedEntry{layer, within - n_weights, -1, 0});
  }
  return entries;
}

/// Gradient over the whole data set of eight parameter vectors, weight decay included, frozen parameters and tied
/// copies 0.
void trained_gradient(const Kernel& kernel, const KernelProblem& problem, const KramersMoyalOptions& options,
                      const TiedPairs& tied, const double* parameters, double* gradient, double* scratch) {
  kernel.mean_gradient(problem, parameters, gradient, scratch);
  for (const auto& [copy, master] : tied)
    for (int lane = 0; lane < n_lanes; ++lane)
      gradient[static_cast<long>(master) * n_lanes + lane] += gradient[static_cast<long>(copy) * n_lanes + lane];
  for (int i = 0; i < problem.n_parameters; ++i)
    for (int lane = 0; lane < n_lanes; ++lane) {
      const long at = static_cast<long>(i) * n_lanes + lane;
      gradient[at] = options.trained[i] != 0 ? gradient[at] + options.weight_decay * parameters[at] : 0.0;
    }
  for (const auto& [copy, master] : tied) std::fill_n(gradient + static_cast<long>(copy) * n_lanes, n_lanes, 0.0);
}

/// The term -(eta/2) H grad L of (2.4) at the tracked positions, added to `drift_lanes` (d entries of lanes). H grad L
/// by central differences of the gradient along its own unit direction.
class ModifiedLoss {
 public:
  ModifiedLoss(const Kernel& kernel, const KernelProblem& problem, const KramersMoyalOptions& options,
               const TrackedWeights& tracked, const TiedPairs& tied)
      : kernel_(kernel),
        problem_(problem),
        options_(options),
        tracked_(tracked),
        tied_(tied),
        gradient_(size()),
        moved_(size()),
        above_(size()),
        below_(size()) {}

  void add(const double* parameters, double* scratch, double* drift_lanes) {
    trained_gradient(kernel_, problem_, options_, tied_, parameters, gradient_.data(), scratch);
    double norm[n_lanes] = {};
    double scale[n_lanes] = {};
    for (std::size_t at = 0; at < size(); ++at) {
      norm[at % n_lanes] += gradient_.data()[at] * gradient_.data()[at];
      scale[at % n_lanes] = std::max(scale[at % n_lanes], std::abs(parameters[at]));
    }
    double step[n_lanes];
    for (int lane = 0; lane < n_lanes; ++lane) {
      norm[lane] = std::sqrt(norm[lane]);
      step[lane] = 6e-6 * (1 + scale[lane]);  // near the cube root of the round-off: best for a central difference
    }
    gradient_at(parameters, step, norm, +1, scratch, above_.data());
    gradient_at(parameters, step, norm, -1, scratch, below_.data());
    for (int k = 0; k < tracked_.dimension(); ++k)
      for (int lane = 0; lane < n_lanes; ++lane) {
        const long at = static_cast<long>(tracked_.positions[k]) * n_lanes + lane;
        const double along = (above_.data()[at] - below_.data()[at]) / (2 * step[lane]);
        drift_lanes[k * n_lanes + lane] -= 0.5 * options_.learning_rate * norm[lane] * along;
      }
  }

 private:
  std::size_t size() const { return static_cast<std::size_t>(problem_.n_parameters) * n_lanes; }

  void gradient_at(const double* parameters, const double* step, const double* norm, int sign, double* scratch,
                   double* result) {
    for (std::size_t at = 0; at < size(); ++at) {
      const std::size_t lane = at % n_lanes;
      const double direction = norm[lane] > 0 ? gradient_.data()[at] / norm[lane] : 0.0;
      moved_.data()[at] = parameters[at] + sign * step[lane] * direction;
    }
    copy_tied(tied_, moved_.data());
    trained_gradient(kernel_, problem_, options_, tied_, moved_.data(), result, scratch);
  }

  const Kernel& kernel_;
  const KernelProblem& problem_;
  const KramersMoyalOptions& options_;
  const TrackedWeights& tracked_;
  const TiedPairs& tied_;
  AlignedBuffer<double> gradient_;
  AlignedBuffer<double> moved_;
  AlignedBuffer<double> above_;
  AlignedBuffer<double> below_;
};

/// Throws InternalError unless the arguments of kramers_moyal fit each other.
void check_arguments(const Network& network, const TrackedWeights& tracked, const KramersMoyalOptions& options,
                     std::span<const double> parameters) {
  const int width = network.n_parameters();
  if (tracked.dimension() < 1 || tracked.dimension() > max_tracked)
    throw InternalError("kramers_moyal: 1 to 4 tracked weights, not " + std::to_string(tracked.dimension()));
  for (int position : tracked.positions)
    if (position < 0 || position >= width)
      throw InternalError("kramers_moyal: no parameter " + std::to_string(position) + " in " + network.describe());
  for (const auto& [copy, master] : network.tied_pairs())
    for (int position : tracked.positions)
      if (position == copy) throw InternalError("kramers_moyal: parameter " + std::to_string(copy) + " is a tied copy");
  if (options.modified_loss && options.trained.size() != static_cast<std::size_t>(width))
    throw InternalError("kramers_moyal: the modified loss needs one trained flag a parameter");
  if (parameters.size() % width != 0)
    throw InternalError("kramers_moyal: rows of " + std::to_string(width) + " parameters");
}

/// One lane of the kernel's moments, its drift entries already those of (2.1), as row `row` of the result.
void store_row(const KramersMoyalOptions& options, int d, const double* moments, int lane, long row,
               KramersMoyal& result) {
  const double diffusion_scale = options.sampling_factor * options.learning_rate / (2.0 * options.batch_size);
  const int n_pairs = packed_size(d);
  const auto moment = [&](int m) { return moments[m * n_lanes + lane]; };
  for (int k = 0; k < d; ++k) result.drift[row * d + k] = moment(1 + k);
  for (int k = 0; k < n_pairs; ++k) result.diffusion[row * n_pairs + k] = diffusion_scale * moment(1 + d + k);
  for (int k = 0; k < d; ++k) result.diffusion[row * n_pairs + packed_index(d, k, k)] += options.temperature;
  result.loss[row] = moment(0);
}

}  // namespace

KramersMoyalOptions coefficient_options(const SgdOptions& sgd, int n_samples, std::uint32_t step, bool modified_loss) {
  double sampling_factor = 1;
  if (sgd.sampling == Sampling::full_batch) sampling_factor = 0;
  if (sgd.sampling == Sampling::epochs && n_samples > 1)
    sampling_factor = static_cast<double>(n_samples - sgd.batch_size) / (n_samples - 1);
  return {.learning_rate = sgd.time_axis().step_length(step),
          .batch_size = sgd.batch_size,
          .temperature = sgd.temperature,
          .weight_decay = sgd.weight_decay,
          .modified_loss = modified_loss,
          .trained = sgd.trained,
          .sampling_factor = sampling_factor};
}

KramersMoyal kramers_moyal(const Network& network, const data::Dataset& dataset, const TrackedWeights& tracked,
                           const KramersMoyalOptions& options, std::span<const double> parameters,
                           const Kernel& kernel) {
  check_arguments(network, tracked, options, parameters);
  const KernelView<double> view(network, dataset, DataUse::view);
  const std::vector<TrackedEntry> entries = entries_of(network, tracked);
  const TiedPairs tied = network.tied_pairs();
  const int width = network.n_parameters();
  const int d = tracked.dimension();
  const long n = static_cast<long>(parameters.size()) / width;
  KramersMoyal result{std::vector<double>(n), std::vector<double>(n * d), std::vector<double>(n * packed_size(d))};
  AlignedBuffer<double> lanes(static_cast<std::size_t>(width) * n_lanes);
  AlignedBuffer<double> scratch(scratch_size(view.problem()));
  AlignedBuffer<double> moments(static_cast<std::size_t>(1 + d + packed_size(d)) * n_lanes);
  ModifiedLoss modified_loss(kernel, view.problem(), options, tracked, tied);
  for (long first = 0; first < n; first += n_lanes) {
    load_lanes(parameters, width, first, lanes.data());
    copy_tied(tied, lanes.data());
    kernel.tracked_moments(view.problem(), lanes.data(), entries.data(), d, moments.data(), scratch.data());
    double* drift = moments.data() + n_lanes;
    for (int k = 0; k < d; ++k)
      for (int lane = 0; lane < n_lanes; ++lane) {
        const double weight = lanes.data()[static_cast<long>(tracked.positions[k]) * n_lanes + lane];
        drift[k * n_lanes + lane] = -drift[k * n_lanes + lane] - options.weight_decay * weight;
      }
    if (options.modified_loss) modified_loss.add(lanes.data(), scratch.data(), drift);
    for (int lane = 0; lane < n_lanes && first + lane < n; ++lane) {
      const long row = first + lane;
      store_row(options, d, moments.data(), lane, row, result);
      result.loss[row] += decay_loss(options.weight_decay, tied, &parameters[row * width], width);
    }
  }
  return result;
}

}  // namespace driftwood::nn
