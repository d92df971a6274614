#pragma once

#include <string>
#include <vector>

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

/// An option's value as someone wrote it, and where: "default", "iris.ini:12", "environment DRIFTWOOD_RUN_SEED",
/// "command line".
struct GivenValue {
  std::string text;
  std::string origin;
};

/// The canonical values of an option: one, or several where the option is an axis of the sweep. An axis is a list of
/// values, `range(a, b, n)` (n equally spaced values from a to b, both included) or `logrange(a, b, n)` (equal ratios,
/// a, b > 0), or a list of these. The inner values of ranges are rounded to 12 significant digits, for integer options
/// to integers. Throws ConfigError naming place, key, value and what is allowed.
std::vector<std::string> expand(const Option& option, const GivenValue& given);

/// Throws ConfigError "origin: key = value: why; allowed: ...".
[[noreturn]] void reject(const Option& option, const GivenValue& given, const std::string& why);

}  // namespace driftwood::sweep
