#pragma once

#include <vector>

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

/// The options of the section [initial]; a part of option_table().
std::vector<Option> initial_options();

}  // namespace driftwood::sweep
