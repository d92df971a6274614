#pragma once

#include <Eigen/Core>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftwood::fp {

/// A polynomial in w1 .. wd: a sum of monomials.
class Polynomial {
 public:
  struct Monomial {
    double coefficient = 0;
    std::array<int, 4> powers{};
  };

  /// Throws InternalError unless d = 1..4.
  Polynomial(int dimension, std::vector<Monomial> monomials);

  int dimension() const { return dimension_; }
  const std::vector<Monomial>& monomials() const { return monomials_; }
  double value(std::span<const double> w) const;
  /// The partial derivative by w_`axis`.
  double derivative(int axis, std::span<const double> w) const;

 private:
  int dimension_;
  std::vector<Monomial> monomials_;
};

/// The polynomial that a text like "0.25 w1^4 - 0.5 w1^2 + 0.1*w1*w2 + 1" writes: numbers, w1 .. wd (w for w1 where
/// d = 1), whole powers 0..16. Throws ConfigError that quotes what cannot be read.
Polynomial parse_polynomial(std::string_view text, int dimension);

}  // namespace driftwood::fp
