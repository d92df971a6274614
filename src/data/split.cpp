#include "driftwood/data/split.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "driftwood/core/error.hpp"

namespace driftwood::data {

namespace {

/// The samples' numbers in the order in which they are held out.
std::vector<int> held_out_first(int n_samples, const CounterRandom& random) {
  std::vector<std::pair<std::uint32_t, int>> order;
  order.reserve(static_cast<std::size_t>(n_samples));
  for (int i = 0; i < n_samples; ++i)
    order.emplace_back(random.block(RandomPurpose::data_split, 0, 0, static_cast<std::uint64_t>(i))[0], i);
  std::sort(order.begin(), order.end());
  std::vector<int> samples;
  samples.reserve(order.size());
  for (const auto& [word, sample] : order) samples.push_back(sample);
  return samples;
}

}  // namespace

Split split(const Dataset& dataset, double test_fraction, const CounterRandom& random) {
  const auto empty = [&](const char* part) {
    return Dataset{.name = dataset.name + part,
                   .feature_names = dataset.feature_names,
                   .n_samples = 0,
                   .n_features = dataset.n_features,
                   .values = {}};
  };
  if (!(test_fraction > 0)) return {dataset, empty(" (held out)")};
  if (dataset.n_samples < 2) throw ConfigError(dataset.name + ": one sample cannot be split");
  const long wanted = std::lround(test_fraction * dataset.n_samples);
  const int n_test = static_cast<int>(std::clamp(wanted, 1L, dataset.n_samples - 1L));
  std::vector<char> is_held_out(static_cast<std::size_t>(dataset.n_samples), 0);
  const std::vector<int> order = held_out_first(dataset.n_samples, random);
  for (int i = 0; i < n_test; ++i) is_held_out[order[i]] = 1;
  Split result{empty(""), empty(" (held out)")};
  for (int i = 0; i < dataset.n_samples; ++i) {
    Dataset& part = is_held_out[i] != 0 ? result.test : result.train;
    part.values.insert(part.values.end(), dataset.sample(i), dataset.sample(i) + dataset.n_features);
    ++part.n_samples;
  }
  return result;
}

}  // namespace driftwood::data
