#include <algorithm>
#include <cmath>

#include "driftwood/analysis/operators.hpp"
#include "driftwood/core/error.hpp"

namespace driftwood::analysis {

namespace {

Powers sum_of(const Powers& a, const Powers& b) {
  Powers sum{};
  for (int k = 0; k < 4; ++k) sum[k] = a[k] + b[k];
  return sum;
}

/// The next powers of the same total degree, the first coordinate's highest first; false after the last.
bool advance(int dimension, Powers& powers) {
  for (int k = std::min(dimension, 4) - 2; k >= 0; --k) {
    if (powers[k] == 0) continue;
    --powers[k];
    int rest = 1;
    for (int l = k + 1; l < 4; ++l) {
      rest += powers[l];
      powers[l] = 0;
    }
    powers[k + 1] = rest;
    return true;
  }
  return false;
}

}  // namespace

int total_degree(const Powers& powers) {
  return powers[0] + powers[1] + powers[2] + powers[3];
}

std::vector<Powers> all_powers(int dimension, int low, int high) {
  std::vector<Powers> all;
  for (int degree = low; degree <= high; ++degree) {
    Powers powers{degree, 0, 0, 0};
    do all.push_back(powers);
    while (advance(dimension, powers));
  }
  return all;
}

FieldPolynomial::FieldPolynomial(int dimension) : FieldPolynomial(dimension, {}) {}

FieldPolynomial::FieldPolynomial(int dimension, std::map<Powers, double> terms)
    : dimension_(dimension), terms_(std::move(terms)) {
  if (dimension < 1 || dimension > 4) throw InternalError("a field has 1 to 4 components");
}

int FieldPolynomial::degree() const {
  int degree = 0;
  for (const auto& [powers, coefficient] : terms_) degree = std::max(degree, total_degree(powers));
  return degree;
}

double FieldPolynomial::value(std::span<const double> u) const {
  double sum = 0;
  for (const auto& [powers, coefficient] : terms_) {
    double term = coefficient;
    for (int k = 0; k < dimension_; ++k)
      for (int i = 0; i < powers[k]; ++i) term *= u[k];
    sum += term;
  }
  return sum;
}

FieldPolynomial& FieldPolynomial::operator+=(const FieldPolynomial& other) {
  if (other.dimension_ != dimension_) throw InternalError("polynomials in fields of different dimension");
  for (const auto& [powers, coefficient] : other.terms_) terms_[powers] += coefficient;
  return *this;
}

FieldPolynomial FieldPolynomial::operator*(const FieldPolynomial& other) const {
  FieldPolynomial product(dimension_);
  for (const auto& [powers, coefficient] : terms_)
    for (const auto& [other_powers, other_coefficient] : other.terms_)
      product.terms_[sum_of(powers, other_powers)] += coefficient * other_coefficient;
  return product;
}

FieldPolynomial FieldPolynomial::operator*(double factor) const {
  FieldPolynomial product = *this;
  for (auto& [powers, coefficient] : product.terms_) coefficient *= factor;
  return product;
}

FieldPolynomial FieldPolynomial::derivative(int axis) const {
  FieldPolynomial result(dimension_);
  for (const auto& [powers, coefficient] : terms_) {
    if (powers[axis] == 0) continue;
    Powers lower = powers;
    --lower[axis];
    result.terms_[lower] += coefficient * powers[axis];
  }
  return result;
}

FieldPolynomial FieldPolynomial::substituted(const Eigen::VectorXd& offset, const Eigen::MatrixXd& matrix) const {
  // powers_of[k][n] = u_k^n as a polynomial in v.
  std::vector<std::vector<FieldPolynomial>> powers_of(dimension_);
  const int highest = degree();
  for (int k = 0; k < dimension_; ++k) {
    std::map<Powers, double> line{{Powers{}, offset[k]}};
    for (int l = 0; l < dimension_; ++l) {
      Powers one{};
      one[l] = 1;
      if (matrix(k, l) != 0) line[one] = matrix(k, l);
    }
    const FieldPolynomial u(dimension_, line);
    powers_of[k].emplace_back(dimension_, std::map<Powers, double>{{Powers{}, 1.0}});
    for (int n = 1; n <= highest; ++n) powers_of[k].push_back(powers_of[k].back() * u);
  }
  FieldPolynomial result(dimension_);
  for (const auto& [powers, coefficient] : terms_) {
    FieldPolynomial term(dimension_, {{Powers{}, coefficient}});
    for (int k = 0; k < dimension_; ++k)
      if (powers[k] > 0) term = term * powers_of[k][powers[k]];
    result += term;
  }
  return result;
}

}  // namespace driftwood::analysis
