#pragma once

#include <numbers>

// The inner loops of line_sweep.cpp: bundles of lattice lines side by side.
namespace driftwood::fp::line_kernels {

/// The first coefficient of SDIRK2, L-stable and of second order (Alexander 1977).
inline constexpr double gamma = 1 - 1 / std::numbers::sqrt2;

/// Most lines of a bundle.
inline constexpr long widest_bundle = 64;

/// A bundle of lines side by side: row m holds the m-th cell of each, from `data` + m `stride` on.
struct Rows {
  double* data;
  long stride;
  double* operator[](long m) const { return data + m * stride; }
};
struct ConstRows {
  const double* data;
  long stride;
  ConstRows(const double* first, long row_stride) : data(first), stride(row_stride) {}
  ConstRows(const Rows& rows) : data(rows.data), stride(rows.stride) {}  // NOLINT(google-explicit-constructor)
  const double* operator[](long m) const { return data + m * stride; }
};

/// The rates of a bundle of lines, `width` side by side.
struct Bundle {
  long length;
  long width;
  ConstRows forward;
  ConstRows backward;
  ConstRows exit;  ///< data may be null
};

/// (I - step L)^-1 of a bundle, ready for use: its pivots' inverses, and the rates over the pivots.
struct Factors {
  Rows inverse_pivot;
  Rows forward;
  Rows backward;
  double* rest;  ///< work space of a row
};

/// Makes the factors, and y <- the right side after elimination; `copy` <- the right side (data may be null).
void factorise(const Bundle& bundle, double step, const ConstRows& right_side, const Factors& factors, const Rows& y,
               const Rows& copy);
/// y <- right side after elimination, in place.
void eliminate(const Bundle& bundle, const Factors& factors, const Rows& y);
/// y <- solution from what elimination left, in place. Returns whether a value is negative; `least`: the smallest of
/// every line.
bool substitute(const Bundle& bundle, const Factors& factors, const Rows& y, double* least);
/// The same; then y <- start + factor (solution - start). `row`: work space of a row.
void substitute_and_extrapolate(const Bundle& bundle, const Factors& factors, double factor, const ConstRows& start,
                                const Rows& y, double* row);

/// What SDIRK2 moves from every cell to the next more than backward Euler does: `flow`; and out of exits: `leak`.
void corrections(const Bundle& bundle, double step, const Rows& stage, const Rows& high, const Rows& base,
                 const Rows& flow, const Rows& leak);

/// The part of its corrections that a cell may give: what keeps it positive whatever comes in; 1 where the corrected
/// value is no problem, unless the cell is marked as `strict`.
void allowances(const Bundle& bundle, const Rows& strict, const Rows& high, const Rows& base, const Rows& flow,
                const Rows& leak, const Rows& part);

/// out <- base and the corrections, each times the allowance of the cell it is drawn from. Marks cells that become
/// negative in `strict`; returns whether there are any.
bool apply_corrections(const Bundle& bundle, const Rows& base, const Rows& flow, const Rows& leak, const Rows& part,
                       const Rows& out, const Rows& strict);

/// What the fourth-order and the limited flux need beside Chang and Cooper's rates.
struct FluxRows {
  ConstRows weight;  ///< rho of the cells
  ConstRows drift;   ///< rho e . E^-1 u of the cells; data is null for the limited flux
  ConstRows excess;  ///< the part of the weight that the fourth-order flux takes off again; data may be null
};
/// out <- the bundle's rates (Chang and Cooper's) with what the flux makes of the density (flux.hpp).
void correct_rates(const Bundle& bundle, const FluxRows& flux, const ConstRows& density, const Rows& forward,
                   const Rows& backward);

/// Chang and Cooper's rates of the edges i -> i + offset from the cells' weights and slopes of ln p along the
/// direction, for 0 <= i < n, from their ends' means. `forward` and `backward` may be `weight_from` and
/// `slope_from`, each its own.
void rates_of_edges(long n, const double* weight_from, const double* weight_to, const double* slope_from,
                    const double* slope_to, double* forward, double* backward);

/// to[j to_stride + i] <- from[i from_stride + j] for i < rows, j < columns.
void transpose(long rows, long columns, const double* from, long from_stride, double* to, long to_stride);

}  // namespace driftwood::fp::line_kernels
