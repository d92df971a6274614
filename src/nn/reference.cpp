// The plain gradient: one replica, one sample at a time. What the vectorised kernels are tested against.
#include <cmath>
#include <vector>

#include "driftwood/nn/training.hpp"

namespace driftwood::nn {

namespace {

using Layers = std::vector<std::vector<double>>;

/// a_0 .. a_L of section 1.
Layers forward(const Network& network, const double* x, std::span<const double> parameters) {
  Layers a{std::vector<double>(x, x + network.widths[0])};
  for (int l = 1; l <= network.n_layers(); ++l) {
    const double* weight = parameters.data() + network.weight_offset(l);
    const int n_in = network.widths[l - 1];
    std::vector<double> out(network.widths[l]);
    for (int j = 0; j < network.widths[l]; ++j) {
      out[j] = network.biases ? parameters[network.bias_offset(l) + j] : 0.0;
      for (int i = 0; i < n_in; ++i) out[j] += weight[j * n_in + i] * a[l - 1][i];
      if (l < network.n_layers() && network.activation == Activation::tanh) out[j] = std::tanh(out[j]);
    }
    a.push_back(std::move(out));
  }
  return a;
}

/// Adds the gradient of (1.1) at one sample, divided by `n`, and returns its loss.
double add_gradient(const Network& network, const double* x, std::span<const double> parameters, double n,
                    std::span<double> gradient) {
  const Layers a = forward(network, x, parameters);
  std::vector<double> delta(network.widths.back());
  double loss = 0;
  for (std::size_t j = 0; j < delta.size(); ++j) {
    delta[j] = a.back()[j] - x[j];
    loss += 0.5 * delta[j] * delta[j];
  }
  for (int l = network.n_layers(); l >= 1; --l) {
    const int n_in = network.widths[l - 1];
    const double* weight = parameters.data() + network.weight_offset(l);
    std::vector<double> below(n_in, 0.0);
    for (int j = 0; j < network.widths[l]; ++j) {
      if (network.biases) gradient[network.bias_offset(l) + j] += delta[j] / n;
      for (int i = 0; i < n_in; ++i) {
        gradient[network.weight_offset(l) + j * n_in + i] += delta[j] * a[l - 1][i] / n;
        below[i] += weight[j * n_in + i] * delta[j];
      }
    }
    if (network.activation == Activation::tanh)
      for (int i = 0; i < n_in; ++i) below[i] *= 1 - a[l - 1][i] * a[l - 1][i];
    delta = std::move(below);
  }
  return loss;
}

}  // namespace

double loss_and_gradient(const Network& network, const data::Dataset& dataset, double weight_decay,
                         std::span<const double> parameters, std::span<double> gradient) {
  double loss = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] = weight_decay * parameters[i];
    loss += 0.5 * weight_decay * parameters[i] * parameters[i];
  }
  const double n = dataset.n_samples;
  for (int s = 0; s < dataset.n_samples; ++s)
    loss += add_gradient(network, dataset.sample(s), parameters, n, gradient) / n;
  return loss;
}

}  // namespace driftwood::nn
