#include "driftwood/nn/minibatch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace driftwood::nn {
namespace {

const CounterRandom random_numbers(5, 6);

SgdOptions with(Sampling sampling, int batch_size) {
  return {.batch_size = batch_size, .sampling = sampling};
}

TEST(Minibatch, AnEpochTakesEverySampleAtMostOnceAndAllWhereTheBatchesFit) {
  for (int n : {1, 2, 3, 5, 8, 9, 37, 150, 257})
    for (int batch_size : {1, 2, 7}) {
      if (batch_size > n) continue;
      for (std::uint32_t epoch : {0u, 1u, 1000u}) {
        std::multiset<int> seen;
        const std::uint32_t steps = n / batch_size;
        for (std::uint32_t k = 0; k < steps; ++k)
          for (int s : minibatch_samples(with(Sampling::epochs, batch_size), n, random_numbers, epoch * steps + k, 3))
            seen.insert(s);
        EXPECT_EQ(seen.size(), std::set<int>(seen.begin(), seen.end()).size()) << n << ", batch " << batch_size;
        EXPECT_EQ(seen.size(), steps * batch_size);
        EXPECT_LT(*seen.rbegin(), n);
      }
    }
}

TEST(Minibatch, EveryOrderOfAnEpochIsEquallyLikely) {
  // All 120 orders of five samples: chi-square of 119 degrees of freedom, five standard deviations.
  constexpr int n_epochs = 60000;
  std::vector<int> counts(3125, 0);
  for (std::uint32_t epoch = 0; epoch < n_epochs; ++epoch) {
    int order = 0;
    for (int s : minibatch_samples(with(Sampling::epochs, 5), 5, random_numbers, epoch, 0)) order = order * 5 + s;
    ++counts[order];
  }
  double chi_square = 0;
  int n_orders = 0;
  for (int count : counts) {
    if (count == 0) continue;
    ++n_orders;
    chi_square += std::pow(count - n_epochs / 120.0, 2) / (n_epochs / 120.0);
  }
  EXPECT_EQ(n_orders, 120);
  EXPECT_NEAR(chi_square, 119, 5 * std::sqrt(2 * 119.0));
}

TEST(Minibatch, ReplicasAndEpochsAreShuffledIndependently) {
  // Where sample 0 goes, of 10, in two replicas and in two epochs: the pair is uniform on 100 cells.
  std::vector<int> over_replicas(100, 0);
  std::vector<int> over_epochs(100, 0);
  constexpr int n = 50000;
  const auto first = [](std::uint32_t epoch, std::uint64_t replica) {
    return minibatch_samples(with(Sampling::epochs, 10), 10, random_numbers, epoch, replica).front();
  };
  for (int i = 0; i < n; ++i) {
    ++over_replicas[first(0, 2 * i) * 10 + first(0, 2 * i + 1)];
    ++over_epochs[first(2 * i, 7) * 10 + first(2 * i + 1, 7)];
  }
  for (const std::vector<int>& counts : {over_replicas, over_epochs}) {
    double chi_square = 0;
    for (int count : counts) chi_square += std::pow(count - n / 100.0, 2) / (n / 100.0);
    EXPECT_NEAR(chi_square, 99, 5 * std::sqrt(2 * 99.0));
  }
}

TEST(Minibatch, SharedMinibatchesAreTheSameForAllReplicasAndOwnOnesAreNot) {
  SgdOptions options = with(Sampling::replacement, 20);
  const auto samples = [&](std::uint64_t replica) {
    return minibatch_samples(options, 50, random_numbers, 4, replica);
  };
  EXPECT_NE(samples(0), samples(1));
  options.shared_minibatches = true;
  EXPECT_EQ(samples(0), samples(1));
}

TEST(Minibatch, AFullBatchIsAllSamplesInOrder) {
  EXPECT_EQ(minibatch_samples(with(Sampling::full_batch, 4), 4, random_numbers, 9, 1), (std::vector<int>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace driftwood::nn
