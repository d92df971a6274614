#include "driftwood/fp/polynomial.hpp"

#include <charconv>
#include <cmath>
#include <utility>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {

namespace {

constexpr int largest_power = 16;

double power(double base, int exponent) {
  double result = 1;
  for (int i = 0; i < exponent; ++i) result *= base;
  return result;
}

/// Reads one polynomial from left to right.
class Reader {
 public:
  Reader(std::string_view text, int dimension) : text_(text), dimension_(dimension) {}

  std::vector<Polynomial::Monomial> read() {
    std::vector<Polynomial::Monomial> monomials;
    skip_blanks();
    if (is_at_end()) fail("it is empty");
    while (!is_at_end()) {
      double sign = 1;
      if (take('-'))
        sign = -1;
      else if (!take('+') && !monomials.empty())
        fail("'+' or '-' is missing before '" + rest() + "'");
      monomials.push_back(read_monomial(sign));
    }
    return monomials;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    const std::string variables = dimension_ == 1 ? "w" : "w1 .. w" + std::to_string(dimension_);
    throw ConfigError(why + "; allowed: a sum of terms like 0.25 w1^4 - 2*w1*w2 with numbers, " + variables +
                      " and whole powers 0.." + std::to_string(largest_power));
  }

  bool is_at_end() const { return position_ >= text_.size(); }
  std::string rest() const { return std::string(text_.substr(position_, 20)); }
  bool starts_with_digit() const {
    return !is_at_end() && ((text_[position_] >= '0' && text_[position_] <= '9') || text_[position_] == '.');
  }

  void skip_blanks() {
    while (!is_at_end() && (text_[position_] == ' ' || text_[position_] == '\t')) ++position_;
  }

  bool take(char wanted) {
    if (is_at_end() || text_[position_] != wanted) return false;
    ++position_;
    skip_blanks();
    return true;
  }

  template <class T>
  T number() {
    T value{};
    const char* first = text_.data() + position_;
    const auto [end, code] = std::from_chars(first, text_.data() + text_.size(), value);
    if (code != std::errc()) fail("'" + rest() + "' is not a number");
    position_ += static_cast<std::size_t>(end - first);
    skip_blanks();
    return value;
  }

  void read_variable(Polynomial::Monomial& monomial) {
    const std::string shown = rest();
    if (!take('w')) fail("'" + shown + "' is neither a number nor a variable");
    const bool has_number = starts_with_digit();
    if (!has_number && dimension_ > 1) fail("'" + shown + "' does not say which w");
    const int axis = has_number ? number<int>() : 1;
    if (axis < 1 || axis > dimension_) fail("there is no w" + std::to_string(axis));
    const int exponent = take('^') ? number<int>() : 1;
    int& power = monomial.powers[static_cast<std::size_t>(axis - 1)];
    power += exponent;
    if (exponent < 0 || power > largest_power) fail("the power of '" + shown + "' is not allowed");
  }

  Polynomial::Monomial read_monomial(double sign) {
    Polynomial::Monomial monomial{sign, {}};
    for (bool is_first = true; !is_at_end(); is_first = false) {
      if (text_[position_] == '+' || text_[position_] == '-') {
        if (is_first) fail("'" + rest() + "' follows a sign");
        return monomial;
      }
      if (!is_first) take('*');
      if (starts_with_digit())
        monomial.coefficient *= number<double>();
      else
        read_variable(monomial);
      if (is_at_end()) return monomial;
    }
    fail("a term is missing at the end");
  }

  std::string_view text_;
  int dimension_;
  std::size_t position_ = 0;
};

}  // namespace

Polynomial::Polynomial(int dimension, std::vector<Monomial> monomials)
    : dimension_(dimension), monomials_(std::move(monomials)) {
  if (dimension < 1 || dimension > 4) throw InternalError("polynomials have 1 to 4 variables");
}

double Polynomial::value(std::span<const double> w) const {
  double sum = 0;
  for (const Monomial& monomial : monomials_) {
    double term = monomial.coefficient;
    for (int k = 0; k < dimension_; ++k) term *= power(w[k], monomial.powers[k]);
    sum += term;
  }
  return sum;
}

double Polynomial::derivative(int axis, std::span<const double> w) const {
  double sum = 0;
  for (const Monomial& monomial : monomials_) {
    const int own = monomial.powers[axis];
    if (own == 0) continue;
    double term = monomial.coefficient * own * power(w[axis], own - 1);
    for (int k = 0; k < dimension_; ++k)
      if (k != axis) term *= power(w[k], monomial.powers[k]);
    sum += term;
  }
  return sum;
}

Polynomial parse_polynomial(std::string_view text, int dimension) {
  return {dimension, Reader(text, dimension).read()};
}

}  // namespace driftwood::fp
