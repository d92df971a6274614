// The plain implementation against central differences: what all faster paths are then compared to.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "unit/nn/cases.hpp"

namespace driftwood::nn {
namespace {

double loss(const Network& network, const data::Dataset& dataset, double weight_decay, std::span<const double> row) {
  std::vector<double> gradient(row.size());
  return loss_and_gradient(network, dataset, weight_decay, row, gradient);
}

/// Every activation, with and without biases, with and without a tied decoder where the shape allows it.
std::vector<Network> every_network() {
  std::vector<Network> all = test::networks();
  for (const std::vector<int>& widths :
       std::vector<std::vector<int>>{{4, 1, 1, 4}, {3, 2, 3}, {5, 3, 1, 2, 5}, {6, 3, 2, 2, 3, 6}, {2, 2}})
    for (Activation activation :
         {Activation::linear, Activation::tanh, Activation::relu, Activation::gelu, Activation::sigmoid})
      for (bool biases : {false, true})
        for (bool tied : {false, true})
          if (!tied || std::equal(widths.begin(), widths.end(), widths.rbegin()))
            all.push_back({widths, activation, biases, tied});
  return all;
}

TEST(LossAndGradient, GradientIsTheDerivativeOfTheLoss) {
  for (const Network& network : every_network())
    for (double weight_decay : {0.0, 0.3}) {
      const data::Dataset dataset = test::normal_data(9, network.widths[0]);
      std::vector<double> row = test::normal_parameters(network, 1);
      std::vector<double> gradient(row.size());
      loss_and_gradient(network, dataset, weight_decay, row, gradient);
      double largest = 0;
      for (double g : gradient) largest = std::max(largest, std::abs(g));
      std::vector<int> copy_of(row.size(), -1);
      std::vector<char> is_copy(row.size(), 0);
      for (const auto& [copy, master] : network.tied_pairs()) {
        copy_of[master] = copy;
        is_copy[copy] = 1;
      }
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (is_copy[i] != 0) {
          EXPECT_EQ(gradient[i], 0.0);
          continue;
        }
        const auto loss_at = [&](double value) {
          std::vector<double> moved = row;
          moved[i] = value;
          if (copy_of[i] >= 0) moved[copy_of[i]] = value;
          return loss(network, dataset, weight_decay, moved);
        };
        const double above = loss_at(row[i] + 1e-5);
        const double below = loss_at(row[i] - 1e-5);
        EXPECT_NEAR(gradient[i], (above - below) / 2e-5, 1e-8 * (1 + largest)) << network.describe() << ", entry " << i;
      }
    }
}

TEST(LossAndGradient, IsTheHandCalculationForOneSample) {
  // f = c2 + w2 tanh(w1 x + c1), parameters w1 c1 w2 c2.
  const Network network{{1, 1, 1}, Activation::tanh, true};
  const data::Dataset dataset{.name = "", .feature_names = {"x"}, .n_samples = 1, .n_features = 1, .values = {2.0}};
  const std::vector<double> row = {0.25, -0.5, 3.0, 1.0};  // w1 x + c1 = 0, f = 1
  std::vector<double> gradient(4);
  EXPECT_DOUBLE_EQ(loss_and_gradient(network, dataset, 0.1, row, gradient), 0.5 + 0.05 * (0.0625 + 0.25 + 9 + 1));
  EXPECT_DOUBLE_EQ(gradient[0], -1 * 3 * 2 + 0.025);
  EXPECT_DOUBLE_EQ(gradient[1], -1 * 3 - 0.05);
  EXPECT_DOUBLE_EQ(gradient[2], 0 + 0.3);
  EXPECT_DOUBLE_EQ(gradient[3], -1 + 0.1);
}

}  // namespace
}  // namespace driftwood::nn
