#pragma once

#include "driftwood/core/random.hpp"
#include "driftwood/data/dataset.hpp"

namespace driftwood::data {

/// Samples to train on, and samples that no training sees.
struct Split {
  Dataset train;
  Dataset test;  ///< without samples where nothing is held out
};

/// Holds out round(test_fraction n) of the n samples: those with the smallest Philox words (purpose data_split, replica
/// = sample), so a pure function of n, the fraction and `random`, and a larger fraction holds out those of a smaller
/// one and more. Both parts keep the samples' order. With test_fraction > 0 each part has at least one sample; throws
/// ConfigError where there are fewer than two. Not collective.
Split split(const Dataset& dataset, double test_fraction, const CounterRandom& random);

}  // namespace driftwood::data
