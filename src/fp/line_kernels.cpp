#include "line_kernels.hpp"

#include <algorithm>

// The kernels are compiled for several instruction sets and chosen at run time; without contraction of products and
// sums (the whole project's choice) all give the same bits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__)
#define DRIFTWOOD_FOR_EACH_ISA __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define DRIFTWOOD_FOR_EACH_ISA
#endif

namespace driftwood::fp::line_kernels {

namespace {

/// Corrections to backward Euler take at most this part of what a cell holds: all but what rounding needs. Less would
/// bound tails that SDIRK2 keeps positive by itself, and from there spread into the bulk.
constexpr double largest_part = 1 - 1e-10;

}  // namespace

// Row m of a line's matrix I - step L holds -F_{m-1}, 1 + F_m + B_{m-1} + X_m, -B_m (F forward, B backward, X exit,
// times the step). Elimination leaves the pivots e_m + F_m with e_m = 1 + X_m + B_{m-1} e_{m-1} / p_{m-1}: sums and
// products only.
DRIFTWOOD_FOR_EACH_ISA
void factorise(const Bundle& bundle, double step, const Rows& inverse_pivot, double* __restrict rest) {
  const long width = bundle.width;
  for (long m = 0; m < bundle.length; ++m) {
    const double* __restrict forward = bundle.forward[m];
    double* __restrict inverse = inverse_pivot[m];
    if (m == 0) {
      for (long j = 0; j < width; ++j) rest[j] = 1;
    } else {
      const double* __restrict before_inverse = inverse_pivot[m - 1];
      const double* __restrict backward = bundle.backward[m - 1];
      for (long j = 0; j < width; ++j) rest[j] = 1 + step * backward[j] * (rest[j] * before_inverse[j]);
    }
    if (bundle.exit.data) {
      const double* __restrict exit = bundle.exit[m];
      for (long j = 0; j < width; ++j) rest[j] += step * exit[j];
    }
    for (long j = 0; j < width; ++j) inverse[j] = 1 / (rest[j] + step * forward[j]);
  }
}

DRIFTWOOD_FOR_EACH_ISA
void solve_bundle(const Bundle& bundle, double step, const Rows& inverse_pivot, const Rows& right_side, const Rows& x) {
  const long width = bundle.width;
  std::copy_n(right_side[0], width, x[0]);
  for (long m = 1; m < bundle.length; ++m) {
    const double* __restrict b = right_side[m];
    const double* __restrict inverse = inverse_pivot[m - 1];
    const double* __restrict forward = bundle.forward[m - 1];
    const double* __restrict before = x[m - 1];
    double* __restrict y = x[m];
    for (long j = 0; j < width; ++j) y[j] = b[j] + step * forward[j] * (inverse[j] * before[j]);
  }
  double* __restrict last = x[bundle.length - 1];
  const double* __restrict last_inverse = inverse_pivot[bundle.length - 1];
  for (long j = 0; j < width; ++j) last[j] *= last_inverse[j];
  for (long m = bundle.length - 2; m >= 0; --m) {
    const double* __restrict inverse = inverse_pivot[m];
    const double* __restrict backward = bundle.backward[m];
    const double* __restrict after = x[m + 1];
    double* __restrict y = x[m];
    for (long j = 0; j < width; ++j) y[j] = (y[j] + step * backward[j] * after[j]) * inverse[j];
  }
}

DRIFTWOOD_FOR_EACH_ISA
void extrapolate(long n, double factor, const double* __restrict start, const double* __restrict stage,
                 double* __restrict out) {
  for (long i = 0; i < n; ++i) out[i] = start[i] + factor * (stage[i] - start[i]);
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
