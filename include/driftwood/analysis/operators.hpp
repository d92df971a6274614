#pragma once

#include <Eigen/Core>
#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driftwood/fp/density.hpp"

namespace driftwood::analysis {

/// Powers of u1 .. u4; those beyond the dimension are 0.
using Powers = std::array<int, 4>;
int total_degree(const Powers& powers);
/// All powers of a total degree from `low` to `high`, by degree, then the first coordinate's highest power first.
std::vector<Powers> all_powers(int dimension, int low, int high);

/// A polynomial in a field u of d components, as an algebra: what operators, their derivatives and their products are.
class FieldPolynomial {
 public:
  /// The polynomial 0. Throws InternalError unless d = 1..4.
  explicit FieldPolynomial(int dimension);
  FieldPolynomial(int dimension, std::map<Powers, double> terms);

  int dimension() const { return dimension_; }
  int degree() const;  ///< of 0 and of constants: 0
  const std::map<Powers, double>& terms() const { return terms_; }
  double value(std::span<const double> u) const;

  FieldPolynomial& operator+=(const FieldPolynomial& other);
  FieldPolynomial operator*(const FieldPolynomial& other) const;
  FieldPolynomial operator*(double factor) const;
  FieldPolynomial derivative(int axis) const;
  /// As a function of v, where u = offset + matrix v.
  FieldPolynomial substituted(const Eigen::VectorXd& offset, const Eigen::MatrixXd& matrix) const;

 private:
  int dimension_;
  std::map<Powers, double> terms_;
};

/// The operators O_a(u) of (7.1), functions of the field u = zeta^-1 (w - m); the constant is not one of them.
class OperatorSet {
 public:
  /// Names as for files. Throws InternalError for no operators, or names and polynomials that do not fit.
  OperatorSet(std::vector<std::string> names, std::vector<FieldPolynomial> operators);

  /// All monomials up to a total degree, in the order of all_powers.
  static OperatorSet monomials(int dimension, int degree);
  /// Products of Hermite polynomials He_n (orthogonal under a standard normal density) up to a total degree.
  static OperatorSet hermite(int dimension, int degree);
  /// The monomials of these powers.
  static OperatorSet of_powers(int dimension, const std::vector<Powers>& powers);

  int dimension() const { return operators_.front().dimension(); }
  int size() const { return static_cast<int>(operators_.size()); }
  int degree() const;
  const FieldPolynomial& operator[](int a) const { return operators_[a]; }
  const std::vector<std::string>& names() const { return names_; }
  /// The first n of them.
  OperatorSet first(int n) const;
  /// The same functions of w as polynomials in v, for u of `field` and v of `other`: w = m + S v.
  OperatorSet in_field(const fp::Frame& field, const fp::Frame& other) const;

 private:
  std::vector<std::string> names_;
  std::vector<FieldPolynomial> operators_;
};

/// The couplings for which sum_a g_a O_a(u') in the field `to` is the function of w that it is with `coupling` in the
/// field `from`, up to a constant. Empty where these operators cannot write it in the other field (sets that are not
/// complete).
Eigen::VectorXd couplings_in_field(const OperatorSet& operators, const Eigen::VectorXd& coupling, const fp::Frame& from,
                                   const fp::Frame& to);

/// "2 0; 1 1; 0 4": the powers of u1, u2, .. of one operator after another. Throws ConfigError that quotes what cannot
/// be read: other than d whole numbers 0..12 an operator, a constant, or one that is there twice.
std::vector<Powers> parse_powers(std::string_view text, int dimension);

}  // namespace driftwood::analysis
