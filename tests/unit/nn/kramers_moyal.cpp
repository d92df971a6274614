// Drift, diffusion and outputs against the plain implementation.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "unit/nn/cases.hpp"

namespace driftwood::nn {
namespace {

TrackedWeights track(std::vector<int> positions) {
  return {std::move(positions), {}};
}

/// Sets of tracked positions, weights and biases of several layers among them.
std::vector<TrackedWeights> tracked_sets(const Network& network) {
  int last = network.n_parameters() - 1;  // in a tied decoder's encoder: a copy cannot be tracked
  if (network.tied) last = network.weight_offset(network.n_layers() / 2 + 1) - 1;
  return {track_layer(Network{{1, 1}}, 1), track({last}), track({last / 2, 0}), track({1, last, last / 3, last / 2})};
}

/// The definitions of equations.md sections 2 and 3, one sample at a time.
KramersMoyal plain(const Network& network, const data::Dataset& dataset, const TrackedWeights& tracked,
                   const KramersMoyalOptions& options, std::span<const double> row) {
  const int d = tracked.dimension();
  const int n = dataset.n_samples;
  KramersMoyal result{{0.0}, std::vector<double>(d), std::vector<double>(packed_size(d))};
  std::vector<double> gradient(row.size());
  result.loss[0] = loss_and_gradient(network, dataset, options.weight_decay, row, gradient);
  for (int k = 0; k < d; ++k) result.drift[k] = -gradient[tracked.positions[k]];
  std::vector<double> mean(row.size());
  loss_and_gradient(network, dataset, 0, row, mean);
  for (int s = 0; s < n; ++s) {
    loss_and_gradient(network, test::pick(dataset, std::vector<int>{s}), 0, row, gradient);
    for (int k = 0; k < d; ++k)
      for (int j = k; j < d; ++j)
        result.diffusion[packed_index(d, k, j)] += (gradient[tracked.positions[k]] - mean[tracked.positions[k]]) *
                                                   (gradient[tracked.positions[j]] - mean[tracked.positions[j]]) / n *
                                                   options.learning_rate / (2 * options.batch_size);
  }
  for (int k = 0; k < d; ++k) result.diffusion[packed_index(d, k, k)] += options.temperature;
  return result;
}

/// Entries row * expected.size() .. of `all` against `expected`, relative to its largest.
void expect_row(const std::vector<double>& all, int row, const std::vector<double>& expected, double tolerance) {
  double largest = 0;
  for (double x : expected) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(all.at(row * expected.size() + i), expected[i], tolerance * largest) << "entry " << i;
}

TEST(KramersMoyal, IsThePlainMeanAndCovarianceOfTheGradient) {
  for (const Network& network : test::networks()) {
    const data::Dataset dataset = test::normal_data(21, network.widths[0]);
    const std::vector<double> parameters = test::normal_parameters(network, 11);
    const KramersMoyalOptions options{.learning_rate = 0.02,
                                      .batch_size = 5,
                                      .temperature = 0.003,
                                      .weight_decay = 0.1,
                                      .modified_loss = false,
                                      .trained = {}};
    for (const TrackedWeights& tracked : tracked_sets(network))
      for (const Kernel* kernel : available_kernels()) {
        const KramersMoyal values = kramers_moyal(network, dataset, tracked, options, parameters, *kernel);
        ASSERT_EQ(values.loss.size(), 11u);
        for (int r : {0, 6, 10}) {
          SCOPED_TRACE(network.describe() + ", " + kernel->name + ", row " + std::to_string(r));
          const KramersMoyal expected =
              plain(network, dataset, tracked, options,
                    std::span(parameters)
                        .subspan(static_cast<std::size_t>(r) * network.n_parameters(), network.n_parameters()));
          expect_row(values.loss, r, expected.loss, 1e-12);
          expect_row(values.drift, r, expected.drift, 1e-12 * (1 + std::abs(expected.loss[0])));
          expect_row(values.diffusion, r, expected.diffusion, 1e-12);
        }
      }
  }
}

/// L + (eta/4) |grad L|^2 over the trained parameters (2.4).
double modified_loss(const Network& network, const data::Dataset& dataset, const KramersMoyalOptions& options,
                     std::span<const double> row) {
  std::vector<double> gradient(row.size());
  double value = loss_and_gradient(network, dataset, options.weight_decay, row, gradient);
  for (std::size_t i = 0; i < row.size(); ++i)
    if (options.trained[i] != 0) value += 0.25 * options.learning_rate * gradient[i] * gradient[i];
  return value;
}

TEST(KramersMoyal, ModifiedDriftIsMinusTheGradientOfTheModifiedLoss) {
  for (const Network& network : {Network{{4, 1, 1, 4}}, Network{{3, 2, 2, 3}, Activation::tanh, true},
                                 Network{{3, 2, 2, 3}, Activation::sigmoid, true, true}}) {
    const data::Dataset dataset = test::normal_data(19, network.widths[0]);
    const TrackedWeights tracked = track_layer(network, 2);
    KramersMoyalOptions options{.learning_rate = 0.5,
                                .batch_size = 4,
                                .temperature = 0,
                                .weight_decay = 0.2,
                                .modified_loss = true,
                                .trained = std::vector<char>(network.n_parameters(), 1)};
    options.trained[0] = options.trained[2] = 0;
    std::vector<double> row = test::normal_parameters(network, 1);
    const KramersMoyal values = kramers_moyal(network, dataset, tracked, options, row);
    for (int k = 0; k < tracked.dimension(); ++k) {
      double& w = row[tracked.positions[k]];
      const double here = w;
      w = here + 1e-5;
      const double above = modified_loss(network, dataset, options, row);
      w = here - 1e-5;
      const double below = modified_loss(network, dataset, options, row);
      w = here;
      EXPECT_NEAR(values.drift[k], -(above - below) / 2e-5, 1e-8) << network.describe();
    }
  }
}

TEST(KramersMoyal, ModifiedLossVanishesWithTheGradient) {
  const Network network{{2, 1, 1, 2}, Activation::linear, false};
  const std::vector<double> zero(network.n_parameters(), 0.0);  // a saddle: grad L = 0
  const KramersMoyalOptions options{.learning_rate = 0.5,
                                    .batch_size = 4,
                                    .temperature = 0,
                                    .weight_decay = 0,
                                    .modified_loss = true,
                                    .trained = std::vector<char>(network.n_parameters(), 1)};
  EXPECT_EQ(kramers_moyal(network, test::normal_data(9, 2), track_layer(network, 2), options, zero).drift[0], 0.0);
}

TEST(KramersMoyal, ATiedDecoderFollowsItsEncoderWhateverItsRowSays) {
  const Network network{{3, 1, 1, 3}, Activation::tanh, false, true};
  const data::Dataset dataset = test::normal_data(12, 3);
  std::vector<double> row = test::normal_parameters(network, 1);
  const KramersMoyalOptions options{
      .weight_decay = 0.3, .modified_loss = true, .trained = std::vector<char>(network.n_parameters(), 1)};
  const KramersMoyal right = kramers_moyal(network, dataset, track({0, 1, 2, 3}), options, row);
  row[4] = 77;
  const KramersMoyal repaired = kramers_moyal(network, dataset, track({0, 1, 2, 3}), options, row);
  EXPECT_EQ(right.drift, repaired.drift);
  EXPECT_EQ(right.diffusion, repaired.diffusion);
  EXPECT_THROW(kramers_moyal(network, dataset, track({4}), options, row), InternalError);
}

TEST(KramersMoyal, ALostReplicaIsNaNAndItsNeighboursAreNot) {
  const Network network{{4, 1, 1, 4}};
  std::vector<double> parameters = test::normal_parameters(network, 3);
  std::fill_n(parameters.begin() + 9, 9, std::nan(""));
  const KramersMoyal values = kramers_moyal(network, test::normal_data(10, 4), track_layer(network, 2),
                                            {.modified_loss = true, .trained = std::vector<char>(9, 1)}, parameters);
  for (const std::vector<double>* column : {&values.loss, &values.drift, &values.diffusion})
    for (int r = 0; r < 3; ++r) EXPECT_EQ(std::isnan((*column)[r]), r == 1);
}

TEST(KramersMoyal, RefusesWhatTheKernelsCannotHold) {
  const Network network{{4, 3, 2, 4}};
  const data::Dataset dataset = test::normal_data(5, 4);
  const std::vector<double> parameters = test::normal_parameters(network, 1);
  EXPECT_THROW(kramers_moyal(network, dataset, track_layer(network, 2), {}, parameters), InternalError);
  EXPECT_THROW(kramers_moyal(network, dataset, track({network.n_parameters()}), {}, parameters), InternalError);
  EXPECT_THROW(kramers_moyal(network, dataset, track({0}), {.modified_loss = true, .trained = {}}, parameters),
               InternalError);
  EXPECT_THROW(kramers_moyal(network, test::normal_data(5, 3), track({0}), {}, parameters), ConfigError);
}

TEST(KramersMoyal, EveryInstructionSetGivesTheSameBits) {
  const Network network{{5, 3, 1, 2, 5}, Activation::tanh, true};
  const data::Dataset dataset = test::normal_data(21, 5);
  const std::vector<double> parameters = test::normal_parameters(network, 13);
  const KramersMoyalOptions options{.modified_loss = true, .trained = std::vector<char>(network.n_parameters(), 1)};
  const auto values = [&](const Kernel& kernel) {
    return kramers_moyal(network, dataset, track({0, 3, 20, 30}), options, parameters, kernel);
  };
  const KramersMoyal portable = values(portable_kernel);
  for (const Kernel* kernel : available_kernels()) {
    EXPECT_EQ(values(*kernel).loss, portable.loss) << kernel->name;
    EXPECT_EQ(values(*kernel).drift, portable.drift) << kernel->name;
    EXPECT_EQ(values(*kernel).diffusion, portable.diffusion) << kernel->name;
  }
}

TEST(Outputs, ReproduceTheLossOfEverySample) {
  for (const Network& network : test::networks()) {
    const data::Dataset dataset = test::normal_data(21, network.widths[0]);
    const std::vector<double> parameters = test::normal_parameters(network, 10);
    const std::vector<int> samples = {20, 0, 3, 3, 7, 9, 1, 2, 4, 5, 6};
    const std::size_t n_out = network.widths.back();
    for (const Kernel* kernel : available_kernels()) {
      const std::vector<double> f = outputs(network, dataset, samples, parameters, *kernel);
      ASSERT_EQ(f.size(), 10 * samples.size() * n_out);
      for (std::size_t r = 0; r < 10; ++r)
        for (std::size_t s = 0; s < samples.size(); ++s) {
          double loss = 0;
          for (std::size_t j = 0; j < n_out; ++j)
            loss += 0.5 * std::pow(f[(r * samples.size() + s) * n_out + j] - dataset.sample(samples[s])[j], 2);
          std::vector<double> gradient(network.n_parameters());
          const std::vector<int> one = {samples[s]};
          ASSERT_NEAR(loss,
                      loss_and_gradient(network, test::pick(dataset, one), 0,
                                        std::span(parameters).subspan(r * gradient.size(), gradient.size()), gradient),
                      1e-12 * (1 + loss))
              << network.describe() << ", " << kernel->name;
        }
    }
  }
}

TEST(Outputs, OfATiedNetworkDoNotReadTheCopies) {
  const Network network{.widths = {3, 2, 2, 3}, .tied = true};
  const data::Dataset dataset = test::normal_data(4, 3);
  const std::vector<int> samples = {0, 1, 2, 3};
  std::vector<double> parameters = test::normal_parameters(network, 9);
  const auto width = static_cast<std::size_t>(network.n_parameters());
  for (std::size_t start = 0; start < parameters.size(); start += width)
    for (const auto& [copy, master] : network.tied_pairs()) parameters[start + copy] = parameters[start + master];
  std::vector<double> other = parameters;
  for (std::size_t start = 0; start < parameters.size(); start += width)
    for (const auto& [copy, master] : network.tied_pairs()) other[start + copy] = 17;
  for (const Kernel* kernel : available_kernels())
    EXPECT_EQ(outputs(network, dataset, samples, other, *kernel),
              outputs(network, dataset, samples, parameters, *kernel));
}

TEST(Outputs, TanhIsAccurateToAFewUnitsInTheLastPlace) {
  const Network network{{1, 1, 1}};
  data::Dataset dataset{.name = "", .feature_names = {"x"}, .n_samples = 0, .n_features = 1, .values = {}};
  for (double x = 1e-300; x < 1e-8; x *= 1e4) dataset.values.push_back(x);
  for (double x = 1e-8; x < 1e3; x *= -1.0173) dataset.values.push_back(x);
  dataset.n_samples = static_cast<int>(dataset.values.size());
  ASSERT_GT(dataset.n_samples, 1000);
  std::vector<int> samples(dataset.n_samples);
  for (int s = 0; s < dataset.n_samples; ++s) samples[s] = s;
  const std::vector<double> ones = {1.0, 1.0};
  for (const Kernel* kernel : available_kernels()) {
    const std::vector<double> f = outputs(network, dataset, samples, ones, *kernel);
    for (int s = 0; s < dataset.n_samples; ++s) {
      const double x = dataset.values[s];
      ASSERT_NEAR(f[s], std::tanh(x), 1e-15 * std::abs(std::tanh(x))) << kernel->name << ", x = " << x;
    }
  }
}

}  // namespace
}  // namespace driftwood::nn
