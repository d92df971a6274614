#include "driftwood/nn/network.hpp"

#include <algorithm>
#include <cstdlib>

#include "driftwood/core/error.hpp"

namespace driftwood::nn {

namespace {

int layer_size(const Network& network, int layer) {
  const int n_in = network.widths[layer - 1];
  const int n_out = network.widths[layer];
  return n_in * n_out + (network.biases ? n_out : 0);
}

}  // namespace

int Network::n_parameters() const {
  int n = 0;
  for (int layer = 1; layer <= n_layers(); ++layer) n += layer_size(*this, layer);
  return n;
}

int Network::weight_offset(int layer) const {
  int offset = 0;
  for (int l = 1; l < layer; ++l) offset += layer_size(*this, l);
  return offset;
}

int Network::bias_offset(int layer) const {
  return weight_offset(layer) + widths[layer - 1] * widths[layer];
}

int Network::bottleneck_layer() const {
  int best = 1;
  const auto size = [&](int layer) { return widths[layer - 1] * widths[layer]; };
  const auto from_middle = [&](int layer) { return std::abs(2 * layer - 1 - n_layers()); };
  for (int layer = 2; layer <= n_layers(); ++layer)
    if (size(layer) < size(best) || (size(layer) == size(best) && from_middle(layer) < from_middle(best))) best = layer;
  return best;
}

std::vector<std::pair<int, int>> Network::tied_pairs() const {
  std::vector<std::pair<int, int>> pairs;
  if (!tied) return pairs;
  const int last = n_layers();
  for (int l = 0; l <= last; ++l)
    if (widths[l] != widths[last - l])
      throw ConfigError("a tied decoder needs widths that are the same read backwards, not those of " + describe());
  for (int copy = last / 2 + 1; copy <= last; ++copy) {
    const int master = last + 1 - copy;
    if (copy == master) continue;
    const int n_in = widths[copy - 1];
    const int n_out = widths[copy];
    for (int j = 0; j < n_out; ++j)
      for (int i = 0; i < n_in; ++i)
        pairs.emplace_back(weight_offset(copy) + j * n_in + i, weight_offset(master) + i * n_out + j);
  }
  return pairs;
}

namespace {

const char* name_of(Activation activation) {
  switch (activation) {
    case Activation::linear:
      return "linear";
    case Activation::tanh:
      return "tanh";
    case Activation::relu:
      return "relu";
    case Activation::gelu:
      return "gelu";
    case Activation::sigmoid:
      return "sigmoid";
  }
  throw InternalError("an activation without a name");
}

}  // namespace

std::string Network::describe() const {
  std::string text;
  for (int width : widths) text += (text.empty() ? "" : "-") + std::to_string(width);
  text += std::string(" ") + name_of(activation);
  if (tied) text += " tied";
  return biases ? text + " with biases" : text;
}

}  // namespace driftwood::nn
