// Names and positions of weights.
#include <algorithm>
#include <string>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/nn/network.hpp"

namespace driftwood::nn {

TrackedWeights track_layer(const Network& network, int layer) {
  TrackedWeights tracked;
  const int n_in = network.widths[layer - 1];
  const int n_out = network.widths[layer];
  for (int i = 0; i < n_in * n_out; ++i) {
    tracked.positions.push_back(network.weight_offset(layer) + i);
    tracked.names.push_back("W" + std::to_string(layer) + "[" + std::to_string(i / n_in + 1) + "," +
                            std::to_string(i % n_in + 1) + "]");
  }
  return tracked;
}

TrackedWeights layer_parameters(const Network& network, std::vector<int> layers) {
  std::sort(layers.begin(), layers.end());
  layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
  TrackedWeights all;
  for (int layer : layers) {
    const TrackedWeights matrix = track_layer(network, layer);
    all.positions.insert(all.positions.end(), matrix.positions.begin(), matrix.positions.end());
    all.names.insert(all.names.end(), matrix.names.begin(), matrix.names.end());
    for (int i = 0; network.biases && i < network.widths[layer]; ++i) {
      all.positions.push_back(network.bias_offset(layer) + i);
      all.names.push_back("c" + std::to_string(layer) + "[" + std::to_string(i + 1) + "]");
    }
  }
  return all;
}

namespace {

/// All parameters.
TrackedWeights all_parameters(const Network& network) {
  std::vector<int> layers;
  for (int layer = 1; layer <= network.n_layers(); ++layer) layers.push_back(layer);
  return layer_parameters(network, layers);
}

/// The words of a list; blanks and commas between brackets do not separate them, and are kept out of them.
std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words(1);
  bool is_bracketed = false;
  for (char c : list) {
    const bool is_blank = c == ' ' || c == '\t';
    is_bracketed = c == '[' || (is_bracketed && c != ']');
    if (!is_bracketed && (is_blank || c == ','))
      words.emplace_back();
    else if (!is_blank)
      words.back() += c;
  }
  std::erase(words, "");
  return words;
}

/// Throws ConfigError where `position` is a tied copy.
void refuse_copy(const Network& network, int position, const std::string& name) {
  for (const auto& [copy, master] : network.tied_pairs())
    if (copy == position)
      throw ConfigError(name + " repeats a weight of the encoder (network.tied_decoder): track that one");
}

}  // namespace

TrackedWeights own_parameters(const Network& network) {
  TrackedWeights all = all_parameters(network);
  for (const auto& [copy, master] : network.tied_pairs()) {
    const auto at = std::find(all.positions.begin(), all.positions.end(), copy) - all.positions.begin();
    all.positions.erase(all.positions.begin() + at);
    all.names.erase(all.names.begin() + at);
  }
  return all;
}

TrackedWeights track_listed(const Network& network, const std::string& list) {
  const TrackedWeights all = all_parameters(network);
  if (words_of(list) == std::vector<std::string>{"all"}) return own_parameters(network);
  TrackedWeights tracked;
  for (const std::string& name : words_of(list)) {
    const auto found = std::find(all.names.begin(), all.names.end(), name);
    if (found == all.names.end())
      throw ConfigError("'" + name + "' is no weight of " + network.describe() + "; allowed: " + all.names.front() +
                        " .. " + all.names.back());
    const int position = all.positions[static_cast<std::size_t>(found - all.names.begin())];
    refuse_copy(network, position, name);
    if (std::find(tracked.positions.begin(), tracked.positions.end(), position) != tracked.positions.end())
      throw ConfigError(name + " is there twice");
    tracked.positions.push_back(position);
    tracked.names.push_back(name);
  }
  if (tracked.positions.empty()) throw ConfigError("no weight is named");
  return tracked;
}

}  // namespace driftwood::nn
