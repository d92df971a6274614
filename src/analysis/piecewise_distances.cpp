#include <algorithm>
#include <cmath>
#include <cstdint>
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

namespace {

/// Walks the line from the first point of either to the last: visit(rank, f0, f1, width) for every piece on which `rank`
/// points of the sample lie below and the theory's distribution function goes linearly from f0 to f1.
template <class Visit>
void walk_pieces(std::span<const double> sorted, const fp::Marginal& theory, Visit&& visit) {
  require_sample(sorted);
  const std::vector<double> cumulative = cumulative_at_edges(theory);
  const std::vector<double>& edges = theory.edges;
  std::size_t next = 0;
  double x = std::min(sorted.front(), edges.front());
  /// To `end`, with F from f at x on with this density, but not above f_end.
  const auto go = [&](double end, double f, double density, double f_end) {
    const double origin = x;
    const double f_origin = f;
    for (; next < sorted.size() && sorted[next] <= end; ++next) {
      const double f_next = std::min(f_origin + density * (sorted[next] - origin), f_end);
      visit(next, f, f_next, sorted[next] - x);
      x = sorted[next];
      f = f_next;
    }
    visit(next, f, f_end, end - x);
    x = end;
  };
  if (x < edges.front()) go(edges.front(), 0, 0, 0);
  for (std::size_t i = 0; i + 1 < edges.size(); ++i)
    go(edges[i + 1], cumulative[i], (cumulative[i + 1] - cumulative[i]) / (edges[i + 1] - edges[i]), cumulative[i + 1]);
  if (x < sorted.back()) go(sorted.back(), 1, 0, 1);
}

}  // namespace

double wasserstein1(std::span<const double> sorted, const fp::Marginal& theory) {
  const double n = static_cast<double>(sorted.size());
  double total = 0;
  walk_pieces(sorted, theory, [&](std::size_t rank, double f0, double f1, double width) {
    total += area_between(static_cast<double>(rank) / n, f0, f1, width);
  });
  return total;
}

void wasserstein1_resampled(std::span<const double> sorted, std::span<const std::uint32_t> ranks, std::size_t n_samples,
                            const fp::Marginal& theory, std::span<double> distances) {
  const double n = static_cast<double>(sorted.size());
  if (ranks.size() != (sorted.size() + 1) * n_samples || distances.size() != n_samples)
    throw InternalError("resampled ranks do not fit the sample");
  std::fill(distances.begin(), distances.end(), 0.0);
  walk_pieces(sorted, theory, [&](std::size_t rank, double f0, double f1, double width) {
    const std::uint32_t* of_each = &ranks[rank * n_samples];
    for (std::size_t b = 0; b < n_samples; ++b)
      distances[b] += area_between(of_each[b] / n, f0, f1, width);
  });
}

double energy_distance(std::span<const double> sorted, const fp::Marginal& theory) {
  const double n = static_cast<double>(sorted.size());
  double total = 0;
  walk_pieces(sorted, theory, [&](std::size_t rank, double f0, double f1, double width) {
    const double below = static_cast<double>(rank) / n - f0;
    const double above = static_cast<double>(rank) / n - f1;
    total += width * (below * below + below * above + above * above) / 3;
  });
  return std::sqrt(2 * total);
}

int histogram_bins(std::size_t n) {
  return std::clamp(static_cast<int>(std::lround(2 * std::pow(static_cast<double>(n), 0.4))), 4, 256);
}

double kullback_leibler(std::span<const double> sorted, const fp::Marginal& theory, int n_bins) {
  require_sample(sorted);
  const std::vector<double> cumulative = cumulative_at_edges(theory);
  std::vector<double> counts(n_bins, 0.0);
  std::size_t cell = 0;
  for (const double x : sorted) {
    while (cell + 1 < theory.mass.size() && theory.edges[cell + 1] < x) ++cell;
    const double width = theory.edges[cell + 1] - theory.edges[cell];
    const double part = std::clamp((x - theory.edges[cell]) / width, 0.0, 1.0);
    const double f = cumulative[cell] + part * (cumulative[cell + 1] - cumulative[cell]);
    counts[std::min(static_cast<int>(f * n_bins), n_bins - 1)] += 1;
  }
  double sum = 0;
  const double n = static_cast<double>(sorted.size());
  for (const double count : counts)
    if (count > 0) sum += count / n * std::log(count / n * n_bins);
  return std::max(sum, 0.0);
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
