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

/// A call like range(a, b, n): n values of a kind, with two parameters.
struct Call {
  std::string name;
  double first = 0;
  double second = 0;
  int n = 0;
};

constexpr std::array range_names{"range", "logrange"};
constexpr std::array sample_names{"uniform", "loguniform", "normal"};

template <std::size_t n>
bool is_one_of(const std::array<const char*, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The name before the first parenthesis; empty where there is none.
std::string_view called_name(std::string_view text) {
  const std::size_t open = text.find('(');
  return open == std::string_view::npos ? std::string_view{} : trimmed(text.substr(0, open));
}

void check_parameters(const Call& call) {
  if (call.name.starts_with("log") && (call.first <= 0 || call.second <= 0))
    throw ValueError(call.name + "(a, b, n) needs a > 0 and b > 0");
  if ((call.name == "uniform" || call.name == "loguniform") && call.first >= call.second)
    throw ValueError(call.name + "(a, b, n) needs a < b");
  if (call.name == "normal" && call.second <= 0) throw ValueError("normal(mean, std, n) needs std > 0");
}

/// The call that the text is, or nothing where it is no call.
std::optional<Call> parse_call(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return std::nullopt;
  const std::string name(called_name(text));
  if (!is_one_of(range_names, name) && !is_one_of(sample_names, name))
    throw ValueError("'" + name +
                     "(' is unknown: write range(a, b, n), logrange(a, b, n), uniform(a, b, n), loguniform(a, b, n) "
                     "or normal(mean, std, n)");
  if (text.back() != ')') throw ValueError("there is something after " + name + "(...)");
  const auto arguments = split_list(text.substr(open + 1, text.size() - open - 2));
  const std::string form = name + (name == "normal" ? "(mean, std, n)" : "(a, b, n)");
  if (arguments.size() != 3) throw ValueError(name + " takes three arguments: " + form);
  const double n = parse_number(arguments[2]);
  const int least = is_one_of(range_names, name) ? 2 : 1;
  if (n != std::floor(n) || n < least || n > max_values_per_axis)
    throw ValueError("the number of values n of " + form + " must be an integer " + std::to_string(least) + ".." +
                     std::to_string(max_values_per_axis));
  Call call{name, parse_number(arguments[0]), parse_number(arguments[1]), static_cast<int>(n)};
  check_parameters(call);
  return call;
}

double range_value(const Call& range, int i) {
  if (i == 0) return range.first;
  if (i == range.n - 1) return range.second;
  const double fraction = static_cast<double>(i) / (range.n - 1);
  const double between = range.name == "logrange"
                             ? std::exp(std::log(range.first) * (1 - fraction) + std::log(range.second) * fraction)
                             : range.first * (1 - fraction) + range.second * fraction;
  return rounded_to_12_digits(between);
}

void append_values(const Option& option, std::string_view element, std::vector<std::string>& values) {
  const std::optional<Call> call = is_number(option) ? parse_call(element) : std::nullopt;
  if (!call) {
    values.push_back(canonical_value(option, element));
    return;
  }
  if (is_one_of(sample_names, call->name))
    throw ValueError(call->name + "(...) stands alone: a sampled axis has no other values");
  for (int i = 0; i < call->n; ++i) {
    const double value = range_value(*call, i);
    const bool inner = i > 0 && i < call->n - 1;
    values.push_back(canonical_value(option, format_number(inner && is_integer(option) ? std::round(value) : value)));
  }
}

/// The value below which a part `probability` of the distribution lies.
double quantile(const Call& call, double probability, bool integer) {
  const double low = call.first;
  const double high = call.second;
  if (call.name == "normal") return low + high * normal_quantile(probability);
  if (call.name == "loguniform") return low * std::pow(high / low, probability);
  if (!integer) return low + (high - low) * probability;
  return std::min(std::floor(low + (std::floor(high) - low + 1) * probability), high);
}

std::vector<std::string> sampled_values(const Option& option, std::string_view text, const Sampler& sampler) {
  const Call call = parse_call(text).value();
  std::vector<std::string> values;
  for (const double probability : unit_samples(sampler, option.key(), call.n)) {
    const double value = rounded_to_12_digits(quantile(call, probability, is_integer(option)));
    values.push_back(canonical_value(option, format_number(is_integer(option) ? std::round(value) : value)));
  }
  return values;
}

void check_distinct(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  const auto twice = std::adjacent_find(values.begin(), values.end());
  if (twice != values.end()) throw ValueError("the value " + *twice + " is there twice");
}

/// The texts of the values: commas and bars part them, or bars alone.
std::vector<std::string_view> elements_of(const Option& option, std::string_view text) {
  std::vector<std::string_view> elements;
  for (const std::string_view alternative : split_alternatives(text)) {
    if (!option.may_be_axis) {
      elements.push_back(alternative);
      continue;
    }
    for (const std::string_view element : split_list(alternative)) elements.push_back(element);
  }
  return elements;
}

std::vector<std::string> expand_values(const Option& option, std::string_view text, const AxisContext& context) {
  if (!option.takes_alternatives()) return {canonical_value(option, text)};
  if (is_sampled(option, text)) return sampled_values(option, text, context.sampler);
  std::vector<std::string> values;
  const auto elements = elements_of(option, text);
  for (const std::string_view element : elements) {
    if (element.empty() && (option.may_be_axis || elements.size() > 1)) throw ValueError("a value is missing");
    append_values(option, element, values);
    if (values.size() > max_values_per_axis)
      throw ValueError("more than " + std::to_string(max_values_per_axis) + " values");
  }
  if (!context.may_repeat) check_distinct(values);
  return values;
}

}  // namespace

bool is_sampled(const Option& option, std::string_view text) {
  return option.may_be_axis && is_number(option) && is_one_of(sample_names, called_name(trimmed(text))) &&
         trimmed(text).find(')') + 1 == trimmed(text).size();
}

std::vector<std::string_view> split_alternatives(std::string_view text) {
  std::vector<std::string_view> alternatives;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('|', start), text.size());
    alternatives.push_back(trimmed(text.substr(start, end - start)));
    start = end + 1;
  }
  return alternatives;
}

void reject(const Option& option, const GivenValue& given, const std::string& why) {
  constexpr std::size_t longest = 80;
  const std::string shown = given.text.size() > longest ? given.text.substr(0, longest) + "..." : given.text;
  throw ConfigError(given.origin + ": " + option.key() + " = " + shown + ": " + why +
                    "; allowed: " + allowed_values(option));
}

std::vector<std::string> expand(const Option& option, const GivenValue& given, const AxisContext& context) {
  try {
    return expand_values(option, trimmed(given.text), context);
  } catch (const ValueError& error) {
    reject(option, given, error.what());
  }
}

}  // namespace driftwood::sweep
