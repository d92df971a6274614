#include "driftwood/sweep/filter.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>
#include <variant>

#include "driftwood/sweep/suggestion.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {

namespace {

/// A number, a truth, or a word.
using Value = std::variant<double, bool, std::string>;

}  // namespace

struct Filter::Expression {
  enum class Kind { constant, key, call } kind = Kind::constant;
  Value constant = false;
  std::string name;  ///< of a key, an operator or a function
  std::vector<Expression> arguments;
};

namespace {

using Expression = Filter::Expression;

double number(const Value& value, const std::string& user) {
  if (const auto* found = std::get_if<double>(&value)) return *found;
  throw ValueError("'" + user + "' needs numbers");
}

bool truth(const Value& value, const std::string& user) {
  if (const auto* found = std::get_if<bool>(&value)) return *found;
  throw ValueError("'" + user + "' needs a condition, like a comparison");
}

/// What the canonical text of a key stands for.
Value value_of_text(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  try {
    return parse_number(text);
  } catch (const ValueError&) {
    return text;
  }
}

bool compare(const std::string& name, const Value& left, const Value& right) {
  if (left.index() != right.index()) throw ValueError("'" + name + "' compares values of different kinds");
  if (name == "==") return left == right;
  if (name == "!=") return left != right;
  const double a = number(left, name);
  const double b = number(right, name);
  return name == "<" ? a < b : name == "<=" ? a <= b : name == ">" ? a > b : a >= b;
}

double calculate(const std::string& name, double a) {
  if (name == "log") return std::log(a);
  if (name == "exp") return std::exp(a);
  if (name == "sqrt") return std::sqrt(a);
  return name == "abs" ? std::abs(a) : -a;
}

double calculate(const std::string& name, double a, double b) {
  if (name == "+") return a + b;
  if (name == "-") return a - b;
  if (name == "*") return a * b;
  if (name == "/") return a / b;
  if (name == "^") return std::pow(a, b);
  return name == "min" ? std::min(a, b) : std::max(a, b);
}

Value evaluate(const Expression& expression, const KeyValue& value_of) {
  if (expression.kind == Expression::Kind::constant) return expression.constant;
  const std::string& name = expression.name;
  if (expression.kind == Expression::Kind::key) return value_of_text(value_of(name));
  const Value first = evaluate(expression.arguments.at(0), value_of);
  if (name == "not") return !truth(first, name);
  if (name == "and" && !truth(first, name)) return false;
  if (name == "or" && truth(first, name)) return true;
  if (expression.arguments.size() == 1) return calculate(name, number(first, name));
  const Value second = evaluate(expression.arguments.at(1), value_of);
  if (name == "and" || name == "or") return truth(second, name);
  if (name.find_first_of("<>=!") != std::string::npos) return compare(name, first, second);
  return calculate(name, number(first, name), number(second, name));
}

Expression call_of(std::string name, std::vector<Expression> arguments) {
  return {
      .kind = Expression::Kind::call, .constant = false, .name = std::move(name), .arguments = std::move(arguments)};
}

/// Operators that bind alike, loosest first.
const std::array<std::vector<std::string>, 5> levels{
    {{"or"}, {"and"}, {"<=", ">=", "==", "!=", "<", ">"}, {"+", "-"}, {"*", "/"}}};
constexpr std::size_t comparison_level = 2;

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

/// Recursive descent over the text.
class Parser {
 public:
  Parser(std::string_view text, const std::vector<std::string>& keys) : text_(text), keys_(keys) {}

  Expression whole() {
    Expression expression = level(0);
    if (!rest().empty()) fail("'" + std::string(rest().substr(0, 20)) + "' does not fit");
    return expression;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw ValueError(what + " (at character " + std::to_string(place_ + 1) + ")");
  }

  std::string_view rest() {
    while (place_ < text_.size() && (text_[place_] == ' ' || text_[place_] == '\t')) ++place_;
    return text_.substr(place_);
  }

  bool take(std::string_view symbol) {
    const std::string_view next = rest();
    if (next.substr(0, symbol.size()) != symbol) return false;
    const bool is_word = is_word_character(symbol.front());
    if (is_word && next.size() > symbol.size() && is_word_character(next[symbol.size()])) return false;
    place_ += symbol.size();
    return true;
  }

  void expect(std::string_view symbol) {
    if (!take(symbol)) fail("a '" + std::string(symbol) + "' is missing");
  }

  std::optional<std::string> take_operator(std::size_t depth) {
    for (const std::string& symbol : levels[depth])
      if (take(symbol)) return symbol;
    return std::nullopt;
  }

  Expression level(std::size_t depth) {
    if (depth == comparison_level && take("not")) return call_of("not", {nested([&] { return level(depth); })});
    if (depth == levels.size()) return negated();
    Expression left = level(depth + 1);
    while (const auto symbol = take_operator(depth)) {
      constexpr int most_operators = 500;  // chains are as deep as they are long
      if (++n_operators_ > most_operators) fail("there are more than " + std::to_string(most_operators) + " operators");
      left = call_of(*symbol, {std::move(left), level(depth + 1)});
      if (depth == comparison_level) break;  // a < b < c would compare a truth
    }
    return left;
  }

  Expression negated() {
    if (take("-")) return call_of("negative", {nested([&] { return negated(); })});
    Expression base = primary();
    if (!take("^")) return base;
    return call_of("^", {std::move(base), nested([&] { return negated(); })});
  }

  Expression primary() {
    if (take("(")) {
      Expression inside = nested([&] { return level(0); });
      expect(")");
      return inside;
    }
    const std::string_view next = rest();
    if (next.empty()) fail("something is missing");
    if (next.front() == '\'') return quoted();
    if (std::isdigit(static_cast<unsigned char>(next.front())) != 0 || next.front() == '.') return literal();
    std::size_t length = 0;
    while (length < next.size() && is_word_character(next[length])) ++length;
    if (length == 0) fail("'" + std::string(next.substr(0, 1)) + "' does not fit");
    place_ += length;
    return named(std::string(next.substr(0, length)));
  }

  Expression quoted() {
    const std::size_t end = text_.find('\'', place_ + 1);
    if (end == std::string_view::npos) fail("a ' is not closed");
    const std::string word(text_.substr(place_ + 1, end - place_ - 1));
    place_ = end + 1;
    return {.kind = Expression::Kind::constant, .constant = word, .name = {}, .arguments = {}};
  }

  Expression literal() {
    std::size_t end = place_;
    while (end < text_.size() && (is_word_character(text_[end]) ||
                                  ((text_[end] == '-' || text_[end] == '+') && (text_[end - 1] | 0x20) == 'e')))
      ++end;
    const double value = parse_number(text_.substr(place_, end - place_));
    place_ = end;
    return {.kind = Expression::Kind::constant, .constant = value, .name = {}, .arguments = {}};
  }

  /// A function, a truth, a key, or a word.
  Expression named(std::string name) {
    for (const char* function : {"log", "exp", "sqrt", "abs", "min", "max"})
      if (name == function && take("(")) return function_call(std::move(name));
    if (name == "true" || name == "false")
      return {.kind = Expression::Kind::constant, .constant = name == "true", .name = {}, .arguments = {}};
    if (std::find(keys_.begin(), keys_.end(), name) != keys_.end())
      return {.kind = Expression::Kind::key, .constant = false, .name = std::move(name), .arguments = {}};
    if (name.find('.') != std::string::npos)
      throw ValueError("'" + name.substr(0, 80) + "' is no key of a point" + did_you_mean(name, keys_));
    return {.kind = Expression::Kind::constant, .constant = std::move(name), .name = {}, .arguments = {}};
  }

  Expression function_call(std::string name) {
    std::vector<Expression> arguments{nested([&] { return level(0); })};
    if (name == "min" || name == "max") {
      expect(",");
      arguments.push_back(nested([&] { return level(0); }));
    }
    expect(")");
    return call_of(std::move(name), std::move(arguments));
  }

  /// Keeps a hostile text from exhausting the stack.
  template <class Action>
  Expression nested(Action&& action) {
    constexpr int deepest = 50;
    if (++depth_ > deepest) fail("nested more than " + std::to_string(deepest) + " deep");
    Expression expression = action();
    --depth_;
    return expression;
  }

  std::string_view text_;
  const std::vector<std::string>& keys_;
  std::size_t place_ = 0;
  int depth_ = 0;
  int n_operators_ = 0;
};

}  // namespace

Filter::Filter(std::string_view text, const std::vector<std::string>& keys)
    : root_(std::make_unique<Expression>(Parser(text, keys).whole())) {}
Filter::Filter(Filter&&) noexcept = default;
Filter::~Filter() = default;

bool Filter::keeps(const KeyValue& value_of) const {
  return truth(evaluate(*root_, value_of), "sweep.filter");
}

}  // namespace driftwood::sweep
