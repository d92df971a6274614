#include "line_kernels.hpp"

#include <algorithm>

#include "driftwood/core/for_each_isa.hpp"
#include "one_line.hpp"

namespace driftwood::fp::line_kernels {

namespace {

/// Corrections to backward Euler take at most this part of what a cell holds: all but what rounding needs. Less would
/// bound tails that SDIRK2 keeps positive by itself, and from there spread into the bulk.
constexpr double largest_part = 1 - 1e-10;

}  // namespace

// Row m of a line's matrix I - step L holds -F_{m-1}, 1 + F_m + B_{m-1} + X_m, -B_m (F forward, B backward, X exit,
// times the step). Elimination leaves the pivots p_m = e_m + F_m with e_m = 1 + X_m + B_{m-1} e_{m-1} / p_{m-1}: sums
// and products only.
DRIFTWOOD_FOR_EACH_ISA
void factorise(const Bundle& bundle, double step, const ConstRows& right_side, const Factors& factors, const Rows& y,
               const Rows& copy) {
  if (bundle.width == 1) return one_line::factorise(bundle, step, right_side, factors, y, copy);
  const long width = bundle.width;
  double* __restrict rest = factors.rest;
#pragma GCC ivdep
  for (long j = 0; j < width; ++j) rest[j] = 1;
  for (long m = 0; m < bundle.length; ++m) {
    const double* __restrict forward = bundle.forward[m];
    const double* __restrict backward = bundle.backward[m];
    const double* __restrict b = right_side[m];
    double* __restrict inverse = factors.inverse_pivot[m];
    double* __restrict to_next = factors.forward[m];
    double* __restrict from_next = factors.backward[m];
    double* __restrict out = y[m];
    if (bundle.exit.data) {
      const double* __restrict exit = bundle.exit[m];
#pragma GCC ivdep
      for (long j = 0; j < width; ++j) rest[j] += step * exit[j];
    }
#pragma GCC ivdep
    for (long j = 0; j < width; ++j) {
      const double F = step * forward[j];
      const double B = step * backward[j];
      const double over_pivot = 1 / (rest[j] + F);
      inverse[j] = over_pivot;
      to_next[j] = F * over_pivot;
      from_next[j] = B * over_pivot;
      rest[j] = 1 + B * (rest[j] * over_pivot);
    }
    if (m == 0) {
#pragma GCC ivdep
      for (long j = 0; j < width; ++j) out[j] = b[j];
    } else {
      const double* __restrict before = y[m - 1];
      const double* __restrict from_before = factors.forward[m - 1];
#pragma GCC ivdep
      for (long j = 0; j < width; ++j) out[j] = b[j] + from_before[j] * before[j];
    }
    if (!copy.data) continue;
    double* __restrict kept = copy[m];
#pragma GCC ivdep
    for (long j = 0; j < width; ++j) kept[j] = b[j];
  }
}

DRIFTWOOD_FOR_EACH_ISA
void eliminate(const Bundle& bundle, const Factors& factors, const Rows& y) {
  if (bundle.width == 1) return one_line::eliminate(bundle, factors, y);
  const long width = bundle.width;
  for (long m = 1; m < bundle.length; ++m) {
    const double* __restrict before = y[m - 1];
    const double* __restrict from_before = factors.forward[m - 1];
    double* __restrict out = y[m];
#pragma GCC ivdep
    for (long j = 0; j < width; ++j) out[j] += from_before[j] * before[j];
  }
}

DRIFTWOOD_FOR_EACH_ISA
bool substitute(const Bundle& bundle, const Factors& factors, const Rows& y, double* __restrict least) {
  if (bundle.width == 1) return one_line::substitute(bundle, factors, y, least);
  const long width = bundle.width;
  const double* __restrict last_inverse = factors.inverse_pivot[bundle.length - 1];
  double* __restrict last = y[bundle.length - 1];
#pragma GCC ivdep
  for (long j = 0; j < width; ++j) least[j] = last[j] *= last_inverse[j];
  for (long m = bundle.length - 2; m >= 0; --m) {
    const double* __restrict inverse = factors.inverse_pivot[m];
    const double* __restrict from_next = factors.backward[m];
    const double* __restrict next = y[m + 1];
    double* __restrict out = y[m];
#pragma GCC ivdep
    for (long j = 0; j < width; ++j) {
      out[j] = out[j] * inverse[j] + from_next[j] * next[j];
      least[j] = out[j] < least[j] ? out[j] : least[j];
    }
  }
  bool is_negative = false;
  for (long j = 0; j < width; ++j) is_negative = is_negative || least[j] < 0;
  return is_negative;
}

DRIFTWOOD_FOR_EACH_ISA
void substitute_and_extrapolate(const Bundle& bundle, const Factors& factors, double factor, const ConstRows& start,
                                const Rows& y, double* __restrict solution) {
  if (bundle.width == 1) return one_line::substitute_and_extrapolate(bundle, factors, factor, start, y);
  const long width = bundle.width;
#pragma GCC ivdep
  for (long j = 0; j < width; ++j) solution[j] = 0;  // the last row has no next one: its rate there is 0
  for (long m = bundle.length - 1; m >= 0; --m) {
    const double* __restrict inverse = factors.inverse_pivot[m];
    const double* __restrict from_next = factors.backward[m];
    const double* __restrict x = start[m];
    double* __restrict out = y[m];
#pragma GCC ivdep
    for (long j = 0; j < width; ++j) {
      solution[j] = out[j] * inverse[j] + from_next[j] * solution[j];
      out[j] = x[j] + factor * (solution[j] - x[j]);
    }
  }
}

DRIFTWOOD_FOR_EACH_ISA
void corrections(const Bundle& bundle, double step, const Rows& stage, const Rows& high, const Rows& base,
                 const Rows& flow, const Rows& leak) {
  const long width = bundle.width;
  for (long m = 0; m < bundle.length; ++m) {
    const bool is_last = m + 1 == bundle.length;
    const double* __restrict s0 = stage[m];
    const double* __restrict h0 = high[m];
    const double* __restrict b0 = base[m];
    double* __restrict out = flow[m];
    if (is_last) {
      for (long j = 0; j < width; ++j) out[j] = 0;
    } else {
      const double* __restrict forward = bundle.forward[m];
      const double* __restrict backward = bundle.backward[m];
      const double* __restrict s1 = stage[m + 1];
      const double* __restrict h1 = high[m + 1];
      const double* __restrict b1 = base[m + 1];
      for (long j = 0; j < width; ++j) {
        const double from = (1 - gamma) * s0[j] + gamma * h0[j] - b0[j];
        const double to = (1 - gamma) * s1[j] + gamma * h1[j] - b1[j];
        out[j] = step * (forward[j] * from - backward[j] * to);
      }
    }
    if (!bundle.exit.data) continue;
    const double* __restrict exit = bundle.exit[m];
    double* __restrict lost = leak[m];
    for (long j = 0; j < width; ++j) lost[j] = step * exit[j] * ((1 - gamma) * s0[j] + gamma * h0[j] - b0[j]);
  }
}

DRIFTWOOD_FOR_EACH_ISA
void allowances(const Bundle& bundle, const Rows& strict, const Rows& high, const Rows& base, const Rows& flow,
                const Rows& leak, const Rows& part) {
  const long width = bundle.width;
  for (long m = 0; m < bundle.length; ++m) {
    const double* __restrict b = base[m];
    const double* __restrict h = high[m];
    const double* __restrict right = flow[m];
    const double* __restrict is_strict = strict[m];
    double* __restrict out = part[m];
    for (long j = 0; j < width; ++j) out[j] = right[j] > 0 ? right[j] : 0.0;
    if (m > 0) {
      const double* __restrict left = flow[m - 1];
      for (long j = 0; j < width; ++j) out[j] += left[j] < 0 ? -left[j] : 0.0;
    }
    if (bundle.exit.data) {
      const double* __restrict lost = leak[m];
      for (long j = 0; j < width; ++j) out[j] += lost[j] > 0 ? lost[j] : 0.0;
    }
    for (long j = 0; j < width; ++j) {
      const double available = largest_part * b[j];
      const double limited = out[j] > available ? available / out[j] : 1.0;
      out[j] = is_strict[j] == 0 && h[j] >= (1 - largest_part) * b[j] ? 1.0 : limited;
    }
  }
}

DRIFTWOOD_FOR_EACH_ISA
bool apply_corrections(const Bundle& bundle, const Rows& base, const Rows& flow, const Rows& leak, const Rows& part,
                       const Rows& out, const Rows& strict) {
  const long width = bundle.width;
  double least = 0;
  for (long m = 0; m < bundle.length; ++m) {
    const bool is_last = m + 1 == bundle.length;
    const double* __restrict b = base[m];
    double* __restrict x = out[m];
    const double* __restrict own = part[m];
    std::copy_n(b, width, x);
    if (!is_last) {
      const double* __restrict right = flow[m];
      const double* __restrict next = part[m + 1];
      for (long j = 0; j < width; ++j) x[j] -= right[j] * (right[j] > 0 ? own[j] : next[j]);
    }
    if (m > 0) {
      const double* __restrict left = flow[m - 1];
      const double* __restrict before = part[m - 1];
      for (long j = 0; j < width; ++j) x[j] += left[j] * (left[j] > 0 ? before[j] : own[j]);
    }
    if (bundle.exit.data) {
      const double* __restrict lost = leak[m];
      for (long j = 0; j < width; ++j) x[j] -= lost[j] * own[j];
    }
    double* __restrict marks = strict[m];
    for (long j = 0; j < width; ++j) marks[j] = x[j] < 0 ? 1.0 : marks[j];
    for (long j = 0; j < width; ++j) least = x[j] < least ? x[j] : least;
  }
  return least < 0;
}

}  // namespace driftwood::fp::line_kernels
