#include "check.hpp"

#include <cmath>
#include <cstdio>

#include "driftwood/core/error.hpp"

namespace driftwood::app::verify {

namespace {

std::string number(double value, const char* format = "%.3g") {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

std::string joined(const std::vector<double>& values, const char* format) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : " ") + number(value, format);
  return text;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text + "  ";
}

double fitted_order(const std::vector<double>& resolutions, const std::vector<double>& errors) {
  const auto n = static_cast<double>(errors.size());
  double x = 0;
  double y = 0;
  double xx = 0;
  double xy = 0;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const double a = std::log(resolutions[i]);
    const double b = std::log(errors[i]);
    x += a / n;
    y += b / n;
    xx += a * a / n;
    xy += a * b / n;
  }
  return -(xy - x * y) / (xx - x * x);
}

}  // namespace

bool Check::passed() const {
  return failure.empty() && value >= least && value <= most;  // false for what is not a number
}

Check order_of(const std::string& what, const std::vector<int>& resolutions, const std::vector<double>& errors,
               double least, double most) {
  if (resolutions.size() != errors.size() || errors.size() < 3)
    throw InternalError("an order is fitted to three or more resolutions");
  Check check;
  check.what = what;
  check.resolutions.assign(resolutions.begin(), resolutions.end());
  check.errors = errors;
  check.is_order = true;
  check.value = fitted_order(check.resolutions, errors);
  check.least = least;
  check.most = most;
  return check;
}

Check within(const std::string& what, double value, double least, double most) {
  Check check;
  check.what = what;
  check.value = value;
  check.least = least;
  check.most = most;
  return check;
}

Check failed(const std::string& what, const std::string& why) {
  Check check;
  check.what = what;
  check.failure = why;
  return check;
}

std::string line_of(const Check& check) {
  std::string text = padded("  " + check.what, 58);
  if (!check.failure.empty()) return text + "FAIL: " + check.failure + "\n";
  if (check.is_order) {
    text += padded("n = " + joined(check.resolutions, "%g"), 22) + padded(joined(check.errors, "%.2e"), 36);
    text += padded("order " + number(check.value, "%.2f"), 14);
  } else {
    text += padded("", 22) + padded("", 36) + padded(number(check.value), 14);
  }
  text += padded("[" + number(check.least) + ", " + number(check.most) + "]", 18);
  return text + (check.passed() ? "ok" : "FAIL") + "\n";
}

}  // namespace driftwood::app::verify
