#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "driftwood/nn/kernel.hpp"

namespace driftwood::nn {

/// Network::tied_pairs: (copy, master).
using TiedPairs = std::vector<std::pair<int, int>>;

/// Lanes of parameters whose tied copies repeat their masters.
inline void copy_tied(const TiedPairs& tied, double* parameters) {
  for (const auto& [copy, master] : tied)
    std::copy_n(parameters + static_cast<long>(master) * n_lanes, n_lanes,
                parameters + static_cast<long>(copy) * n_lanes);
}

/// (lambda/2) |theta|^2 of a row, every tied weight counted once.
inline double decay_loss(double weight_decay, const TiedPairs& tied, const double* row, int n) {
  double square = 0;
  for (int i = 0; i < n; ++i) square += row[i] * row[i];
  for (const auto& [copy, master] : tied) square -= row[copy] * row[copy];
  return 0.5 * weight_decay * square;
}

}  // namespace driftwood::nn
