#pragma once

#include <vector>

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

/// The options of the section [data]; a part of option_table().
std::vector<Option> data_options();

}  // namespace driftwood::sweep
