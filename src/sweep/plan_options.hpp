#pragma once

#include <vector>

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

/// The section [sweep]: how the axes become points.
std::vector<Option> plan_options();

}  // namespace driftwood::sweep
