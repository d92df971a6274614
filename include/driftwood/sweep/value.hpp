#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace driftwood::sweep {

/// A text is not a value of the wanted kind. The message says why; who catches it knows the key and the place.
struct ValueError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Without blanks at either end.
std::string_view trimmed(std::string_view text);

/// The finite number that the whole text is. Throws ValueError: not a number, nan or inf, beyond double precision.
double parse_number(std::string_view text);

/// The shortest text that reads back as the same number; 0 for -0.
std::string format_number(double value);

/// The parts between the commas that are outside parentheses, trimmed; one empty part for an empty text.
/// Throws ValueError for parentheses that do not match.
std::vector<std::string_view> split_list(std::string_view text);

}  // namespace driftwood::sweep
