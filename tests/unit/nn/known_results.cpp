// What is known exactly about training: the rows of a physicist's table, each with a bound that a wrong factor of two,
// sign or learning rate breaks.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "driftwood/nn/minibatch.hpp"
#include "unit/nn/cases.hpp"

namespace driftwood::nn {
namespace {

const CounterRandom random_numbers(31, 32);

/// Four samples on the axes: the second moments are diag(s1, s2) exactly.
data::Dataset axis_data(double s1, double s2) {
  const double a = std::sqrt(2 * s1);
  const double b = std::sqrt(2 * s2);
  return {.name = "axis data",
          .feature_names = {"x", "y"},
          .n_samples = 4,
          .n_features = 2,
          .values = {a, 0, -a, 0, 0, b, 0, -b}};
}

SgdOptions full_batch(const Network& network, double learning_rate) {
  return {.learning_rate = learning_rate,
          .trained = std::vector<char>(network.n_parameters(), 1),
          .sampling = Sampling::full_batch};
}

/// Largest deviation of the two modes from Saxe, McClelland, Ganguli (2014), here with target 1 and input variance s:
/// u(t) = e^{2st} / (e^{2st} - 1 + 1/u0).
double deviation_from_saxe(double learning_rate) {
  const Network network{{2, 2, 2}, Activation::linear, false};
  const double s[2] = {1.0, 0.4};
  const double u0[2] = {0.02, 0.05};
  std::vector<double> row = {std::sqrt(u0[0]), 0, 0, std::sqrt(u0[1]), std::sqrt(u0[0]), 0, 0, std::sqrt(u0[1])};
  const SgdTrainer trainer(network, axis_data(s[0], s[1]), full_batch(network, learning_rate), random_numbers);
  const auto steps_per_unit = static_cast<std::uint32_t>(std::lround(1 / learning_rate));
  double worst = 0;
  for (std::uint32_t t = 1; t <= 8; ++t) {
    trainer.train(row, 0, (t - 1) * steps_per_unit, steps_per_unit);
    for (int k = 0; k < 2; ++k) {
      const double growth = std::exp(2 * s[k] * t);
      worst = std::max(worst, std::abs(row[3 * k] * row[4 + 3 * k] - growth / (growth - 1 + 1 / u0[k])));
    }
  }
  return worst;
}

TEST(DeepLinearNetwork, ItsModesFollowSaxesFormulaToFirstOrderInTheLearningRate) {
  const double errors[] = {deviation_from_saxe(0.04), deviation_from_saxe(0.02), deviation_from_saxe(0.01)};
  EXPECT_LT(errors[2], 0.02);
  for (int k = 0; k < 2; ++k) EXPECT_NEAR(std::log2(errors[k] / errors[k + 1]), 1.0, 0.15);
}

/// W2^T W2 - W1 W1^T of a 3-2-3 network, and the same for two other matrices.
std::vector<double> balance(const double* w1, const double* w2) {
  std::vector<double> result(4, 0.0);
  for (int a = 0; a < 2; ++a)
    for (int b = 0; b < 2; ++b)
      for (int i = 0; i < 3; ++i) result[a * 2 + b] += w2[i * 2 + a] * w2[i * 2 + b] - w1[a * 3 + i] * w1[b * 3 + i];
  return result;
}

double drift_of_balance(double learning_rate) {
  const Network network{{3, 2, 3}, Activation::linear, false};
  std::vector<double> row = test::normal_parameters(network, 1);
  const std::vector<double> before = balance(row.data(), row.data() + 6);
  const SgdTrainer trainer(network, test::normal_data(20, 3), full_batch(network, learning_rate), random_numbers);
  trainer.train(row, 0, 0, static_cast<std::uint32_t>(std::lround(2 / learning_rate)));
  const std::vector<double> after = balance(row.data(), row.data() + 6);
  double worst = 0;
  for (int k = 0; k < 4; ++k) worst = std::max(worst, std::abs(after[k] - before[k]));
  return worst;
}

TEST(LinearNetwork, ConservesItsBalanceUnderGradientFlow) {
  const double drifts[] = {drift_of_balance(0.02), drift_of_balance(0.01), drift_of_balance(0.005)};
  EXPECT_LT(drifts[2], 0.02);
  for (int k = 0; k < 2; ++k) EXPECT_NEAR(std::log2(drifts[k] / drifts[k + 1]), 1.0, 0.15);
}

TEST(LinearNetwork, ItsBalanceChangesByTheSquaredGradientsExactlyAtEveryStepOfSgd) {
  // W2'^T W2' - W1' W1'^T = W2^T W2 - W1 W1^T + eta^2 (G2^T G2 - G1 G1^T), whatever the minibatch.
  const Network network{{3, 2, 3}, Activation::linear, false};
  const data::Dataset dataset = test::normal_data(20, 3);
  SgdOptions options = full_batch(network, 0.05);
  options.sampling = Sampling::replacement;
  options.batch_size = 4;
  const SgdTrainer trainer(network, dataset, options, random_numbers);
  std::vector<double> row = test::normal_parameters(network, 1);
  for (std::uint32_t step = 0; step < 30; ++step) {
    std::vector<double> g(row.size());
    loss_and_gradient(network, test::pick(dataset, minibatch_samples(options, 20, random_numbers, step, 0)), 0, row, g);
    const std::vector<double> before = balance(row.data(), row.data() + 6);
    const std::vector<double> squares = balance(g.data(), g.data() + 6);
    trainer.train(row, 0, step, 1);
    const std::vector<double> after = balance(row.data(), row.data() + 6);
    for (int k = 0; k < 4; ++k) EXPECT_NEAR(after[k] - before[k], 0.05 * 0.05 * squares[k], 1e-13);
  }
}

constexpr double weight_decay = 0.1;  // confines the weight: tanh saturates

/// exp(-L(w)/T) of one weight, the others fixed, as a cumulative distribution on [-range, range].
std::vector<double> boltzmann(const Network& network, const data::Dataset& dataset, std::vector<double> row,
                              int position, double temperature, double range, int n) {
  std::vector<double> cumulative(n + 1, 0.0);
  std::vector<double> gradient(row.size());
  for (int i = 0; i < n; ++i) {
    row[position] = -range + (i + 0.5) * 2 * range / n;
    cumulative[i + 1] =
        cumulative[i] + std::exp(-loss_and_gradient(network, dataset, weight_decay, row, gradient) / temperature);
  }
  for (double& value : cumulative) value /= cumulative.back();
  return cumulative;
}

/// Largest distance between the distribution of `sample` and `cumulative`.
double kolmogorov_smirnov(std::vector<double> sample, const std::vector<double>& cumulative, double range) {
  std::sort(sample.begin(), sample.end());
  double worst = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double cell = (sample[i] + range) / (2 * range) * static_cast<double>(cumulative.size() - 1);
    const auto k = static_cast<std::size_t>(cell);
    const double expected = cumulative[k] + (cell - static_cast<double>(k)) * (cumulative[k + 1] - cumulative[k]);
    worst = std::max({worst, std::abs(expected - static_cast<double>(i) / sample.size()),
                      std::abs(expected - static_cast<double>(i + 1) / sample.size())});
  }
  return worst;
}

TEST(LangevinTraining, OfTheFullBatchEndsInTheBoltzmannDistribution) {
  const Network network{{3, 1, 1, 3}, Activation::tanh, false};
  const data::Dataset dataset = test::normal_data(15, 3);
  constexpr int position = 3;
  constexpr double temperature = 0.15;
  constexpr double range = 12;
  constexpr int n = 4000;
  const std::vector<double> others = test::normal_parameters(network, 1, 1.2);
  for (Optimiser optimiser : {Optimiser::sgd, Optimiser::momentum}) {
    SgdOptions options = full_batch(network, optimiser == Optimiser::sgd ? 0.05 : 0.01);
    options.trained.assign(network.n_parameters(), 0);
    options.trained[position] = 1;
    options.temperature = temperature;
    options.weight_decay = weight_decay;
    options.optimiser = optimiser;
    options.momentum = optimiser == Optimiser::sgd ? 0.0 : 0.8;  // the same time a step
    std::vector<double> rows;
    for (int r = 0; r < n; ++r) rows.insert(rows.end(), others.begin(), others.end());
    const SgdTrainer trainer(network, dataset, options, random_numbers);
    std::vector<double> state(static_cast<std::size_t>(n) * trainer.state_size(), 0.0);
    trainer.train(rows, state, 0, 0, 800);
    std::vector<double> sample;
    for (int r = 0; r < n; ++r) sample.push_back(rows[r * others.size() + position]);
    const std::vector<double> expected = boltzmann(network, dataset, others, position, temperature, range, 4000);
    const double floor = 0.8687 / std::sqrt(n);  // mean distance of n draws from their own distribution
    EXPECT_LT(kolmogorov_smirnov(sample, expected, range), 2 * floor) << static_cast<int>(optimiser);
    const auto colder = boltzmann(network, dataset, others, position, 0.8 * temperature, range, 4000);
    EXPECT_GT(kolmogorov_smirnov(sample, colder, range), 2 * floor) << "the test sees a wrong temperature";
  }
}

TEST(Epochs, LeaveNoNoiseOfFirstOrderBehind) {
  // Over a whole epoch the minibatch gradients sum to the full one, so the spread over replicas is of order eta^2 where
  // that of draws with replacement is of order eta.
  const Network network{{2, 1, 2}, Activation::linear, false};
  const data::Dataset dataset = test::normal_data(16, 2);
  const std::vector<double> start = test::normal_parameters(network, 1);
  const auto spread = [&](Sampling sampling, double learning_rate) {
    SgdOptions options = full_batch(network, learning_rate);
    options.sampling = sampling;
    options.batch_size = 4;
    std::vector<double> rows;
    for (int r = 0; r < 400; ++r) rows.insert(rows.end(), start.begin(), start.end());
    SgdTrainer(network, dataset, options, random_numbers).train(rows, 0, 0, 4);
    double mean = 0;
    double square = 0;
    for (int r = 0; r < 400; ++r) mean += rows[r * 4] / 400;
    for (int r = 0; r < 400; ++r) square += std::pow(rows[r * 4] - mean, 2) / 400;
    return std::sqrt(square);
  };
  EXPECT_NEAR(std::log2(spread(Sampling::replacement, 0.02) / spread(Sampling::replacement, 0.01)), 1.0, 0.1);
  EXPECT_NEAR(std::log2(spread(Sampling::epochs, 0.02) / spread(Sampling::epochs, 0.01)), 2.0, 0.1);
}

}  // namespace
}  // namespace driftwood::nn
