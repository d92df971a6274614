#pragma once

#include <numbers>

// The inner loops of line_sweep.cpp: bundles of lattice lines side by side.
namespace driftwood::fp::line_kernels {

/// The first coefficient of SDIRK2, L-stable and of second order (Alexander 1977).
inline constexpr double gamma = 1 - 1 / std::numbers::sqrt2;

/// A bundle of lines side by side: row m holds the m-th cell of each, `width` values.
struct Rows {
  double* data;
  long width;
  double* operator[](long m) const { return data + m * width; }
};

/// The rates of a bundle of lines, `width` side by side.
struct Bundle {
  long length;
  long width;
  Rows forward;
  Rows backward;
  Rows exit;  ///< data may be null
};

/// The inverse pivots of I - step L; `rest` holds a row.
void factorise(const Bundle& bundle, double step, const Rows& inverse_pivot, double* rest);

/// x <- (I - step L)^-1 right side.
void solve_bundle(const Bundle& bundle, double step, const Rows& inverse_pivot, const Rows& right_side, const Rows& x);

/// out <- start + factor (stage - start).
void extrapolate(long n, double factor, const double* start, const double* stage, double* out);

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

}  // namespace driftwood::fp::line_kernels
