#include "driftwood/sweep/axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <variant>

#include "driftwood/core/error.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {

namespace {

constexpr int max_values_per_axis = 100000;

bool is_integer(const Option& option) {
  return std::holds_alternative<int& (*)(Settings&)>(option.field) ||
         std::holds_alternative<std::uint32_t& (*)(Settings&)>(option.field) ||
         std::holds_alternative<std::vector<int>& (*)(Settings&)>(option.field);
}

bool is_number(const Option& option) {
  return is_integer(option) || std::holds_alternative<double& (*)(Settings&)>(option.field);
}

double rounded_to_12_digits(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.12g", value);
  return parse_number(text.data());
}

struct Range {
  bool logarithmic = false;
  double first = 0;
  double last = 0;
  int n = 0;

  double value(int i) const {
    if (i == 0) return first;
    if (i == n - 1) return last;
    const double fraction = static_cast<double>(i) / (n - 1);
    const double between = logarithmic ? std::exp(std::log(first) * (1 - fraction) + std::log(last) * fraction)
                                       : first * (1 - fraction) + last * fraction;
    return rounded_to_12_digits(between);
  }
};

/// The range that the text asks for, or nothing where it is no call of range() or logrange().
std::optional<Range> parse_range(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return std::nullopt;
  const std::string name(trimmed(text.substr(0, open)));
  if (name != "range" && name != "logrange")
    throw ValueError("'" + name + "(' is unknown: write range(a, b, n) or logrange(a, b, n)");
  if (text.back() != ')') throw ValueError("there is something after " + name + "(...)");
  const auto arguments = split_list(text.substr(open + 1, text.size() - open - 2));
  if (arguments.size() != 3) throw ValueError(name + " takes three arguments: " + name + "(a, b, n)");
  const double n = parse_number(arguments[2]);
  if (n != std::floor(n) || n < 2 || n > max_values_per_axis)
    throw ValueError("the number of values n of " + name + "(a, b, n) must be an integer 2.." +
                     std::to_string(max_values_per_axis));
  const Range range{name == "logrange", parse_number(arguments[0]), parse_number(arguments[1]), static_cast<int>(n)};
  if (range.logarithmic && (range.first <= 0 || range.last <= 0))
    throw ValueError("logrange(a, b, n) needs a > 0 and b > 0");
  return range;
}

void append_values(const Option& option, std::string_view element, std::vector<std::string>& values) {
  const std::optional<Range> range = is_number(option) ? parse_range(element) : std::nullopt;
  if (!range) {
    values.push_back(canonical_value(option, element));
    return;
  }
  for (int i = 0; i < range->n; ++i) {
    const double value = range->value(i);
    const bool inner = i > 0 && i < range->n - 1;
    values.push_back(canonical_value(option, format_number(inner && is_integer(option) ? std::round(value) : value)));
  }
}

void check_distinct(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  const auto twice = std::adjacent_find(values.begin(), values.end());
  if (twice != values.end()) throw ValueError("the value " + *twice + " is there twice");
}

std::vector<std::string> expand_values(const Option& option, std::string_view text) {
  if (!option.may_be_axis) return {canonical_value(option, text)};
  std::vector<std::string> values;
  for (std::string_view element : split_list(text)) {
    if (element.empty()) throw ValueError("a value is missing");
    append_values(option, element, values);
    if (values.size() > max_values_per_axis)
      throw ValueError("more than " + std::to_string(max_values_per_axis) + " values");
  }
  check_distinct(values);
  return values;
}

}  // namespace

void reject(const Option& option, const GivenValue& given, const std::string& why) {
  constexpr std::size_t longest = 80;
  const std::string shown = given.text.size() > longest ? given.text.substr(0, longest) + "..." : given.text;
  throw ConfigError(given.origin + ": " + option.key() + " = " + shown + ": " + why +
                    "; allowed: " + allowed_values(option));
}

std::vector<std::string> expand(const Option& option, const GivenValue& given) {
  try {
    return expand_values(option, trimmed(given.text));
  } catch (const ValueError& error) {
    reject(option, given, error.what());
  }
}

}  // namespace driftwood::sweep
