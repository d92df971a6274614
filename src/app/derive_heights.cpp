// Heights of the first weight by a kernel density, the ensemble's beside the closures'.
#include <cmath>
#include <optional>

#include "derive_rows.hpp"
#include "driftwood/analysis/kernel_height.hpp"
#include "driftwood/analysis/resampling.hpp"
#include "driftwood/fp/marginals.hpp"

namespace driftwood::app {

namespace {

using Values = std::vector<double>;

Values first_weights(const TrackedSnapshot& ensemble) {
  const std::size_t d = ensemble.w.size() / static_cast<std::size_t>(ensemble.size());
  Values values;
  for (std::size_t i = 0; i < ensemble.w.size(); i += d) values.push_back(ensemble.w[i]);
  return values;
}

/// The nodes lie in the ensemble's own standardised field, whichever field the couplings have. Nothing for an ensemble
/// without a width.
std::optional<analysis::KernelHeights> kernel_of(const Values& values) {
  double mean = 0;
  double square = 0;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) mean += value / n;
  for (const double value : values) square += (value - mean) * (value - mean) / n;
  Values nodes;
  constexpr int half = results::n_height_nodes / 2;
  for (int i = -half; i <= half; ++i) nodes.push_back(mean + 3.0 * i / half * std::sqrt(square));
  const double bandwidth = analysis::kernel_bandwidth(values);
  if (!(bandwidth > 0)) return {};
  return analysis::KernelHeights(std::move(nodes), bandwidth);
}

}  // namespace

void set_kernel_heights(const DeriveContext& context, const TrackedSnapshot& ensemble, results::DerivedRow& row) {
  const Values values = first_weights(ensemble);
  const auto kernel = kernel_of(values);
  if (!kernel) return;
  const std::vector<int> bins = kernel->bins_of(values);
  const Values whole = kernel->heights(bins, {}, 1);
  const int n_samples = context.options.bootstrap;
  const analysis::Bootstrap bootstrap(static_cast<int>(values.size()), n_samples, context.random);
  const std::span<const std::uint16_t> counts(bootstrap.counts(0).data(), values.size() * n_samples);
  Values squares(whole.size(), 0.0);
  double roughness = 0;
  for (int sample = 0; sample < n_samples; ++sample) {
    const Values heights = kernel->heights(bins, counts.subspan(sample), n_samples);
    for (std::size_t i = 0; i < squares.size(); ++i) squares[i] += std::pow(heights[i] - whole[i], 2) / n_samples;
    roughness += std::pow(analysis::roughness_between(heights, whole), 2) / n_samples;
  }
  for (double& square : squares) square = std::sqrt(square);
  row.set("kernel_w", kernel->nodes());
  row.set("kernel_height", whole);
  row.set("kernel_height_error", squares);
  row.set("height_roughness", {std::sqrt(roughness)});
}

void set_kernel_heights(const fp::Density& density, const TrackedSnapshot& ensemble, results::DerivedRow& row) {
  const Values values = first_weights(ensemble);
  const auto kernel = kernel_of(values);
  if (!kernel) return;
  const Values theory = kernel->heights(fp::marginal(density, 0));
  row.set("kernel_w", kernel->nodes());
  row.set("kernel_height", theory);
  row.set("height_roughness", {analysis::roughness_between(kernel->heights(kernel->bins_of(values), {}, 1), theory)});
}

}  // namespace driftwood::app
