#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/edge_rates.hpp"

namespace driftwood::fp {

/// The approximate factorisation prod_k (I - L_k) of I - sum_k L_k, L_k the rates along direction k between the owned
/// cells only (an edge that leaves the range is left out). Every factor is tridiagonal along lattice lines, so it is
/// inverted exactly, without a subtraction: what goes in non-negative comes out non-negative, with the same sum.
/// Exact inverse of I - L for one direction and all cells owned. Pure numerics, not collective.
class LineFactors {
 public:
  /// `rates`: the step's rates, times the step (dimensionless). A copy is kept of what is needed.
  explicit LineFactors(const EdgeRates& rates);

  /// x <- prod_k (I - L_k)^-1 x for the owned cells. Throws InternalError if the size differs.
  void solve(std::span<double> x) const;

 private:
  struct Line {
    long offset = 0;
    std::vector<double> forward_over_pivot;   ///< f_i / p_i, i -> i + offset
    std::vector<double> backward_over_pivot;  ///< b_i / p_i
    std::vector<double> inverse_pivot;
  };
  void solve_line(const Line& line, double* x) const;

  long count_ = 0;
  std::vector<Line> lines_;
};

}  // namespace driftwood::fp
