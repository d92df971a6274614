#pragma once

#include <vector>

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

/// The keys derive.*.
std::vector<Option> derive_options();

}  // namespace driftwood::sweep
