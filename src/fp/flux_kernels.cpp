#include <algorithm>
#include <cmath>

#include "driftwood/core/for_each_isa.hpp"
#include "flux.hpp"
#include "line_kernels.hpp"

// The formulas of flux.hpp on rows of edges side by side, conditions as choices.
namespace driftwood::fp::line_kernels {

namespace {

/// Four cells in a row, the edge is from the second to the third.
struct Four {
  const double* before;
  const double* from;
  const double* to;
  const double* after;

  Four(const ConstRows& rows, long m, bool has_before, bool has_after)
      : before(rows[has_before ? m - 1 : m]), from(rows[m]), to(rows[m + 1]), after(rows[has_after ? m + 2 : m + 1]) {}
};

/// A row of edges: whether those before and after are there (1 or 0; 0 where the edge itself is not), the weight, and
/// the drift: the Peclet number times the weight; the part of an excess that is taken off again, and that times
/// flux::wide_tilt; and the form of the flux: 0 fourth order or, without correction, Chang and Cooper's; 1 limited; 2
/// steep.
struct EdgeRow {
  double* has_before;
  double* has_after;
  double* weight;
  double* drift;
  double* taken;
  double* wide;
  double* form;
};

/// Marks the edges whose Peclet number is above `limited_from` as limited. Returns whether there are any.
DRIFTWOOD_ALWAYS_INLINE bool describe(const Bundle& bundle, long m, const ConstRows& cell_weight, double limited_from,
                                      const EdgeRow& row) {
  const long width = bundle.width;
  const double* __restrict forward = bundle.forward[m];
  const double* __restrict backward = bundle.backward[m];
  const double* __restrict rho = cell_weight[m];
  const double* __restrict rho_next = cell_weight[m + 1];
  double* __restrict weight = row.weight;
  double* __restrict drift = row.drift;
  double* __restrict form = row.form;
  long is_beyond = 0;
#pragma GCC ivdep
  for (long j = 0; j < width; ++j) {
    weight[j] = forward[j] + backward[j] > 0 ? (rho[j] + rho_next[j]) / 2 : 0.0;  // 0 where there is no edge
    drift[j] = forward[j] - backward[j];
    form[j] = std::abs(drift[j]) > limited_from * weight[j] ? 1.0 : 0.0;
    is_beyond |= form[j] > 0 ? 1L : 0L;
  }
  const auto mark = [&](bool is_inside, long edge, double* __restrict has) {
    const double* __restrict f = bundle.forward[is_inside ? edge : m];
    const double* __restrict b = bundle.backward[is_inside ? edge : m];
#pragma GCC ivdep
    for (long j = 0; j < width; ++j) has[j] = is_inside && f[j] + b[j] > 0 && forward[j] + backward[j] > 0 ? 1.0 : 0.0;
  };
  mark(m > 0, m - 1, row.has_before);
  mark(m + 2 < bundle.length, m + 1, row.has_after);
  return is_beyond != 0;
}

/// flux::shape_of. Returns whether any but the fourth-order form holds anywhere.
DRIFTWOOD_ALWAYS_INLINE bool find_forms(long width, const EdgeRow& row, const Four& q) {
  const double* __restrict has_before = row.has_before;
  const double* __restrict has_after = row.has_after;
  const double* __restrict weight = row.weight;
  const double* __restrict edge_drift = row.drift;
  double* __restrict form = row.form;
  double* __restrict taken = row.taken;
  double* __restrict wide = row.wide;
  long any = 0;
#pragma GCC ivdep
  for (long j = 0; j < width; ++j) {
    const double before = has_before[j] > 0 ? q.before[j] : 0.0;
    const double after = has_after[j] > 0 ? q.after[j] : 0.0;
    const double from = q.from[j];
    const double to = q.to[j];
    const double least = std::min(std::min(before, after), std::min(from, to));
    const bool is_known = least > flux::smallest_smooth;
    const double size = is_known ? flux::ripple(before, from, to, after) : 0.0;
    const bool is_smooth = size < flux::largest_ripple && size * flux::largest_ripple > 1;
    const double largest_factor =
        std::max(std::max(before, from) / std::min(before, from),
                 std::max(std::max(from, to) / std::min(from, to), std::max(to, after) / std::min(to, after)));
    const double smooth_form = largest_factor > flux::steep_factor ? 2.0 : 0.0;
    const double otherwise = std::abs(edge_drift[j]) > flux::fourth_order_to * weight[j] ? 1.0 : 0.0;
    form[j] = is_smooth ? smooth_form : otherwise;
    taken[j] = is_smooth ? flux::part_taken_off(size) : 0.0;
    wide[j] = taken[j] * flux::wide_tilt(size);
    any |= form[j] > 0 ? 1L : 0L;
  }
  return any != 0;
}

/// flux::raise_order where the form is of fourth order, with the diffusion rho - `excess`, of which the row's part
/// counts.
DRIFTWOOD_ALWAYS_INLINE void raise_order(long width, const EdgeRow& row, const Four& q, const Four& rho,
                                         const Four& excess, const Four& drift, double* __restrict forward,
                                         double* __restrict backward) {
  const double* __restrict has_before = row.has_before;
  const double* __restrict has_after = row.has_after;
  const double* __restrict form = row.form;
  const double* __restrict taken = row.taken;
  const double* __restrict wide = row.wide;
#pragma GCC ivdep
  for (long j = 0; j < width; ++j) {
    const double rho_before = rho.before[j] - taken[j] * excess.before[j];
    const double rho_from = rho.from[j] - taken[j] * excess.from[j];
    const double rho_to = rho.to[j] - taken[j] * excess.to[j];
    const double rho_after = rho.after[j] - taken[j] * excess.after[j];
    const double high =
        (-(drift.before[j] + rho_before) * q.before[j] + (7 * drift.from[j] + 15 * rho_from) * q.from[j] +
         (7 * drift.to[j] - 15 * rho_to) * q.to[j] - (drift.after[j] - rho_after) * q.after[j]) *
            (1.0 / 12) +
        wide[j] * (excess.from[j] + excess.to[j]) * (q.from[j] + q.to[j]) / 4;
    const double more = high - (forward[j] * q.from[j] - backward[j] * q.to[j]);
    const double source = more > 0 ? q.from[j] : q.to[j];
    const double size = std::abs(more) / (source > 0 ? source : 1.0);
    const double most = flux::largest_rate(drift.before[j], drift.from[j], drift.to[j], drift.after[j], rho.before[j],
                                           rho.from[j], rho.to[j], rho.after[j]);
    double rate = size < most ? size : most;
    rate = source > 0 ? rate : 0.0;
    rate = has_before[j] * has_after[j] > 0 ? rate : 0.0;
    rate = form[j] > 0 ? 0.0 : rate;
    forward[j] += more > 0 ? rate : 0.0;
    backward[j] += more > 0 ? 0.0 : rate;
  }
}

/// flux::limit where it holds.
DRIFTWOOD_ALWAYS_INLINE void limit(long width, const EdgeRow& row, const Four& q, double* __restrict forward,
                                   double* __restrict backward) {
  const double* __restrict weight = row.weight;
  const double* __restrict edge_drift = row.drift;
  const double* __restrict form = row.form;
#pragma GCC ivdep
  for (long j = 0; j < width; ++j) {
    const bool is_up = edge_drift[j] > 0;
    const double size = std::abs(edge_drift[j]) / (weight[j] > 0 ? weight[j] : 1.0);
    const double cell = is_up ? q.from[j] : q.to[j];
    const double behind = cell - (is_up ? q.before[j] : q.after[j]);
    const double ahead = (is_up ? q.to[j] : q.from[j]) - cell;
    const double has = is_up ? row.has_before[j] : row.has_after[j];
    const double product = behind * ahead;
    const double sum = behind + ahead;
    const double bend = product / (sum != 0 ? sum : 1.0) / (cell > 0 ? cell : 1.0);
    double face = product > flux::smallest_product ? 1 + bend : 1.0;
    face = cell > 0 ? face : 1.0;
    face = has > 0 ? face : 1.0;
    const double drift = size * face;
    double share = size - flux::limited_from;
    share = share < 1 ? share : 1.0;
    share = form[j] == 1 ? share : 0.0;
    forward[j] += share * (weight[j] * (1 + (is_up ? drift : 0.0)) - forward[j]);
    backward[j] += share * (weight[j] * (1 + (is_up ? 0.0 : drift)) - backward[j]);
  }
}

/// flux::follow_steep where it holds. What an excess of the weight spreads goes back, uphill, as a rate of
/// the lower cell.
DRIFTWOOD_ALWAYS_INLINE void follow_steep(long width, const EdgeRow& row, const Four& q, const Four& rho,
                                          const Four& excess, const Four& drift, double* __restrict forward,
                                          double* __restrict backward) {
  const double* __restrict weight = row.weight;
  const double* __restrict form = row.form;
  const double* __restrict taken = row.taken;
  const double* __restrict wide = row.wide;
#pragma GCC ivdep
  for (long j = 0; j < width; ++j) {
    const double from = q.from[j];
    const double to = q.to[j];
    const flux::SteepFace face = flux::steep_face(q.before[j], from, to, q.after[j]);
    const double spread = weight[j] * face.slope;
    const double moved =
        flux::steep_flux(face, drift.before[j], drift.from[j], drift.to[j], drift.after[j],
                         rho.before[j] - taken[j] * excess.before[j], rho.from[j] - taken[j] * excess.from[j],
                         rho.to[j] - taken[j] * excess.to[j], rho.after[j] - taken[j] * excess.after[j]) -
        spread * (from - to) + wide[j] * (excess.from[j] + excess.to[j]) / 2 * flux::steep_response(face);
    const bool is_steep = form[j] == 2;
    forward[j] = is_steep ? spread + (moved > 0 ? moved / from : 0.0) : forward[j];
    backward[j] = is_steep ? spread + (moved > 0 ? 0.0 : -moved / to) : backward[j];
  }
}

}  // namespace

DRIFTWOOD_FOR_EACH_ISA
void correct_rates(const Bundle& bundle, const FluxRows& flux, const ConstRows& density, const Rows& forward,
                   const Rows& backward) {
  const long width = bundle.width;
  double has_before[widest_bundle];
  double has_after[widest_bundle];
  double weight[widest_bundle];
  double drift[widest_bundle];
  double taken[widest_bundle];
  double wide[widest_bundle];
  double form[widest_bundle];
  const EdgeRow row{has_before, has_after, weight, drift, taken, wide, form};
  const bool is_fourth_order = flux.drift.data != nullptr;
  const double limited_from = is_fourth_order ? flux::fourth_order_to : flux::limited_from;
  for (long m = 0; m < bundle.length; ++m) {
    std::copy_n(bundle.forward[m], width, forward[m]);
    std::copy_n(bundle.backward[m], width, backward[m]);
    if (m + 1 == bundle.length) break;  // no edge on
    bool is_beyond = describe(bundle, m, flux.weight, limited_from, row);
    const bool inner = m > 0;
    const bool inner_after = m + 2 < bundle.length;
    const Four q(density, m, inner, inner_after);
    if (is_fourth_order) is_beyond = find_forms(width, row, q);
    if (is_fourth_order) {
      const Four rho(flux.weight, m, inner, inner_after);
      const Four cell_drift(flux.drift, m, inner, inner_after);
      const Four excess = flux.excess.data ? Four(flux.excess, m, inner, inner_after) : rho;
      if (!flux.excess.data) {
        std::fill_n(taken, width, 0.0);
        std::fill_n(wide, width, 0.0);
      }
      raise_order(width, row, q, rho, excess, cell_drift, forward[m], backward[m]);
      if (is_beyond) follow_steep(width, row, q, rho, excess, cell_drift, forward[m], backward[m]);
    }
    if (is_beyond) limit(width, row, q, forward[m], backward[m]);
  }
}

DRIFTWOOD_FOR_EACH_ISA
void rates_of_edges(long n, const double* weight_from, const double* weight_to, const double* slope_from,
                    const double* slope_to, double* forward, double* backward) {
  constexpr long piece = 256;
  double weight[piece];
  double peclet[piece];
  for (long first = 0; first < n; first += piece) {
    const long size = std::min(piece, n - first);
    long is_large = 0;
#pragma GCC ivdep
    for (long i = 0; i < size; ++i) {
      weight[i] = (weight_from[first + i] + weight_to[first + i]) / 2;
      peclet[i] = (slope_from[first + i] + slope_to[first + i]) / 2;
    }
#pragma GCC ivdep
    for (long i = 0; i < size; ++i) is_large |= std::abs(peclet[i]) > 2 ? 1L : 0L;
#pragma GCC ivdep
    for (long i = 0; i < size; ++i) {
      const double even = flux::even_part(peclet[i]);
      forward[first + i] = std::max(flux::least_rate, weight[i] * (even + peclet[i] / 2));
      backward[first + i] = std::max(flux::least_rate, weight[i] * (even - peclet[i] / 2));
    }
    if (is_large == 0) continue;
#pragma GCC ivdep
    for (long i = 0; i < size; ++i) {
      if (!(std::abs(peclet[i]) > 2)) continue;
      double at_peclet = 0;
      double at_minus_peclet = 0;
      flux::bernoulli_of_large(peclet[i], at_peclet, at_minus_peclet);
      forward[first + i] = std::max(flux::least_rate, weight[i] > 0 ? weight[i] * at_minus_peclet : 0.0);
      backward[first + i] = std::max(flux::least_rate, weight[i] > 0 ? weight[i] * at_peclet : 0.0);
    }
  }
}

}  // namespace driftwood::fp::line_kernels
