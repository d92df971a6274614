#include "driftwood/sweep/value.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace driftwood::sweep {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

double parse_number(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) throw ValueError("a value is missing");
  const char* first = text.data();
  const char* last = first + text.size();
  if (text.size() > 1 && *first == '+' && first[1] != '-') ++first;  // from_chars takes no plus sign
  double value = 0;
  const auto [end, code] = std::from_chars(first, last, value);
  const std::string quoted = "'" + std::string(text.substr(0, 60)) + "'";
  if (code == std::errc::result_out_of_range) throw ValueError(quoted + " is beyond double precision");
  if (code != std::errc() || end != last) throw ValueError(quoted + " is not a number");
  if (!std::isfinite(value)) throw ValueError(quoted + " is not a finite number");
  return value;
}

std::string format_number(double value) {
  if (value == 0) return "0";
  std::array<char, 40> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), result.ptr};
}

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth < 0) throw ValueError("a ')' has no '('");
    if (text[i] != ',' || depth > 0) continue;
    parts.push_back(trimmed(text.substr(start, i - start)));
    start = i + 1;
  }
  if (depth > 0) throw ValueError("a '(' is not closed");
  parts.push_back(trimmed(text.substr(start)));
  return parts;
}

}  // namespace driftwood::sweep
