#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "driftwood/fp/density.hpp"

namespace driftwood::analysis {

/// Silverman's bandwidth of a kernel density of n values, 0.9 min(std, interquartile range / 1.34) n^(-1/5). Throws
/// InternalError for fewer than two values.
double kernel_bandwidth(std::vector<double> values);

/// Heights ln p at nodes of a line, p smoothed by a normal kernel: an ensemble's by its kernel density, a solved
/// density's by the same kernel, so that both have lost the same detail. Pure numerics.
class KernelHeights {
 public:
  /// Throws InternalError unless nodes ascend, at least two, and bandwidth > 0.
  KernelHeights(std::vector<double> nodes, double bandwidth);

  /// The values' bins, -1 for those too far from all nodes to count; made once for all bootstrap samples.
  std::vector<int> bins_of(std::span<const double> values) const;
  /// Heights of the values in these bins, each as often as `counts` says (every `stride`-th of it). NaN where fewer
  /// than `least` values' worth of weight is under the kernel.
  std::vector<double> heights(std::span<const int> bins, std::span<const std::uint16_t> counts, int stride,
                              double least = 10) const;
  /// Of a solved density's marginal. NaN where it vanishes.
  std::vector<double> heights(const fp::Marginal& marginal) const;

  const std::vector<double>& nodes() const { return nodes_; }

 private:
  std::vector<double> smoothed(const std::vector<double>& mass) const;

  std::vector<double> nodes_;
  double bandwidth_;
  double low_;  ///< of the first bin
  double bin_;  ///< width of the bins
  int n_bins_;
};

/// sqrt of the variance of a - b under the weights exp(b): how rough one height is on top of another, a constant and
/// the places where either is NaN left out. NaN where fewer than three places are left.
double roughness_between(std::span<const double> a, std::span<const double> b);

}  // namespace driftwood::analysis
