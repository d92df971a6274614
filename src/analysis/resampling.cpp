#include "driftwood/analysis/resampling.hpp"

#include <algorithm>
#include <cmath>

#include "driftwood/core/error.hpp"
#include "driftwood/core/for_each_isa.hpp"

namespace driftwood::analysis {

namespace {

/// By linear interpolation between the order statistics.
double quantile(const std::vector<double>& sorted, double level) {
  const double at = level * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

DRIFTWOOD_FOR_EACH_ISA
void add_counts(const std::uint16_t* counts, std::span<const int> order, long n_samples, std::uint32_t* ranks) {
  std::fill_n(ranks, n_samples, 0U);
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::uint16_t* __restrict own = counts + order[k] * n_samples;
    const std::uint32_t* __restrict before = ranks + static_cast<long>(k) * n_samples;
    std::uint32_t* __restrict after = ranks + static_cast<long>(k + 1) * n_samples;
    for (long sample = 0; sample < n_samples; ++sample) after[sample] = before[sample] + own[sample];
  }
}

}  // namespace

Bootstrap::Bootstrap(int n, int n_samples, const CounterRandom& random)
    : n_(n), n_samples_(n_samples), counts_(static_cast<std::size_t>(std::max(n, 0)) * std::max(n_samples, 0), 0) {
  if (n <= 0 || n_samples < 0) throw InternalError("a bootstrap needs replicas");
  for (int sample = 0; sample < n_samples; ++sample) {
    CounterRandom::Block words{};
    for (int draw = 0; draw < n; ++draw) {
      if (draw % 4 == 0) words = random.block(RandomPurpose::bootstrap, draw / 4, sample, 0);
      const auto chosen = (words[draw % 4] * static_cast<std::uint64_t>(n)) >> 32;
      std::uint16_t& count = counts_[chosen * n_samples + sample];
      if (count < UINT16_MAX) ++count;
    }
  }
}

std::vector<std::uint32_t> Bootstrap::ranks(std::span<const int> order) const {
  if (order.size() != static_cast<std::size_t>(n_)) throw InternalError("a bootstrap of other replicas");
  std::vector<std::uint32_t> ranks((order.size() + 1) * n_samples_);
  add_counts(counts_.data(), order, n_samples_, ranks.data());
  return ranks;
}

Interval basic_interval(double value, std::vector<double> samples) {
  if (samples.empty()) return {value, value};
  std::sort(samples.begin(), samples.end());
  return {std::max(0.0, 2 * value - quantile(samples, 0.975)), std::max(0.0, 2 * value - quantile(samples, 0.025))};
}

}  // namespace driftwood::analysis
