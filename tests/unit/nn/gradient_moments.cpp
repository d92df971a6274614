// Gradients of whole layers and their noise against the vectorised kernels, which know four parameters at a time.
#include "driftwood/nn/gradient_moments.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "driftwood/core/error.hpp"
#include "unit/nn/cases.hpp"

namespace driftwood::nn {
namespace {

/// Every parameter of its own, four by four.
std::vector<TrackedWeights> all_parameters(const Network& network) {
  std::vector<char> is_copy(network.n_parameters(), 0);
  for (const auto& [copy, master] : network.tied_pairs()) is_copy[copy] = 1;
  std::vector<TrackedWeights> sets;
  for (int i = 0; i < network.n_parameters(); ++i) {
    if (is_copy[i] != 0) continue;
    if (sets.empty() || sets.back().dimension() == 4) sets.emplace_back();
    sets.back().positions.push_back(i);
  }
  return sets;
}

void expect_close(std::span<const double> values, std::span<const double> expected, double tolerance) {
  ASSERT_EQ(values.size(), expected.size());
  double largest = 1e-300;
  for (const double x : expected) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(values[i], expected[i], tolerance * largest);
}

TEST(GradientMoments, AreTheKernelsForEveryNetwork) {
  for (const Network& network : test::networks()) {
    SCOPED_TRACE(network.describe());
    const data::Dataset dataset = test::normal_data(13, network.widths[0]);
    const std::vector<double> rows = test::normal_parameters(network, 2);
    for (const bool modified : {false, true}) {
      const KramersMoyalOptions options{.learning_rate = 0.3,
                                        .batch_size = 5,
                                        .temperature = 0.003,
                                        .weight_decay = 0.1,
                                        .modified_loss = modified,
                                        .trained = std::vector<char>(network.n_parameters(), 1)};
      const std::vector<TrackedWeights> sets = all_parameters(network);
      for (const std::size_t k : {std::size_t{0}, sets.size() / 2, sets.size() - 1}) {
        const KramersMoyal expected = kramers_moyal(network, dataset, sets[k], options, rows);
        const std::vector<ParameterGroup> groups{{sets[k].positions}};
        const GradientMoments values = gradient_moments(network, dataset, groups, options, rows);
        expect_close(values.drift, expected.drift, modified ? 1e-7 : 1e-11);
        expect_close(values.diffusion, expected.diffusion, 1e-11);
      }
    }
  }
}

TEST(GradientMoments, VariancesAreTheDiagonalOfTheTensor) {
  const Network network{{4, 2, 1, 4}, Activation::tanh, true};
  const data::Dataset dataset = test::normal_data(17, 4);
  const std::vector<double> row = test::normal_parameters(network, 1);
  std::vector<int> positions(network.n_parameters());
  for (int i = 0; i < network.n_parameters(); ++i) positions[i] = i;
  KramersMoyalOptions options{.temperature = 0.1, .trained = std::vector<char>(positions.size(), 1)};
  options.trained[3] = 0;
  const std::vector<ParameterGroup> both{{positions}, {positions, false}};
  const GradientMoments values = gradient_moments(network, dataset, both, options, row);
  const int n = network.n_parameters();
  ASSERT_EQ(values.diffusion.size(), static_cast<std::size_t>(packed_size(n) + n));
  for (int i = 0; i < n; ++i) {
    EXPECT_DOUBLE_EQ(values.diffusion[packed_size(n) + i], values.diffusion[packed_index(n, i, i)]);
    EXPECT_EQ(values.drift[i], values.drift[n + i]);
  }
  EXPECT_EQ(values.drift[3], 0) << "frozen";
  EXPECT_EQ(values.diffusion[packed_size(n) + 3], 0) << "frozen";
}

TEST(GradientMoments, RefuseATiedCopy) {
  const Network network{{3, 2, 3}, Activation::linear, false, true};
  const std::vector<ParameterGroup> copy{{{network.weight_offset(2)}}};
  EXPECT_THROW(gradient_moments(network, test::normal_data(5, 3), copy, {}, test::normal_parameters(network, 1)),
               InternalError);
}

}  // namespace
}  // namespace driftwood::nn
