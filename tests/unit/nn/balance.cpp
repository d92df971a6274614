// What a linear network keeps, and by how much one step changes it.
#include "driftwood/nn/balance.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "driftwood/nn/minibatch.hpp"
#include "unit/nn/cases.hpp"

namespace driftwood::nn {
namespace {

const CounterRandom random_numbers(4, 4);

SgdOptions options_for(const Network& network, double learning_rate, int batch_size) {
  return {.learning_rate = learning_rate,
          .batch_size = batch_size,
          .trained = std::vector<char>(network.n_parameters(), 1)};
}

std::vector<double> trained(const Network& network, const data::Dataset& dataset, const SgdOptions& options,
                            std::vector<double> parameters, std::uint32_t n_steps) {
  SgdTrainer(network, dataset, options, random_numbers).train(parameters, 0, 0, n_steps);
  return parameters;
}

/// The largest |difference| of entries, relative to the largest entry of `of`.
double relative_difference(const std::vector<double>& a, const std::vector<double>& b, const std::vector<double>& of) {
  double difference = 0;
  double size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    size = std::max(size, std::abs(of[i]));
  }
  return difference / size;
}

TEST(Balance, NamesAndValuesAreThoseOfTheDefinition) {
  const Network network{{2, 1, 2, 2}, Activation::linear, false};
  EXPECT_EQ(balance_names(network), (std::vector<std::string>{"Q1[1,1]", "Q2[1,1]", "Q2[1,2]", "Q2[2,2]"}));
  // W1 = (1 2), W2 = (3 4)^T, W3 = ((5 6) (7 8)).
  const std::vector<double> row{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(balance(network, row), (std::vector<double>{9 + 16 - 5, 74 - 9, 86 - 12, 100 - 16}));
  const std::vector<double> other{0, 0, 0, 0};
  const std::vector<double> unit{3, 1, 2, 1};
  EXPECT_DOUBLE_EQ(balance_distance(network, unit, other), std::sqrt(9 + 1 + 2 * 4 + 1));
}

TEST(Balance, AStepChangesItByTheSquareOfTheGradientExactly) {
  for (bool biases : {false, true}) {
    const Network network{{4, 2, 3, 4}, Activation::linear, biases};
    const data::Dataset dataset = test::normal_data(30, 4);
    const SgdOptions options = options_for(network, 0.01, 5);
    const std::vector<double> start = test::normal_parameters(network, 1);
    const std::vector<double> end = trained(network, dataset, options, start, 1);
    std::vector<double> gradient(start.size());
    const std::vector<int> minibatch = minibatch_samples(options, 30, random_numbers, 0, 0);
    loss_and_gradient(network, test::pick(dataset, minibatch), 0, start, gradient);
    std::vector<double> expected = balance(network, gradient);  // G_{l+1}^T G_{l+1} - G_l G_l^T - g_l g_l^T
    const std::vector<double> before = balance(network, start);
    std::vector<double> change = balance(network, end);
    for (std::size_t i = 0; i < change.size(); ++i) {
      change[i] -= before[i];
      expected[i] *= 0.01 * 0.01;
    }
    EXPECT_LT(relative_difference(change, expected, expected), 1e-9);
  }
}

TEST(Balance, TheScalarNetworkObeysItsIdentityAtEveryStep) {
  // u'^2 - w'^2 = (u^2 - w^2) (1 - eta^2 g^2), g = dL/d(uw).
  const Network network{{1, 1, 1}, Activation::linear, false};
  const data::Dataset dataset = test::normal_data(20, 1);
  const SgdOptions options = options_for(network, 0.1, 4);
  std::vector<double> row{0.4, 0.9};
  for (std::uint32_t step = 0; step < 50; ++step) {
    const std::vector<int> minibatch = minibatch_samples(options, 20, random_numbers, step, 0);
    std::vector<double> gradient(2);
    loss_and_gradient(network, test::pick(dataset, minibatch), 0, row, gradient);
    const double g = gradient[0] / row[1];
    const double expected = (row[1] * row[1] - row[0] * row[0]) * (1 - 0.01 * g * g);
    SgdTrainer(network, dataset, options, random_numbers).train(row, 0, step, 1);
    EXPECT_NEAR(row[1] * row[1] - row[0] * row[0], expected, 1e-15);
  }
}

TEST(Balance, ItsDriftOverAFixedTimeIsOfFirstOrderInTheLearningRate) {
  const Network network{{4, 2, 2, 4}, Activation::linear, false};
  const data::Dataset dataset = test::normal_data(30, 4);
  const std::vector<double> start = test::normal_parameters(network, 1, 0.4);
  const std::vector<double> before = balance(network, start);
  std::vector<double> drift;
  for (double eta : {0.02, 0.01, 0.005}) {
    SgdOptions options = options_for(network, eta, 30);
    options.sampling = Sampling::full_batch;
    const auto n_steps = static_cast<std::uint32_t>(std::lround(2 / eta));
    const std::vector<double> end = balance(network, trained(network, dataset, options, start, n_steps));
    drift.push_back(balance_distance(network, end, before));
  }
  for (int k : {0, 1}) {
    const double order = std::log2(drift[k] / drift[k + 1]);
    EXPECT_GT(order, 0.9);
    EXPECT_LT(order, 1.1);
  }
}

TEST(DeepLinearNetwork, ModesFollowTheSigmoidsOfSaxeMcClellandAndGanguli) {
  // du/dt = 2 u (s - u) for white inputs of variance 1, with s = 1 for an autoencoder. These have the variance 1/2, so
  // time runs at half speed.
  const Network network{{2, 2, 2}, Activation::linear, false};
  const data::Dataset dataset{
      .name = "axes", .feature_names = {}, .n_samples = 2, .n_features = 2, .values = {1, 0, 0, 1}};
  const double u0 = 0.01;
  const double a = std::sqrt(u0);
  std::vector<double> worst;
  for (double eta : {0.04, 0.02, 0.01}) {
    SgdOptions options = options_for(network, eta, 2);
    options.sampling = Sampling::full_batch;
    std::vector<double> row{a, 0, 0, 2 * a, a, 0, 0, 2 * a};  // aligned and balanced; the second mode starts at 4 u0
    double error = 0;
    const auto per_look = static_cast<std::uint32_t>(std::lround(0.4 / eta));
    for (std::uint32_t look = 1; look <= 30; ++look) {
      SgdTrainer(network, dataset, options, random_numbers).train(row, 0, (look - 1) * per_look, per_look);
      const double t = look * per_look * eta / 2;
      for (int mode : {0, 1}) {
        const double start = mode == 0 ? u0 : 4 * u0;
        const double expected = std::exp(2 * t) / (std::exp(2 * t) - 1 + 1 / start);
        error = std::max(error, std::abs(row[mode * 3] * row[4 + mode * 3] - expected));
      }
    }
    worst.push_back(error);
    EXPECT_LT(error, 2 * eta);
  }
  for (int k : {0, 1}) {
    const double order = std::log2(worst[k] / worst[k + 1]);
    EXPECT_GT(order, 0.9);
    EXPECT_LT(order, 1.1);
  }
}

}  // namespace
}  // namespace driftwood::nn
