#pragma once

#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "driftwood/core/random.hpp"
#include "driftwood/data/dataset.hpp"
#include "driftwood/nn/training.hpp"

namespace driftwood::nn::test {

/// Normal samples with correlated features.
inline data::Dataset normal_data(int n_samples, int n_features) {
  const CounterRandom random(11, 0);
  data::Dataset dataset{
      .name = "normal data", .feature_names = {}, .n_samples = n_samples, .n_features = n_features, .values = {}};
  for (int s = 0; s < n_samples; ++s)
    for (int i = 0; i < n_features; ++i)
      dataset.values.push_back(random.normal(RandomPurpose::subsample, i, 0, s) +
                               0.5 * random.normal(RandomPurpose::subsample, 1000, 0, s));
  return dataset;
}

/// The data set that a list of sample indices makes.
inline data::Dataset pick(const data::Dataset& dataset, std::span<const int> samples) {
  data::Dataset picked = dataset;
  picked.values.clear();
  picked.n_samples = static_cast<int>(samples.size());
  for (int s : samples)
    picked.values.insert(picked.values.end(), dataset.sample(s), dataset.sample(s) + dataset.n_features);
  return picked;
}

/// `n` rows of normal parameters, tied copies equal to their masters.
inline std::vector<double> normal_parameters(const Network& network, int n, double scale = 0.5) {
  const CounterRandom random(12, 0);
  std::vector<double> parameters;
  for (int r = 0; r < n; ++r) {
    for (int i = 0; i < network.n_parameters(); ++i)
      parameters.push_back(scale * random.normal(RandomPurpose::initial_weights, i, 0, r));
    double* row = parameters.data() + static_cast<long>(r) * network.n_parameters();
    for (const auto& [copy, master] : network.tied_pairs()) row[copy] = row[master];
  }
  return parameters;
}

/// Shapes that reach every remainder of the kernels' register tiles.
inline std::vector<Network> networks() {
  std::vector<Network> all;
  for (const std::vector<int>& widths : std::vector<std::vector<int>>{
           {4, 1, 1, 4}, {3, 2, 3}, {5, 3, 1, 2, 5}, {2, 2}, {16, 8, 2, 2, 8, 16}, {13, 7, 2, 3, 9, 13}})
    for (Activation activation : {Activation::linear, Activation::tanh})
      for (bool biases : {false, true}) all.push_back({widths, activation, biases});
  // The three-layer networks without biases that have a kernel of their own.
  all.push_back({{8, 2, 2, 8}, Activation::tanh});
  all.push_back({{9, 1, 2, 9}, Activation::linear});
  all.push_back({{6, 2, 1, 6}, Activation::tanh});
  for (Activation activation : {Activation::relu, Activation::gelu, Activation::sigmoid}) {
    all.push_back({{4, 2, 1, 4}, activation});
    for (bool tied : {false, true}) all.push_back({{5, 3, 2, 2, 3, 5}, activation, true, tied});
  }
  all.push_back({{3, 1, 1, 3}, Activation::tanh, false, true});
  all.push_back({{20, 9, 20}, Activation::tanh, true, true});
  return all;
}

}  // namespace driftwood::nn::test
