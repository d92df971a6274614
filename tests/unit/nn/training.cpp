// The vectorised trainer against a plain one, and its promise: the same bits however the work is cut.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "driftwood/core/error.hpp"
#include "driftwood/nn/minibatch.hpp"
#include "unit/nn/cases.hpp"

namespace driftwood::nn {
namespace {

const CounterRandom random_numbers(2024, 77);
constexpr std::uint64_t first_replica = (1ull << 32) - 3;  // the block crosses into the high word

SgdOptions options_for(const Network& network, int batch_size) {
  return {.learning_rate = 0.004,
          .batch_size = batch_size,
          .temperature = 0.0,
          .weight_decay = 0.0,
          .trained = std::vector<char>(network.n_parameters(), 1)};
}

/// The options' step `step` of one replica with the reference gradient: nn/training.hpp, word for word.
void plain_step(const Network& network, const data::Dataset& dataset, const SgdOptions& options, std::uint64_t replica,
                std::uint32_t step, std::span<double> row, std::span<double> state) {
  const std::vector<int> minibatch = minibatch_samples(options, dataset.n_samples, random_numbers, step, replica);
  std::vector<double> g(row.size());
  loss_and_gradient(network, test::pick(dataset, minibatch), options.weight_decay, row, g);
  const double eta = options.learning_rate * options.schedule.relative_rate(step);
  const double beta = options.momentum;
  const double alpha = options.square_decay;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (options.trained[i] == 0) continue;
    const double xi = random_numbers.normal(RandomPurpose::langevin_noise, i, step, replica);
    switch (options.optimiser) {
      case Optimiser::sgd:
        row[i] += -eta * g[i] + std::sqrt(2 * eta * options.temperature) * xi;
        break;
      case Optimiser::momentum:
        state[i] = beta * state[i] - eta * g[i] + std::sqrt(2 * eta * (1 - beta) * options.temperature) * xi;
        row[i] += state[i];
        break;
      case Optimiser::rmsprop:
        state[i] = alpha * state[i] + (1 - alpha) * g[i] * g[i];
        row[i] -= eta * g[i] / (std::sqrt(state[i]) + options.epsilon);
        break;
      case Optimiser::adam: {
        double& m = state[i];
        double& v = state[row.size() + i];
        m = beta * m + (1 - beta) * g[i];
        v = alpha * v + (1 - alpha) * g[i] * g[i];
        row[i] -= eta * m / (1 - std::pow(beta, step + 1)) /
                  (std::sqrt(v / (1 - std::pow(alpha, step + 1))) + options.epsilon);
        break;
      }
    }
  }
  for (const auto& [copy, master] : network.tied_pairs())
    if (options.trained[master] != 0) row[copy] = row[master];
}

/// Tied copies are no parameters of their own.
SgdOptions without_copies(const Network& network, SgdOptions options) {
  for (const auto& [copy, master] : network.tied_pairs()) options.trained[copy] = 0;
  return options;
}

std::vector<double> plainly_trained(const Network& network, const data::Dataset& dataset, SgdOptions options,
                                    std::vector<double> parameters, std::uint32_t first_step, std::uint32_t n_steps) {
  options = without_copies(network, options);
  const std::size_t width = network.n_parameters();
  for (std::size_t r = 0; r * width < parameters.size(); ++r) {
    std::vector<double> state(2 * width, 0.0);
    for (std::uint32_t k = 0; k < n_steps; ++k)
      plain_step(network, dataset, options, first_replica + r, first_step + k,
                 std::span(parameters).subspan(r * width, width), state);
  }
  return parameters;
}

std::vector<double> trained(const Network& network, const data::Dataset& dataset, const SgdOptions& options,
                            std::vector<double> parameters, std::uint32_t first_step, std::uint32_t n_steps,
                            const Kernel& kernel, Layout layout = Layout::automatic) {
  const SgdTrainer trainer(network, dataset, options, random_numbers, kernel, layout);
  std::vector<double> state(parameters.size() / network.n_parameters() * trainer.state_size(), 0.0);
  trainer.train(parameters, state, first_replica, first_step, n_steps);
  return parameters;
}

/// Options that between them reach every rule, sampling and schedule.
std::vector<SgdOptions> option_sets(const Network& network, int batch_size) {
  const SgdOptions plain = options_for(network, batch_size);
  SgdOptions noisy = plain;
  noisy.weight_decay = 0.01;
  noisy.temperature = 0.001;
  SgdOptions momentum = noisy;
  momentum.optimiser = Optimiser::momentum;
  momentum.momentum = 0.7;
  momentum.schedule = {Schedule::Kind::step, 2, 0.5};
  SgdOptions rmsprop = plain;
  rmsprop.optimiser = Optimiser::rmsprop;
  rmsprop.sampling = Sampling::epochs;
  rmsprop.schedule = {Schedule::Kind::inverse_time, 3, 0};
  SgdOptions adam = plain;
  adam.optimiser = Optimiser::adam;
  adam.momentum = 0.9;
  adam.square_decay = 0.999;
  adam.weight_decay = 0.02;
  adam.sampling = Sampling::full_batch;
  adam.schedule = {Schedule::Kind::cosine, 5, 0.1};
  SgdOptions shared = plain;
  shared.shared_minibatches = true;
  return {plain, noisy, momentum, rmsprop, adam, shared};
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

void expect_near_relative(const std::vector<double>& value, const std::vector<double>& expected, double tolerance,
                          const std::string& what) {
  ASSERT_EQ(value.size(), expected.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    ASSERT_LT(std::abs(expected[i]), 100)
        << what << ": the training must be stable for the comparison to mean anything";
    ASSERT_NEAR(value[i], expected[i], tolerance * (1 + std::abs(expected[i]))) << what << ", entry " << i;
  }
}

TEST(Kernels, ThePortableOneIsAlwaysThereAndNamesDiffer) {
  const std::vector<const Kernel*> kernels = available_kernels();
  ASSERT_FALSE(kernels.empty());
  EXPECT_STREQ(kernels.back()->name, "portable");
  for (std::size_t i = 1; i < kernels.size(); ++i) EXPECT_STRNE(kernels[i]->name, kernels[i - 1]->name);
}

TEST(SgdTrainer, TakesTheStepsOfThePlainTrainerOnEveryKernelShapeRuleAndLayout) {
  for (const Network& network : test::networks()) {
    const data::Dataset dataset = test::normal_data(37, network.widths[0]);
    const std::vector<double> start = test::normal_parameters(network, 5);
    for (const SgdOptions& options : option_sets(network, 11)) {
      const std::vector<double> expected = plainly_trained(network, dataset, options, start, 3, 4);
      for (Layout layout : {Layout::replicas_side_by_side, Layout::one_by_one})
        expect_near_relative(trained(network, dataset, options, start, 3, 4, *available_kernels().front(), layout),
                             expected, 1e-11,
                             network.describe() + ", rule " + std::to_string(static_cast<int>(options.optimiser)));
    }
  }
}

TEST(SgdTrainer, SinglePrecisionTakesTheSameStepsToRoundOff) {
  for (const Network& network : test::networks()) {
    const data::Dataset dataset = test::normal_data(37, network.widths[0]);
    std::vector<double> start = test::normal_parameters(network, 5);
    for (double& value : start) value = static_cast<float>(value);
    for (SgdOptions options : option_sets(network, 11)) {
      if (options.optimiser == Optimiser::adam || options.optimiser == Optimiser::rmsprop)
        options.epsilon = 0.1;  // else the first steps are signs of gradients, whatever their round-off
      const std::vector<double> expected = plainly_trained(network, dataset, options, start, 3, 4);
      options.precision = Precision::single_precision;
      expect_near_relative(trained(network, dataset, options, start, 3, 4, *available_kernels().front()), expected,
                           2e-5, network.describe());
    }
  }
}

TEST(SgdTrainer, TakesAnyBatchSizeAndNumberOfReplicas) {
  const Network network{{4, 1, 1, 4}};
  const data::Dataset dataset = test::normal_data(150, 4);
  for (int batch_size : {1, 3, 7, 8, 9, 16, 21})
    for (int n_replicas : {1, 7, 8, 9, 17}) {
      const SgdOptions options = options_for(network, batch_size);
      const std::vector<double> start = test::normal_parameters(network, n_replicas);
      const std::vector<double> expected = plainly_trained(network, dataset, options, start, 0, 3);
      for (const Kernel* kernel : available_kernels())
        expect_near_relative(trained(network, dataset, options, start, 0, 3, *kernel), expected, 1e-12,
                             "batch " + std::to_string(batch_size) + ", " + std::to_string(n_replicas) + " replicas");
    }
}

TEST(SgdTrainer, TakesWideNetworks) {
  const Network network{{64, 16, 2, 2, 16, 64}, Activation::tanh, true};
  const data::Dataset dataset = test::normal_data(40, 64);
  const SgdOptions options = options_for(network, 6);
  const std::vector<double> start = test::normal_parameters(network, 3, 0.1);
  expect_near_relative(trained(network, dataset, options, start, 0, 2, *available_kernels().front()),
                       plainly_trained(network, dataset, options, start, 0, 2), 1e-12, network.describe());
}

TEST(SgdTrainer, WeightDecayAndLangevinNoiseActOnTheTrainedParametersOnly) {
  const Network network{{3, 2, 3}, Activation::tanh, true};
  const data::Dataset dataset = test::normal_data(20, 3);
  SgdOptions options = options_for(network, 4);
  options.weight_decay = 0.7;
  options.temperature = 0.2;
  for (int i = 0; i < network.n_parameters(); i += 3) options.trained[i] = 0;
  const std::vector<double> start = test::normal_parameters(network, 9);
  const std::vector<double> expected = plainly_trained(network, dataset, options, start, 1, 5);
  for (const Kernel* kernel : available_kernels()) {
    const std::vector<double> end = trained(network, dataset, options, start, 1, 5, *kernel);
    expect_near_relative(end, expected, 1e-12, kernel->name);
    for (std::size_t at = 0; at < end.size(); ++at)
      EXPECT_EQ(end[at] == start[at], at % network.n_parameters() % 3 == 0) << "frozen, and only they";
  }
}

/// The option sets for the network of this number: all, but under the address sanitizer, whose portable kernels take
/// minutes, one set a network in turn.
std::vector<SgdOptions> option_sets_in_turn(const Network& network, std::size_t number) {
  std::vector<SgdOptions> all = option_sets(network, 13);
#ifdef __SANITIZE_ADDRESS__
  all = {all[number % all.size()]};
#else
  static_cast<void>(number);
#endif
  return all;
}

TEST(SgdTrainer, EveryInstructionSetAndLayoutGivesTheSameBits) {
  const std::vector<Network> networks = test::networks();
  for (std::size_t number = 0; number < networks.size(); ++number) {
    const Network& network = networks[number];
    const data::Dataset dataset = test::normal_data(50, network.widths[0]);
    const std::vector<double> start = test::normal_parameters(network, 17);
    for (SgdOptions options : option_sets_in_turn(network, number))
      for (Precision precision : {Precision::double_precision, Precision::single_precision}) {
        options.precision = precision;
        const std::vector<double> portable =
            trained(network, dataset, options, start, 0, 3, portable_kernel, Layout::replicas_side_by_side);
        for (const Kernel* kernel : available_kernels())
          for (Layout layout : {Layout::one_by_one, Layout::replicas_side_by_side, Layout::automatic}) {
            if (kernel == &portable_kernel && layout != Layout::one_by_one) continue;  // slow, and the same again
            EXPECT_TRUE(same_bits(trained(network, dataset, options, start, 0, 3, *kernel, layout), portable))
                << network.describe() << ", " << kernel->name << ", rule " << static_cast<int>(options.optimiser)
                << ", layout " << static_cast<int>(layout);
          }
      }
  }
}

TEST(SgdTrainer, LayoutsAgreeForEveryBatchSize) {
  const Network network{{9, 3, 2, 9}, Activation::tanh, true};
  const data::Dataset dataset = test::normal_data(150, 9);
  const std::vector<double> start = test::normal_parameters(network, 9);
  for (Precision precision : {Precision::double_precision, Precision::single_precision})
    for (int batch_size : {1, 3, 8, 9, 16, 17, 31, 33, 64, 65, 100, 130}) {
      SgdOptions options = options_for(network, batch_size);
      options.precision = precision;
      const auto with = [&](Layout layout) {
        return trained(network, dataset, options, start, 0, 3, *available_kernels().front(), layout);
      };
      EXPECT_TRUE(same_bits(with(Layout::one_by_one), with(Layout::replicas_side_by_side))) << batch_size;
    }
}

TEST(SgdTrainer, LayersCanBeFrozenOneByOne) {
  const Network network{{6, 3, 2, 6}, Activation::tanh, true};
  const data::Dataset dataset = test::normal_data(30, 6);
  const std::vector<double> start = test::normal_parameters(network, 9);
  for (int frozen = 0; frozen < 8; ++frozen) {
    SgdOptions options = options_for(network, 9);
    for (int layer = 1; layer <= 3; ++layer)
      if ((frozen >> (layer - 1) & 1) != 0) {
        const int begin = network.weight_offset(layer);
        std::fill_n(options.trained.begin() + begin, network.bias_offset(layer) + network.widths[layer] - begin, 0);
      }
    const std::vector<double> expected = plainly_trained(network, dataset, options, start, 0, 4);
    for (Layout layout : {Layout::replicas_side_by_side, Layout::one_by_one})
      expect_near_relative(trained(network, dataset, options, start, 0, 4, *available_kernels().front(), layout),
                           expected, 1e-12, "frozen " + std::to_string(frozen));
  }
}

TEST(SgdTrainer, CutsIntoCallsAndBlocksChangeNothing) {
  const Network network{{5, 3, 1, 2, 5}, Activation::tanh, true};
  const data::Dataset dataset = test::normal_data(30, 5);
  const std::size_t width = network.n_parameters();
  const SgdTrainer trainer(network, dataset, options_for(network, 10), random_numbers);
  std::vector<double> whole = test::normal_parameters(network, 19);
  std::vector<double> pieces = whole;
  trainer.train(whole, first_replica, 0, 40);
  for (const auto& [first, count] : {std::pair<int, int>{0, 3}, {3, 9}, {12, 1}, {13, 6}}) {
    const auto rows = std::span(pieces).subspan(first * width, count * width);
    trainer.train(rows, first_replica + first, 0, 7);
    trainer.train(rows, first_replica + first, 7, 0);
    trainer.train(rows, first_replica + first, 7, 33);
  }
  EXPECT_TRUE(same_bits(whole, pieces));
}

TEST(SgdTrainer, ALostReplicaLeavesItsNeighboursAlone) {
  const Network network{{4, 1, 1, 4}};
  const data::Dataset dataset = test::normal_data(30, 4);
  const SgdTrainer trainer(network, dataset, options_for(network, 8), random_numbers);
  std::vector<double> sound = test::normal_parameters(network, 8);
  std::vector<double> with_lost = sound;
  std::fill_n(with_lost.begin() + 2 * 9, 9, std::nan(""));
  trainer.train(sound, 0, 0, 10);
  trainer.train(with_lost, 0, 0, 10);
  for (int at = 0; at < 8 * 9; ++at)
    if (at / 9 == 2)
      EXPECT_TRUE(std::isnan(with_lost[at]));
    else
      EXPECT_EQ(with_lost[at], sound[at]);
}

TEST(SgdTrainer, ReplicasThatAreSetAsideDoNotChangeTheOthers) {
  const Network network{{4, 1, 1, 4}};
  const data::Dataset dataset = test::normal_data(30, 4);
  const SgdTrainer trainer(network, dataset, options_for(network, 8), random_numbers);
  std::vector<double> all = test::normal_parameters(network, 17);
  std::vector<double> some = all;
  std::vector<char> set_aside(17, 1);
  for (int r : {2, 9, 10, 16}) set_aside[r] = 0;
  trainer.train(all, 0, 0, 10);
  trainer.train(some, {}, 0, 0, 10, set_aside);
  for (int r : {2, 9, 10, 16})
    for (int i = 0; i < 9; ++i) EXPECT_EQ(some[r * 9 + i], all[r * 9 + i]);
}

TEST(SgdTrainer, RefusesDataThatDoNotFitTheNetwork) {
  const Network network{{4, 1, 1, 4}};
  EXPECT_THROW(SgdTrainer(network, test::normal_data(5, 3), options_for(network, 8), random_numbers), ConfigError);
}

}  // namespace
}  // namespace driftwood::nn
