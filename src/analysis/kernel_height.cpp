#include "driftwood/analysis/kernel_height.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "driftwood/core/error.hpp"

namespace driftwood::analysis {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// Bins of the values: so many a bandwidth, up to so many bandwidths beyond the nodes.
constexpr int bins_per_bandwidth = 8;
constexpr double reach = 6;

}  // namespace

double kernel_bandwidth(std::vector<double> values) {
  const std::size_t n = values.size();
  if (n < 2) throw InternalError("a kernel density needs two values");
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(n);
  double square = 0;
  for (const double value : values) square += (value - mean) * (value - mean) / static_cast<double>(n - 1);
  const auto quantile = [&](std::size_t rank) {
    std::nth_element(values.begin(), values.begin() + static_cast<long>(rank), values.end());
    return values[rank];
  };
  const double quartiles = quantile(3 * (n - 1) / 4) - quantile((n - 1) / 4);
  const double spread = std::min(std::sqrt(square), quartiles > 0 ? quartiles / 1.34 : std::sqrt(square));
  return 0.9 * spread * std::pow(static_cast<double>(n), -0.2);
}

KernelHeights::KernelHeights(std::vector<double> nodes, double bandwidth)
    : nodes_(std::move(nodes)), bandwidth_(bandwidth) {
  if (nodes_.size() < 2 || !std::is_sorted(nodes_.begin(), nodes_.end()) || !(bandwidth > 0))
    throw InternalError("kernel heights need ascending nodes and a bandwidth");
  bin_ = bandwidth / bins_per_bandwidth;
  low_ = nodes_.front() - reach * bandwidth;
  n_bins_ = static_cast<int>(std::ceil((nodes_.back() + reach * bandwidth - low_) / bin_));
}

std::vector<int> KernelHeights::bins_of(std::span<const double> values) const {
  std::vector<int> bins;
  bins.reserve(values.size());
  for (const double value : values) {
    const double position = (value - low_) / bin_;
    bins.push_back(position >= 0 && position < n_bins_ ? static_cast<int>(position) : -1);
  }
  return bins;
}

std::vector<double> KernelHeights::smoothed(const std::vector<double>& mass) const {
  const double norm = 1 / (bandwidth_ * std::sqrt(2 * std::numbers::pi));
  std::vector<double> result;
  for (const double node : nodes_) {
    double sum = 0;
    const int first = std::max(0, static_cast<int>((node - reach * bandwidth_ - low_) / bin_));
    const int last = std::min(n_bins_, static_cast<int>((node + reach * bandwidth_ - low_) / bin_) + 1);
    for (int i = first; i < last; ++i) {
      const double z = (low_ + (i + 0.5) * bin_ - node) / bandwidth_;
      sum += mass[i] * std::exp(-z * z / 2);
    }
    result.push_back(norm * sum);
  }
  return result;
}

std::vector<double> KernelHeights::heights(std::span<const int> bins, std::span<const std::uint16_t> counts, int stride,
                                           double least) const {
  std::vector<double> mass(n_bins_, 0.0);
  double total = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const double count = counts.empty() ? 1 : counts[i * stride];
    total += count;
    if (bins[i] >= 0) mass[bins[i]] += count;
  }
  std::vector<double> result = smoothed(mass);
  // A value right at a node counts as one.
  const double of_one = 1 / (bandwidth_ * std::sqrt(2 * std::numbers::pi));
  for (double& p : result) p = p < least * of_one ? nan : std::log(p / total);
  return result;
}

std::vector<double> KernelHeights::heights(const fp::Marginal& marginal) const {
  std::vector<double> mass(n_bins_, 0.0);
  for (std::size_t i = 0; i < marginal.mass.size(); ++i) {
    const double low = (marginal.edges[i] - low_) / bin_;
    const double high = (marginal.edges[i + 1] - low_) / bin_;
    for (int b = std::max(0, static_cast<int>(low)); b < n_bins_ && b < high; ++b)
      mass[b] += marginal.mass[i] * (std::min(high, b + 1.0) - std::max(low, static_cast<double>(b))) / (high - low);
  }
  std::vector<double> result = smoothed(mass);
  for (double& p : result) p = p > 0 ? std::log(p) : nan;
  return result;
}

double roughness_between(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) throw InternalError("heights at different places");
  double weight = 0;
  double mean = 0;
  double square = 0;
  int n = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) continue;
    const double w = std::exp(b[i]);
    weight += w;
    mean += w * (a[i] - b[i]);
    square += w * (a[i] - b[i]) * (a[i] - b[i]);
    ++n;
  }
  if (n < 3) return nan;
  mean /= weight;
  return std::sqrt(std::max(0.0, square / weight - mean * mean));
}

}  // namespace driftwood::analysis
