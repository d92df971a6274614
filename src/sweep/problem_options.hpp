#pragma once

#include <vector>

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

/// The options of the section [problem]; a part of option_table().
std::vector<Option> problem_options();

}  // namespace driftwood::sweep
