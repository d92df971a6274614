#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "driftwood/analysis/comparison.hpp"
#include "driftwood/core/error.hpp"

namespace driftwood::analysis {

namespace {

/// The theory's distribution function at its edges, normalised: 0 at the first, exactly 1 at the last.
std::vector<double> cumulative_at_edges(const fp::Marginal& theory) {
  const std::size_t n_cells = theory.mass.size();
  if (n_cells == 0 || theory.edges.size() != n_cells + 1)
    throw InternalError("a marginal needs n cells and n + 1 edges");
  std::vector<double> cumulative(n_cells + 1, 0.0);
  for (std::size_t i = 0; i < n_cells; ++i) cumulative[i + 1] = cumulative[i] + theory.mass[i];
  const double total = cumulative.back();
  if (!(total > 0)) throw InternalError("a marginal without mass cannot be compared");
  for (double& value : cumulative) value /= total;
  return cumulative;
}

/// Integral of |level - F| over a piece of length `width` on which F goes linearly from f0 to f1 >= f0.
double area_between(double level, double f0, double f1, double width) {
  const double below = level - f0;
  const double above = f1 - level;
  if (below <= 0 || above <= 0) return width * std::abs(level - 0.5 * (f0 + f1));
  return width * (below * below + above * above) / (2 * (f1 - f0));
}

void require_sample(std::span<const double> sorted) {
  if (sorted.empty()) throw InternalError("an empty sample cannot be compared");
}

}  // namespace

double wasserstein1(std::span<const double> sorted, const fp::Marginal& theory) {
  require_sample(sorted);
  const std::vector<double> cumulative = cumulative_at_edges(theory);
  const std::vector<double>& edges = theory.edges;
  const double n = static_cast<double>(sorted.size());
  double total = 0;
  // Below and above the theory's box F is 0 and 1.
  for (const double x : sorted) total += (std::max(0.0, edges.front() - x) + std::max(0.0, x - edges.back())) / n;
  auto next = std::upper_bound(sorted.begin(), sorted.end(), edges.front());
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const double density = (cumulative[i + 1] - cumulative[i]) / (edges[i + 1] - edges[i]);
    double x = edges[i];
    double f = cumulative[i];
    for (; next != sorted.end() && *next <= edges[i + 1]; ++next) {
      const double f_next = std::min(cumulative[i] + density * (*next - edges[i]), cumulative[i + 1]);
      total += area_between(static_cast<double>(next - sorted.begin()) / n, f, f_next, *next - x);
      x = *next;
      f = f_next;
    }
    total += area_between(static_cast<double>(next - sorted.begin()) / n, f, cumulative[i + 1], edges[i + 1] - x);
  }
  return total;
}

double kolmogorov_smirnov(std::span<const double> sorted, const fp::Marginal& theory) {
  require_sample(sorted);
  const std::vector<double> cumulative = cumulative_at_edges(theory);
  const std::vector<double>& edges = theory.edges;
  const std::size_t n = sorted.size();
  double largest = 0;
  std::size_t cell = 0;
  // F is continuous and monotone and F_n is constant between the sample's points: the largest difference is beside one.
  for (std::size_t i = 0; i < n;) {
    const double x = sorted[i];
    std::size_t end = i;
    while (end < n && sorted[end] == x) ++end;
    while (cell + 1 < theory.mass.size() && edges[cell + 1] < x) ++cell;
    const double part = std::clamp((x - edges[cell]) / (edges[cell + 1] - edges[cell]), 0.0, 1.0);
    const double f = cumulative[cell] + part * (cumulative[cell + 1] - cumulative[cell]);
    const double before = static_cast<double>(i) / static_cast<double>(n);
    const double after = static_cast<double>(end) / static_cast<double>(n);
    largest = std::max({largest, std::abs(before - f), std::abs(after - f)});
    i = end;
  }
  return largest;
}

}  // namespace driftwood::analysis
