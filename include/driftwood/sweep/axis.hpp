#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/sampling.hpp"

namespace driftwood::sweep {

/// An option's value as someone wrote it, and where: "default", "iris.ini:12", "environment DRIFTWOOD_RUN_SEED",
/// "command line".
struct GivenValue {
  std::string text;
  std::string origin;
};

/// What an axis's values depend on besides its text.
struct AxisContext {
  Sampler sampler;
  bool may_repeat = false;  ///< a value may be there twice: sweep.combine puts the axis beside others
};

/// The canonical values of an option: one, or several where the option is an axis of the sweep. An axis is a list of
/// values (parted by commas, or by bars where a value has commas of its own), `range(a, b, n)` (n equally spaced values
/// from a to b, both included) or `logrange(a, b, n)` (equal ratios, a, b > 0), or a list of these. The inner values of
/// ranges are rounded to 12 significant digits, for integer options to integers. Or it is sampled: n values of
/// `uniform(a, b, n)`, `loguniform(a, b, n)` or `normal(mean, std, n)`, rounded likewise; integers are equally likely
/// in a..b. Throws ConfigError naming place, key, value and what is allowed.
std::vector<std::string> expand(const Option& option, const GivenValue& given, const AxisContext& context = {});

/// Whether the text asks for a sampled axis.
bool is_sampled(const Option& option, std::string_view text);

/// The alternatives that bars part, trimmed.
std::vector<std::string_view> split_alternatives(std::string_view text);

/// Throws ConfigError "origin: key = value: why; allowed: ...".
[[noreturn]] void reject(const Option& option, const GivenValue& given, const std::string& why);

}  // namespace driftwood::sweep
