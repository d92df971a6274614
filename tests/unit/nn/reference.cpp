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

TEST(LossAndGradient, GradientIsTheDerivativeOfTheLoss) {
  for (const Network& network : test::networks())
    for (double weight_decay : {0.0, 0.3}) {
      const data::Dataset dataset = test::normal_data(9, network.widths[0]);
      std::vector<double> row = test::normal_parameters(network, 1);
      std::vector<double> gradient(row.size());
      loss_and_gradient(network, dataset, weight_decay, row, gradient);
      double largest = 0;
      for (double g : gradient) largest = std::max(largest, std::abs(g));
      for (std::size_t i = 0; i < row.size(); ++i) {
        const double here = row[i];
        row[i] = here + 1e-5;
        const double above = loss(network, dataset, weight_decay, row);
        row[i] = here - 1e-5;
        const double below = loss(network, dataset, weight_decay, row);
        row[i] = here;
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
