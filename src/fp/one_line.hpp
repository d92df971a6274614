#pragma once

#include "line_kernels.hpp"

// The kernels of line_kernels.hpp for a bundle of one line: what is carried along the line stays in registers. Bits are
// the same.
namespace driftwood::fp::line_kernels::one_line {

inline void factorise(const Bundle& bundle, double step, const ConstRows& right_side, const Factors& factors,
                      const Rows& y, const Rows& copy) {
  double rest = 1;
  double carried = 0;
  for (long m = 0; m < bundle.length; ++m) {
    const double b = *right_side[m];
    const double F = step * *bundle.forward[m];
    const double B = step * *bundle.backward[m];
    if (bundle.exit.data) rest += step * *bundle.exit[m];
    const double over_pivot = 1 / (rest + F);
    const double value = m == 0 ? b : b + carried;
    *y[m] = value;
    if (copy.data) *copy[m] = b;
    const double to_next = F * over_pivot;
    carried = to_next * value;
    *factors.inverse_pivot[m] = over_pivot;
    *factors.forward[m] = to_next;
    *factors.backward[m] = B * over_pivot;
    rest = 1 + B * (rest * over_pivot);
  }
}

inline void eliminate(const Bundle& bundle, const Factors& factors, const Rows& y) {
  double value = *y[0];
  for (long m = 1; m < bundle.length; ++m) *y[m] = value = *y[m] + *factors.forward[m - 1] * value;
}

inline bool substitute(const Bundle& bundle, const Factors& factors, const Rows& y, double* least) {
  double value = *y[bundle.length - 1] * *factors.inverse_pivot[bundle.length - 1];
  *y[bundle.length - 1] = *least = value;
  for (long m = bundle.length - 2; m >= 0; --m) {
    *y[m] = value = *y[m] * *factors.inverse_pivot[m] + *factors.backward[m] * value;
    *least = value < *least ? value : *least;
  }
  return *least < 0;
}

inline void substitute_and_extrapolate(const Bundle& bundle, const Factors& factors, double factor,
                                       const ConstRows& start, const Rows& y) {
  double value = 0;
  for (long m = bundle.length - 1; m >= 0; --m) {
    value = *y[m] * *factors.inverse_pivot[m] + *factors.backward[m] * value;
    *y[m] = *start[m] + factor * (value - *start[m]);
  }
}

}  // namespace driftwood::fp::line_kernels::one_line
