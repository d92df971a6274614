#include "driftwood/sweep/option.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <type_traits>

#include "driftwood/core/error.hpp"
#include "driftwood/sweep/suggestion.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {

namespace {

template <class T>
constexpr bool is_integer = std::is_same_v<T, int> || std::is_same_v<T, std::uint32_t>;

/// The type of the value that a field refers to.
template <class F>
using ValueOf = std::remove_reference_t<std::invoke_result_t<F, Settings&>>;

void check_bounds(const Bounds& bounds, double value) {
  if (bounds.or_zero && value == 0) return;
  if (value < bounds.low || (bounds.low_is_excluded && value == bounds.low))
    throw ValueError("'" + format_number(value) + "' is too small");
  if (value > bounds.high) throw ValueError("'" + format_number(value) + "' is too large");
}

double parse_integer(const Bounds& bounds, std::string_view text) {
  const double value = parse_number(text);
  if (value != std::floor(value)) throw ValueError("'" + std::string(text) + "' is not an integer");
  check_bounds(bounds, value);
  return value;
}

bool parse_flag(std::string_view text) {
  for (const char* word : {"true", "yes", "on", "1"})
    if (text == word) return true;
  for (const char* word : {"false", "no", "off", "0"})
    if (text == word) return false;
  throw ValueError("'" + std::string(text) + "' is neither true nor false");
}

std::string parse_word(const std::vector<std::string>& choices, std::string_view text) {
  if (choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end()) return std::string(text);
  if (text.empty()) throw ValueError("a value is missing");
  throw ValueError("'" + std::string(text) + "' is unknown" + did_you_mean(text, choices));
}

/// "4-1-1-4"; commas do as well where they do not part the values of an axis.
std::vector<int> parse_widths(const Bounds& bounds, std::string_view text) {
  std::vector<int> widths;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find_first_of("-,", start), text.size());
    widths.push_back(static_cast<int>(parse_integer(bounds, text.substr(start, end - start))));
    start = end + 1;
  }
  return widths;
}

/// "1, 0.5; 0.5, 2": semicolons, between the rows of a matrix, are as good as commas.
std::vector<double> parse_numbers(const Bounds& bounds, std::string_view text) {
  std::vector<double> numbers;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(",;", start), text.size());
    numbers.push_back(parse_number(text.substr(start, end - start)));
    check_bounds(bounds, numbers.back());
    start = end + 1;
  }
  return numbers;
}

std::vector<std::string> parse_words(const std::vector<std::string>& choices, std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view part : split_list(text)) words.push_back(parse_word(choices, part));
  return words;
}

/// A set of words, put into the order of the choices; "none" is the empty set.
std::vector<std::string> parse_names(const std::vector<std::string>& choices, std::string_view text) {
  std::vector<std::string> names;
  if (text == "none") return names;
  for (std::string_view part : split_list(text)) {
    std::string name = parse_word(choices, part);
    if (std::find(names.begin(), names.end(), name) != names.end()) throw ValueError("'" + name + "' is there twice");
    names.push_back(std::move(name));
  }
  const auto place = [&](const std::string& name) { return std::find(choices.begin(), choices.end(), name); };
  std::sort(names.begin(), names.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return names;
}

template <class T>
T parse(const Option& option, std::string_view text) {
  text = trimmed(text);
  if constexpr (std::is_same_v<T, double>) {
    const double value = parse_number(text);
    check_bounds(option.bounds, value);
    return value;
  } else if constexpr (std::is_same_v<T, bool>) {
    return parse_flag(text);
  } else if constexpr (is_integer<T>) {
    return static_cast<T>(parse_integer(option.bounds, text));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return parse_word(option.choices, text);
  } else if constexpr (std::is_same_v<T, std::vector<int>>) {
    if (option.may_be_none && text == "none") return {};
    return parse_widths(option.bounds, text);
  } else if constexpr (std::is_same_v<T, std::vector<double>>) {
    if (option.may_be_none && text == "none") return {};
    return parse_numbers(option.bounds, text);
  } else if (option.is_sequence) {
    return parse_words(option.choices, text);
  } else {
    return parse_names(option.choices, text);
  }
}

std::string format(double value) {
  return format_number(value);
}
std::string format(bool value) {
  return value ? "true" : "false";
}
std::string format(int value) {
  return std::to_string(value);
}
std::string format(std::uint32_t value) {
  return std::to_string(value);
}
std::string format(const std::string& value) {
  return value;
}
std::string format(const std::vector<int>& widths) {
  std::string text;
  for (int width : widths) text += (text.empty() ? "" : "-") + std::to_string(width);
  return text;
}
std::string format(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) text += (text.empty() ? "" : ", ") + format_number(number);
  return text;
}
std::string format(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

/// The value's canonical text.
template <class T>
std::string canonical(const Option& option, const T& value) {
  std::string text = format(value);
  return text.empty() && option.may_be_none ? "none" : text;
}

/// Whole numbers in full, where 1e+06 would be shorter.
std::string bound_text(double bound) {
  const bool is_whole = bound == std::floor(bound) && std::abs(bound) < 1e12;
  return is_whole ? std::to_string(static_cast<long long>(bound)) : format_number(bound);
}

std::string bounds_text(const Bounds& bounds) {
  const bool has_low = std::isfinite(bounds.low);
  const bool has_high = std::isfinite(bounds.high);
  std::string text;
  if (has_low && has_high && !bounds.low_is_excluded)
    text = " " + bound_text(bounds.low) + ".." + bound_text(bounds.high);
  else if (has_low)
    text = (bounds.low_is_excluded ? " > " : " >= ") + bound_text(bounds.low) +
           (has_high ? " and <= " + bound_text(bounds.high) : "");
  return text + (bounds.or_zero ? ", or 0" : "");
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

bool Option::takes_alternatives() const {
  if (may_be_axis || is_path) return true;
  // A content's hash follows its file, and repeats are an axis of their own.
  return defines_point && scope != Scope::solve && name != "hash" && name != "repeats";
}

const Option* find_option(std::string_view key) {
  static const auto by_key = [] {
    std::map<std::string, const Option*, std::less<>> all;
    for (const Option& each : option_table()) all.emplace(each.key(), &each);
    return all;
  }();
  const auto found = by_key.find(key);
  return found == by_key.end() ? nullptr : found->second;
}

const Option& option(std::string_view key) {
  const Option* found = find_option(key);
  if (found == nullptr) throw InternalError("there is no option '" + std::string(key) + "'");
  return *found;
}

std::vector<std::string> section_names(Scope scope) {
  std::vector<std::string> names;
  for (const Option& each : option_table())
    if (each.is_known(scope) && (names.empty() || names.back() != each.section)) names.push_back(each.section);
  return names;
}

const std::string& default_text(const Option& option) {
  static const auto texts = [] {
    Settings settings;
    std::map<std::string, std::string> all;
    for (const Option& each : option_table())
      all[each.key()] = std::visit([&](auto field) { return canonical(each, field(settings)); }, each.field);
    return all;
  }();
  return texts.at(option.key());
}

std::string allowed_values(const Option& option) {
  return std::visit(
      [&]<class F>(F) -> std::string {
        using T = ValueOf<F>;
        if constexpr (std::is_same_v<T, double>) return "a number" + bounds_text(option.bounds);
        if constexpr (is_integer<T>) return "an integer" + bounds_text(option.bounds);
        if constexpr (std::is_same_v<T, bool>) return "true, false";
        if constexpr (std::is_same_v<T, std::vector<int>>)
          return (option.may_be_none ? "none, or integers" : "integers") + bounds_text(option.bounds) +
                 " with dashes between them, like 4-1-1-4";
        if constexpr (std::is_same_v<T, std::vector<double>>)
          return (option.may_be_none ? "none, or numbers" : "numbers") + bounds_text(option.bounds) +
                 " with commas between them";
        if constexpr (std::is_same_v<T, std::vector<std::string>>)
          return (option.is_sequence ? "a list of: " : "none, or a list of: ") + joined(option.choices);
        if constexpr (std::is_same_v<T, std::string>)
          return option.choices.empty() ? "a text" : "one of: " + joined(option.choices);
      },
      option.field);
}

std::string canonical_value(const Option& option, std::string_view text) {
  return std::visit([&]<class F>(F) { return canonical(option, parse<ValueOf<F>>(option, text)); }, option.field);
}

void assign(const Option& option, std::string_view text, Settings& settings) {
  std::visit([&]<class F>(F field) { field(settings) = parse<ValueOf<F>>(option, text); }, option.field);
}

}  // namespace driftwood::sweep
