#include "lane_block.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

#include "driftwood/core/error.hpp"

namespace driftwood::nn {

namespace {

constexpr std::size_t alignment = 64;

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t n) {
  const std::size_t bytes = (n * sizeof(double) + alignment - 1) / alignment * alignment;
  data_.reset(static_cast<double*>(std::aligned_alloc(alignment, std::max(bytes, alignment))));
  if (!data_) throw std::bad_alloc();
}

void AlignedBuffer::Free::operator()(double* pointer) const {
  std::free(pointer);
}

void check_fit(const Network& network, const data::Dataset& dataset) {
  if (dataset.n_features != network.widths.front() || dataset.n_features != network.widths.back())
    throw ConfigError("the network " + network.describe() + " does not fit the " + std::to_string(dataset.n_features) +
                      " features of " + dataset.name);
}

KernelView::KernelView(const Network& network, const data::Dataset& dataset) : widths_(network.widths) {
  check_fit(network, dataset);
  int unit = 0;
  for (int width : widths_) {
    unit_offsets_.push_back(unit);
    unit += width;
  }
  unit_offsets_.push_back(unit);
  for (int layer = 1; layer <= network.n_layers(); ++layer) {
    weight_offsets_.push_back(network.weight_offset(layer));
    bias_offsets_.push_back(network.bias_offset(layer));
  }
  problem_ = {.n_layers = network.n_layers(),
              .widths = widths_.data(),
              .weight_offsets = weight_offsets_.data(),
              .bias_offsets = network.biases ? bias_offsets_.data() : nullptr,
              .unit_offsets = unit_offsets_.data(),
              .tanh = network.activation == Activation::tanh,
              .n_parameters = network.n_parameters(),
              .data = dataset.values.data(),
              .n_samples = dataset.n_samples};
}

void load_lanes(std::span<const double> rows, int width, long first, double* lanes) {
  const long n = static_cast<long>(rows.size()) / width;
  for (int lane = 0; lane < n_lanes; ++lane) {
    const double* row = rows.data() + std::min(first + lane, n - 1) * width;
    for (int i = 0; i < width; ++i) lanes[static_cast<long>(i) * n_lanes + lane] = row[i];
  }
}

void store_lanes(const double* lanes, int width, long first, std::span<double> rows) {
  const long n = static_cast<long>(rows.size()) / width;
  for (int lane = 0; lane < n_lanes && first + lane < n; ++lane) {
    double* row = rows.data() + (first + lane) * width;
    for (int i = 0; i < width; ++i) row[i] = lanes[static_cast<long>(i) * n_lanes + lane];
  }
}

}  // namespace driftwood::nn
