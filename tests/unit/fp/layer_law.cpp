// Normal laws of whole layers: samples with exactly the wanted moments, rates against a case that closes exactly.
#include "driftwood/fp/layer_law.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;
const CounterRandom random_numbers(5, 6);

TEST(BalancedNormals, HaveTheMomentsOfIndependentNormalNumbers) {
  const int n = 40;
  const int width = 5;
  const Values z = balanced_normals(n, width, random_numbers);
  ASSERT_EQ(z.size(), static_cast<std::size_t>(n * width));
  for (int i = 0; i < width; ++i)
    for (int j = 0; j < width; ++j) {
      double first = 0;
      double second = 0;
      for (int s = 0; s < n; ++s) {
        first += z[s * width + i] / n;
        second += z[s * width + i] * z[s * width + j] / n;
      }
      EXPECT_NEAR(first, 0, 1e-14);
      EXPECT_NEAR(second, i == j ? 1 : 0, 1e-13);
    }
}

TEST(BalancedNormals, KeepTheVariancesWhereThereAreFewerSamplesThanNumbers) {
  const int width = 50;
  const Values z = balanced_normals(16, width, random_numbers);
  for (int i = 0; i < width; ++i) {
    double second = 0;
    for (int s = 0; s < 16; ++s) second += z[s * width + i] * z[s * width + i] / 16;
    EXPECT_NEAR(second, 1, 1e-13);
  }
}

/// Parameters 1, 3 with covariances, 0 without; 2 is constant.
LayerLaw example() {
  return LayerLaw({{{1, 3}, true}, {{0}, false}}, {9, 9, 2.5, 9});
}

TEST(LayerLaw, SamplesHaveTheStatesMoments) {
  const LayerLaw law = example();
  const Values state{0.1, -0.4, 0.5, 0.2, 0.3, /**/ 1.5, 0.04};  // mean 1, 3; var 1, cov, var 3; mean 0, var 0
  const int n = 64;
  const Values rows = law.samples(state, balanced_normals(n, law.n_varied(), random_numbers));
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(n * 4));
  const auto mean = [&](auto value) {
    double sum = 0;
    for (int s = 0; s < n; ++s) sum += value(&rows[s * 4]) / n;
    return sum;
  };
  EXPECT_NEAR(mean([](const double* row) { return row[1]; }), 0.1, 1e-13);
  EXPECT_NEAR(mean([](const double* row) { return row[3]; }), -0.4, 1e-13);
  EXPECT_NEAR(mean([](const double* row) { return row[0]; }), 1.5, 1e-13);
  EXPECT_NEAR(mean([](const double* row) { return std::pow(row[1] - 0.1, 2); }), 0.5, 1e-13);
  EXPECT_NEAR(mean([](const double* row) { return (row[1] - 0.1) * (row[3] + 0.4); }), 0.2, 1e-13);
  EXPECT_NEAR(mean([](const double* row) { return std::pow(row[3] + 0.4, 2); }), 0.3, 1e-13);
  EXPECT_NEAR(mean([](const double* row) { return std::pow(row[0] - 1.5, 2); }), 0.04, 1e-13);
  EXPECT_NEAR(mean([](const double* row) { return (row[0] - 1.5) * row[1]; }), 0, 1e-13) << "laws are independent";
  EXPECT_EQ(rows[2], 2.5) << "constants stay";
  EXPECT_EQ(law.means(state), (Values{0.1, -0.4, 1.5}));
  EXPECT_EQ(law.deviations(state), (Values{std::sqrt(0.5), std::sqrt(0.3), 0.2}));
}

TEST(LayerLaw, IndependentParametersAreAState) {
  EXPECT_EQ(example().state(Values{1.5, 0.1, 7, -0.4}, Values{0.2, 1, 7, 2}),
            (Values{0.1, -0.4, 1, 0, 4, 1.5, std::pow(0.2, 2)}));
}

TEST(LayerLaw, AParameterIsInOneGroupOnly) {
  EXPECT_THROW(LayerLaw({{{0, 1}}, {{1}}}, {0, 0}), InternalError);
  EXPECT_THROW(LayerLaw({{{2}}}, {0, 0}), InternalError);
}

/// One weight, f(x) = w x: b = -(w-1) s2, D = (eta/2B) (w-1)^2 (s4 - s2^2), where mean and variance close exactly.
TEST(LayerLaw, RatesAreThoseOfTheMomentsThatClose) {
  const nn::Network network{{1, 1}};
  const data::Dataset dataset{
      .name = "three numbers", .feature_names = {}, .n_samples = 3, .n_features = 1, .values = {1, -2, 0.5}};
  const double s2 = (1 + 4 + 0.25) / 3;
  const double s4 = (1 + 16 + 0.0625) / 3;
  const nn::KramersMoyalOptions options{.learning_rate = 0.3, .batch_size = 2, .trained = {1}};
  const LayerLaw law({{{0}}}, {0});
  const Values state{0.3, 0.2};
  const Values rows = law.samples(state, balanced_normals(16, 1, random_numbers));
  const Values rates = law.rates(state, rows, nn::gradient_moments(network, dataset, law.groups(), options, rows));
  const double second_moment = std::pow(0.3 - 1, 2) + 0.2;
  EXPECT_NEAR(rates[0], -(0.3 - 1) * s2, 1e-13);
  EXPECT_NEAR(rates[1], -2 * s2 * 0.2 + 2 * 0.3 / 4 * second_moment * (s4 - s2 * s2), 1e-13);
}

}  // namespace
}  // namespace driftwood::fp
