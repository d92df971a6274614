#include "driftwood/analysis/operators.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <charconv>

#include "driftwood/core/error.hpp"

namespace driftwood::analysis {

namespace {

/// "u1^2 u2", in one dimension "u^2".
std::string monomial_name(int dimension, const Powers& powers) {
  std::string name;
  for (int k = 0; k < dimension; ++k) {
    if (powers[k] == 0) continue;
    name += (name.empty() ? "u" : " u") + (dimension > 1 ? std::to_string(k + 1) : "");
    if (powers[k] > 1) name += "^" + std::to_string(powers[k]);
  }
  return name;
}

/// "He2(u1) He1(u2)", in one dimension "He2(u)".
std::string hermite_name(int dimension, const Powers& powers) {
  std::string name;
  for (int k = 0; k < dimension; ++k)
    if (powers[k] > 0)
      name += (name.empty() ? "He" : " He") + std::to_string(powers[k]) + "(u" +
              (dimension > 1 ? std::to_string(k + 1) : "") + ")";
  return name;
}

/// He_n(u_axis) by He_{n+1} = u He_n - n He_{n-1}.
FieldPolynomial hermite_polynomial(int dimension, int axis, int n) {
  Powers one{};
  one[axis] = 1;
  const FieldPolynomial u(dimension, {{one, 1.0}});
  FieldPolynomial before(dimension);
  FieldPolynomial now(dimension, {{Powers{}, 1.0}});
  for (int k = 0; k < n; ++k) {
    FieldPolynomial next = u * now;
    next += before * static_cast<double>(-k);
    before = now;
    now = next;
  }
  return now;
}

int parse_power(std::string_view word, std::string_view text) {
  int power = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), power);
  if (error != std::errc() || end != word.data() + word.size() || power < 0 || power > 12)
    throw ConfigError("'" + std::string(word) + "' in '" + std::string(text) + "' is no power 0..12");
  return power;
}

/// The words between blanks and commas.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  constexpr std::string_view blanks = " ,\t";
  for (std::size_t at = text.find_first_not_of(blanks); at != std::string_view::npos;
       at = text.find_first_not_of(blanks, at)) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

OperatorSet::OperatorSet(std::vector<std::string> names, std::vector<FieldPolynomial> operators)
    : names_(std::move(names)), operators_(std::move(operators)) {
  if (operators_.empty() || names_.size() != operators_.size())
    throw InternalError("a set of operators needs one operator a name");
  for (const FieldPolynomial& each : operators_)
    if (each.dimension() != dimension()) throw InternalError("operators on fields of different dimension");
}

OperatorSet OperatorSet::monomials(int dimension, int degree) {
  return of_powers(dimension, all_powers(dimension, 1, degree));
}

OperatorSet OperatorSet::hermite(int dimension, int degree) {
  std::vector<std::string> names;
  std::vector<FieldPolynomial> operators;
  for (const Powers& powers : all_powers(dimension, 1, degree)) {
    FieldPolynomial product(dimension, {{Powers{}, 1.0}});
    for (int k = 0; k < dimension; ++k) product = product * hermite_polynomial(dimension, k, powers[k]);
    names.push_back(hermite_name(dimension, powers));
    operators.push_back(product);
  }
  return {names, operators};
}

OperatorSet OperatorSet::of_powers(int dimension, const std::vector<Powers>& powers) {
  std::vector<std::string> names;
  std::vector<FieldPolynomial> operators;
  for (const Powers& each : powers) {
    names.push_back(monomial_name(dimension, each));
    operators.emplace_back(dimension, std::map<Powers, double>{{each, 1.0}});
  }
  return {names, operators};
}

int OperatorSet::degree() const {
  int degree = 0;
  for (const FieldPolynomial& each : operators_) degree = std::max(degree, each.degree());
  return degree;
}

OperatorSet OperatorSet::first(int n) const {
  return {{names_.begin(), names_.begin() + n}, {operators_.begin(), operators_.begin() + n}};
}

OperatorSet OperatorSet::in_field(const fp::Frame& field, const fp::Frame& other) const {
  // u = zeta^-1 (w - m) with w = m' + S' v.
  const auto inverse = field.scale.triangularView<Eigen::Lower>();
  const Eigen::VectorXd offset = inverse.solve(other.centre - field.centre);
  const Eigen::MatrixXd matrix = inverse.solve(other.scale);
  std::vector<FieldPolynomial> operators;
  for (const FieldPolynomial& each : operators_) operators.push_back(each.substituted(offset, matrix));
  return {names_, operators};
}

Eigen::VectorXd couplings_in_field(const OperatorSet& operators, const Eigen::VectorXd& coupling, const fp::Frame& from,
                                   const fp::Frame& to) {
  const std::vector<Powers> powers = all_powers(operators.dimension(), 1, operators.degree());
  const auto coefficients = [&](const FieldPolynomial& polynomial) {
    Eigen::VectorXd result = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(powers.size()));
    for (std::size_t i = 0; i < powers.size(); ++i) {
      const auto found = polynomial.terms().find(powers[i]);
      if (found != polynomial.terms().end()) result[static_cast<Eigen::Index>(i)] = found->second;
    }
    return result;
  };
  const OperatorSet moved = operators.in_field(from, to);
  Eigen::MatrixXd own(powers.size(), operators.size());
  Eigen::VectorXd wanted = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(powers.size()));
  for (int a = 0; a < operators.size(); ++a) {
    own.col(a) = coefficients(operators[a]);
    wanted += coupling[a] * coefficients(moved[a]);
  }
  const Eigen::VectorXd result = own.colPivHouseholderQr().solve(wanted);
  if (!((own * result - wanted).norm() <= 1e-9 * wanted.norm())) return {};
  return result;
}

std::vector<Powers> parse_powers(std::string_view text, int dimension) {
  std::vector<Powers> all;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(';', start), text.size());
    const std::vector<std::string_view> words = words_of(text.substr(start, end - start));
    start = end + 1;
    if (static_cast<int>(words.size()) != dimension)
      throw ConfigError("'" + std::string(text) + "' needs " + std::to_string(dimension) +
                        " powers an operator, operators separated by ';'");
    Powers powers{};
    for (int k = 0; k < dimension; ++k) powers[k] = parse_power(words[k], text);
    if (total_degree(powers) == 0 || std::find(all.begin(), all.end(), powers) != all.end())
      throw ConfigError("'" + std::string(text) + "' has a constant, or an operator twice");
    all.push_back(powers);
  }
  return all;
}

}  // namespace driftwood::analysis
