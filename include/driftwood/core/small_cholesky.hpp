#pragma once

#include <array>
#include <cmath>
#include <span>

#include "driftwood/core/packed.hpp"

namespace driftwood {

/// Cholesky factorisation of a packed symmetric d x d tensor, d <= 4, for use inside loops over cells (no allocation).
class SmallCholesky {
 public:
  /// `packed` plus `added` times the identity.
  SmallCholesky(int d, std::span<const double> packed, double added = 0) : d_(d) {
    for (int k = 0; k < d; ++k) {
      const double original = packed[packed_index(d, k, k)] + added;
      double pivot = original;
      for (int i = 0; i < k; ++i) pivot -= lower_[k][i] * lower_[k][i];
      is_positive_ = is_positive_ && pivot > 1e-13 * std::abs(original);
      lower_[k][k] = std::sqrt(pivot);
      for (int j = k + 1; j < d; ++j) {
        double entry = packed[packed_index(d, j, k)];
        for (int i = 0; i < k; ++i) entry -= lower_[j][i] * lower_[k][i];
        lower_[j][k] = entry / lower_[k][k];
      }
    }
  }

  /// Whether the tensor is positive definite, with a margin for round-off; else solve() gives NaN.
  bool is_positive() const { return is_positive_; }

  /// The tensor's inverse times x; entries beyond d stay.
  std::array<double, 4> solve(std::array<double, 4> x) const {
    for (int k = 0; k < d_; ++k) {
      for (int i = 0; i < k; ++i) x[k] -= lower_[k][i] * x[i];
      x[k] /= lower_[k][k];
    }
    for (int k = d_ - 1; k >= 0; --k) {
      for (int i = k + 1; i < d_; ++i) x[k] -= lower_[i][k] * x[i];
      x[k] /= lower_[k][k];
    }
    return x;
  }

 private:
  int d_;
  bool is_positive_ = true;
  std::array<std::array<double, 4>, 4> lower_{};
};

}  // namespace driftwood
