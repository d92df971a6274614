// Losses and outputs of many replicas.
#include "driftwood/nn/training.hpp"
#include "lane_block.hpp"
#include "tied.hpp"

namespace driftwood::nn {

std::vector<double> losses(const Network& network, const data::Dataset& dataset, double weight_decay,
                           std::span<const double> parameters, const Kernel& kernel) {
  const KernelView<double> view(network, dataset, DataUse::view);
  const TiedPairs tied = network.tied_pairs();
  const int width = network.n_parameters();
  const long n = static_cast<long>(parameters.size()) / width;
  std::vector<double> result(static_cast<std::size_t>(n));
  AlignedBuffer<double> lanes(static_cast<std::size_t>(width) * n_lanes);
  AlignedBuffer<double> scratch(scratch_size(view.problem()));
  AlignedBuffer<double> mean_loss(n_lanes);
  for (long first = 0; first < n; first += n_lanes) {
    load_lanes(parameters, width, first, lanes.data());
    copy_tied(tied, lanes.data());
    kernel.tracked_moments(view.problem(), lanes.data(), nullptr, 0, mean_loss.data(), scratch.data());
    for (int lane = 0; lane < n_lanes && first + lane < n; ++lane)
      result[first + lane] =
          mean_loss.data()[lane] + decay_loss(weight_decay, tied, &parameters[(first + lane) * width], width);
  }
  return result;
}

std::vector<double> outputs(const Network& network, const data::Dataset& dataset, std::span<const int> samples,
                            std::span<const double> parameters, const Kernel& kernel) {
  const int width = network.n_parameters();
  const long n = static_cast<long>(parameters.size()) / width;
  const int row_size = static_cast<int>(samples.size()) * network.widths.back();
  std::vector<double> result(static_cast<std::size_t>(n) * row_size);
  if (result.empty()) return result;
  const KernelView<double> view(network, dataset, DataUse::view);
  const TiedPairs tied = network.tied_pairs();
  AlignedBuffer<double> lanes(static_cast<std::size_t>(width) * n_lanes);
  AlignedBuffer<double> scratch(scratch_size(view.problem()));
  AlignedBuffer<double> out(static_cast<std::size_t>(row_size) * n_lanes);
  for (long first = 0; first < n; first += n_lanes) {
    load_lanes(parameters, width, first, lanes.data());
    copy_tied(tied, lanes.data());
    kernel.outputs(view.problem(), lanes.data(), samples.data(), static_cast<int>(samples.size()), out.data(),
                   scratch.data());
    store_lanes(out.data(), row_size, first, result);
  }
  return result;
}

}  // namespace driftwood::nn
