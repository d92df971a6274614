// The vectorised trainer against a plain one, and its promise: the same bits however the work is cut.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "driftwood/core/error.hpp"
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

/// One step (1.3) of one replica with the reference gradient.
void plain_step(const Network& network, const data::Dataset& dataset, const SgdOptions& options, std::uint64_t replica,
                std::uint32_t step, std::span<double> row) {
  std::vector<int> minibatch;
  for (int s = 0; s < options.batch_size; ++s)
    minibatch.push_back(random_numbers.below(dataset.n_samples, RandomPurpose::minibatch, s, step, replica));
  std::vector<double> gradient(row.size());
  loss_and_gradient(network, test::pick(dataset, minibatch), options.weight_decay, row, gradient);
  const double noise = std::sqrt(2 * options.learning_rate * options.temperature);
  for (std::size_t i = 0; i < row.size(); ++i)
    if (options.trained[i] != 0)
      row[i] += -options.learning_rate * gradient[i] +
                noise * random_numbers.normal(RandomPurpose::langevin_noise, i, step, replica);
}

std::vector<double> plainly_trained(const Network& network, const data::Dataset& dataset, const SgdOptions& options,
                                    std::vector<double> parameters, std::uint32_t first_step, std::uint32_t n_steps) {
  const std::size_t width = network.n_parameters();
  for (std::size_t r = 0; r * width < parameters.size(); ++r)
    for (std::uint32_t k = 0; k < n_steps; ++k)
      plain_step(network, dataset, options, first_replica + r, first_step + k,
                 std::span(parameters).subspan(r * width, width));
  return parameters;
}

std::vector<double> trained(const Network& network, const data::Dataset& dataset, const SgdOptions& options,
                            std::vector<double> parameters, std::uint32_t first_step, std::uint32_t n_steps,
                            const Kernel& kernel) {
  SgdTrainer(network, dataset, options, random_numbers, kernel).train(parameters, first_replica, first_step, n_steps);
  return parameters;
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

TEST(SgdTrainer, TakesTheStepsOfThePlainTrainerOnEveryKernelAndShape) {
  for (const Network& network : test::networks()) {
    const data::Dataset dataset = test::normal_data(37, network.widths[0]);
    const SgdOptions options = options_for(network, 11);
    const std::vector<double> start = test::normal_parameters(network, 5);
    const std::vector<double> expected = plainly_trained(network, dataset, options, start, 3, 4);
    for (const Kernel* kernel : available_kernels())
      expect_near_relative(trained(network, dataset, options, start, 3, 4, *kernel), expected, 1e-12,
                           network.describe() + ", " + kernel->name);
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

TEST(SgdTrainer, EveryInstructionSetGivesTheSameBits) {
  for (const Network& network : test::networks()) {
    const data::Dataset dataset = test::normal_data(50, network.widths[0]);
    SgdOptions options = options_for(network, 13);
    options.weight_decay = 0.01;
    options.temperature = 0.001;
    const std::vector<double> start = test::normal_parameters(network, 11);
    const std::vector<double> portable = trained(network, dataset, options, start, 0, 25, portable_kernel);
    for (const Kernel* kernel : available_kernels())
      EXPECT_TRUE(same_bits(trained(network, dataset, options, start, 0, 25, *kernel), portable))
          << network.describe() << ", " << kernel->name;
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

TEST(SgdTrainer, RefusesDataThatDoNotFitTheNetwork) {
  const Network network{{4, 1, 1, 4}};
  EXPECT_THROW(SgdTrainer(network, test::normal_data(5, 3), options_for(network, 8), random_numbers), ConfigError);
}

}  // namespace
}  // namespace driftwood::nn
