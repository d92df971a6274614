#include "driftwood/fp/edge_rates.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "driftwood/core/error.hpp"
#include "flux.hpp"
#include "rows.hpp"

namespace driftwood::fp {

namespace {

void chang_cooper(const EdgeCoefficients::Direction& edges, EdgeRates::Direction& rates) {
  const std::size_t n = edges.weight.size();
  rates.forward.assign(n, 0.0);
  rates.backward.assign(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const double weight = edges.weight[i];
    if (!(weight > 0)) continue;
    const auto [at_peclet, at_minus_peclet] = bernoulli(edges.peclet[i]);
    rates.forward[i] = weight * at_minus_peclet;
    rates.backward[i] = weight * at_peclet;
  }
}

/// Corrects Chang and Cooper's rates by the density.
class Correction {
 public:
  Correction(const EdgeCoefficients& coefficients, FluxKind flux, std::span<const double> density,
             CellRange density_range)
      : coefficients_(coefficients), flux_(flux), density_(density.data() - density_range.first) {}

  void apply(const Grid& grid, const EdgeCoefficients::Direction& edges, EdgeRates::Direction& rates) const {
    const long start = coefficients_.owned.first - edges.offset;
    const CellRange cells{std::max(0L, start), coefficients_.owned.last() - std::max(0L, start)};
    const std::array<int, 4> step = edges.step;
    std::array<int, 4> back{};
    std::array<int, 4> twice{};
    for (int k = 0; k < 4; ++k) {
      back[k] = -step[k];
      twice[k] = 2 * step[k];
    }
    // Edges with both neighbours; where a density is missing the flags say so.
    std::vector<char> has(cells.count, 0);
    for_rows(grid, cells, back, [&](long first, long last) {
      for (long i = first; i < last; ++i) has[i - cells.first] |= 1;
    });
    for_rows(grid, cells, twice, [&](long first, long last) {
      for (long i = first; i < last; ++i) has[i - cells.first] |= 2;
    });
    // An edge without a diffusion of its own has neighbours whose fourth-order fluxes reach over it.
    for (long i = cells.first; i < cells.last(); ++i)
      if (flux_ == FluxKind::limited ? edges.weight[i - start] > 0 : edges.weight[i - start] >= 0)
        correct(edges, i, start, has[i - cells.first], rates);
  }

 private:
  void correct(const EdgeCoefficients::Direction& edges, long i, long start, char has,
               EdgeRates::Direction& rates) const {
    const long s = edges.offset;
    const double weight = edges.weight[i - start];
    const double peclet = weight > 0 ? edges.peclet[i - start] : 0.0;
    const flux::Around q{has & 1 ? density_[i - s] : 0,     density_[i],    density_[i + s],
                         has & 2 ? density_[i + 2 * s] : 0, (has & 1) != 0, (has & 2) != 0};
    double& forward = rates.forward[i - start];
    double& backward = rates.backward[i - start];
    const flux::Shape shape = flux_ == FluxKind::limited ? flux::Shape{flux::Form::limited} : flux::shape_of(peclet, q);
    if (shape.form == flux::Form::limited) return flux::limit(weight, peclet, q, forward, backward);
    if (!q.has_before || !q.has_after) return;
    const long at = i - coefficients_.cells.first;
    const auto four = [&](const std::vector<double>& of_cells) -> std::array<double, 4> {
      if (of_cells.empty()) return {};
      return {of_cells[at - s], of_cells[at], of_cells[at + s], of_cells[at + 2 * s]};
    };
    const flux::Along along{four(edges.cell_drift), four(edges.cell_weight), four(edges.cell_excess)};
    if (shape.form == flux::Form::steep) return flux::follow_steep(weight, q, shape, along, forward, backward);
    flux::raise_order(q, shape, along, forward, backward);
  }

  const EdgeCoefficients& coefficients_;
  FluxKind flux_;
  const double* density_;
};

}  // namespace

EdgeRates edge_rates(const Grid& grid, const EdgeCoefficients& coefficients, FluxKind flux,
                     std::span<const double> density, CellRange density_range) {
  EdgeRates result;
  result.owned = coefficients.owned;
  const Correction correction(coefficients, flux, density, density_range);
  for (const EdgeCoefficients::Direction& edges : coefficients.directions) {
    if (flux == FluxKind::fourth_order && edges.cell_weight.empty())
      throw InternalError("a fourth-order flux needs edges that keep their cells");
    EdgeRates::Direction rates{edges.step, edges.offset, {}, {}};
    chang_cooper(edges, rates);
    if (flux != FluxKind::chang_cooper) correction.apply(grid, edges, rates);
    result.directions.push_back(std::move(rates));
  }
  for (const auto& exits : coefficients.exits) {
    auto& rates = result.exits.emplace_back();
    for (const EdgeCoefficients::Exit& exit : exits)
      rates.push_back({exit.cell, exit.face, exit.weight * bernoulli(exit.peclet).second});
  }
  return result;
}

EdgeRates sum_of(std::span<const ScaledRates> parts) {
  struct Sum {
    EdgeRates::Direction edges;
    std::vector<EdgeRates::Exit> exits;
  };
  std::map<long, Sum> sum;
  EdgeRates result;
  bool has_exits = false;
  for (const ScaledRates& part : parts) {
    result.owned = part.rates->owned;
    has_exits = has_exits || !part.rates->exits.empty();
    const bool is_plain = part.source_factor.empty();
    for (std::size_t at = 0; at < part.rates->directions.size(); ++at) {
      const EdgeRates::Direction& from = part.rates->directions[at];
      Sum& to = sum[from.offset];
      if (to.edges.forward.empty()) {
        to.edges = {from.step, from.offset, {}, {}};
        to.edges.forward.assign(from.forward.size(), 0.0);
        to.edges.backward.assign(from.backward.size(), 0.0);
      }
      const long start = result.owned.first - from.offset;
      for (std::size_t i = 0; i < from.forward.size(); ++i) {
        if (from.forward[i] == 0 && from.backward[i] == 0) continue;
        const long source = start + static_cast<long>(i) - part.factor_range.first;
        to.edges.forward[i] += part.factor * (is_plain ? 1.0 : part.source_factor[source]) * from.forward[i];
        to.edges.backward[i] +=
            part.factor * (is_plain ? 1.0 : part.source_factor[source + from.offset]) * from.backward[i];
      }
      if (part.rates->exits.empty()) continue;
      for (const EdgeRates::Exit& exit : part.rates->exits[at]) {
        const double factor = is_plain ? 1.0 : part.source_factor[exit.cell - part.factor_range.first];
        to.exits.push_back({exit.cell, exit.face, part.factor * factor * exit.rate});
      }
    }
  }
  for (auto& [offset, part] : sum) {
    result.directions.push_back(std::move(part.edges));
    if (has_exits) result.exits.push_back(std::move(part.exits));
  }
  return result;
}

std::vector<double> rate_of_change(const EdgeRates& rates, std::span<const double> mass, CellRange range) {
  const CellRange& owned = rates.owned;
  std::vector<double> change(owned.count, 0.0);
  const double* q = mass.data() + (owned.first - range.first);
  for (const EdgeRates::Direction& direction : rates.directions) {
    const long s = direction.offset;
    const auto flow = [&](long i) {  // i -> i + s; an edge that is not there has no rates, and may have no ends
      const double forward = direction.forward[i + s];
      const double backward = direction.backward[i + s];
      return (forward == 0 ? 0.0 : forward * q[i]) - (backward == 0 ? 0.0 : backward * q[i + s]);
    };
    for (long i = 0; i < owned.count; ++i) change[i] += flow(i - s) - flow(i);
  }
  for (const auto& exits : rates.exits)
    for (const EdgeRates::Exit& exit : exits) change[exit.cell - owned.first] -= exit.rate * q[exit.cell - owned.first];
  return change;
}

std::pair<double, double> bernoulli(double x) {
  if (std::abs(x) <= 2) {
    const double even = flux::even_part(x);
    return {even - x / 2, even + x / 2};
  }
  double at_x = 0;
  double at_minus_x = 0;
  flux::bernoulli_of_large(x, at_x, at_minus_x);
  return {at_x, at_minus_x};
}

}  // namespace driftwood::fp
