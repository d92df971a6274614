#pragma once

#include "driftwood/core/random.hpp"
#include "driftwood/data/dataset.hpp"

namespace driftwood::test {

/// 23 samples of four independent features that are not normal, with a mean of their own.
inline data::Dataset skewed_data() {
  const CounterRandom random(11, 0);
  data::Dataset dataset{.name = "skewed data", .feature_names = {}, .n_samples = 23, .n_features = 4, .values = {}};
  for (int i = 0; i < 23 * 4; ++i) {
    const double x = random.normal(RandomPurpose::subsample, i, 0, 0);
    dataset.values.push_back(x + 0.3 * x * x);
  }
  return dataset;
}

}  // namespace driftwood::test
