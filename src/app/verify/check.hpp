#pragma once

#include <string>
#include <vector>

namespace driftwood::app::verify {

/// One line of the table: something measured, and the bounds within which it must lie.
struct Check {
  std::string what;
  std::vector<double> resolutions;  ///< cells per axis or steps, one per error; empty where there is one value only
  std::vector<double> errors;
  bool is_order = false;  ///< `value` is the order of convergence fitted to the errors
  double value = 0;
  double least = 0;
  double most = 0;
  std::string failure;  ///< why nothing was measured

  bool passed() const;
};

/// The slope of ln(error) over -ln(resolution), by least squares, must lie within [least, most].
Check order_of(const std::string& what, const std::vector<int>& resolutions, const std::vector<double>& errors,
               double least, double most);
Check within(const std::string& what, double value, double least, double most);
Check failed(const std::string& what, const std::string& why);

/// The line of a table for people, with a newline.
std::string line_of(const Check& check);

}  // namespace driftwood::app::verify
