#include "lane_block.hpp"

#include <string>
#include <type_traits>

#include "driftwood/core/error.hpp"

namespace driftwood::nn {

void check_fit(const Network& network, const data::Dataset& dataset) {
  if (dataset.n_features != network.widths.front() || dataset.n_features != network.widths.back())
    throw ConfigError("the network " + network.describe() + " does not fit the " + std::to_string(dataset.n_features) +
                      " features of " + dataset.name);
}

template <class Number>
KernelView<Number>::KernelView(const Network& network, const data::Dataset& dataset, DataUse use)
    : widths_(network.widths) {
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
              .activation = network.activation,
              .n_parameters = network.n_parameters(),
              .data = nullptr,
              .n_samples = dataset.n_samples};
  if constexpr (std::is_same_v<Number, double>) {
    if (use == DataUse::view) {
      problem_.data = dataset.values.data();
      return;
    }
  }
  data_.emplace(dataset.values.size());
  std::transform(dataset.values.begin(), dataset.values.end(), data_->data(),
                 [](double x) { return static_cast<Number>(x); });
  problem_.data = data_->data();
}

template <class Number>
void load_lanes(std::span<const double> rows, int width, long first, Number* lanes) {
  constexpr int n = lane_count<Number>;
  const long last = static_cast<long>(rows.size()) / width - 1;
  for (int lane = 0; lane < n; ++lane) {
    const double* row = rows.data() + std::min(first + lane, last) * width;
    for (int i = 0; i < width; ++i) lanes[static_cast<long>(i) * n + lane] = static_cast<Number>(row[i]);
  }
}

template <class Number>
void store_lanes(const Number* lanes, int width, long first, std::span<double> rows) {
  constexpr int n = lane_count<Number>;
  const long n_rows = static_cast<long>(rows.size()) / width;
  for (int lane = 0; lane < n && first + lane < n_rows; ++lane) {
    double* row = rows.data() + (first + lane) * width;
    for (int i = 0; i < width; ++i) row[i] = lanes[static_cast<long>(i) * n + lane];
  }
}

template class KernelView<double>;
template class KernelView<float>;
template void load_lanes(std::span<const double>, int, long, double*);
template void load_lanes(std::span<const double>, int, long, float*);
template void store_lanes(const double*, int, long, std::span<double>);
template void store_lanes(const float*, int, long, std::span<double>);

}  // namespace driftwood::nn
