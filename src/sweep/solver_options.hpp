#pragma once

#include <vector>

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

/// The options of the section [fokker_planck]; a part of option_table().
std::vector<Option> fokker_planck_options();

}  // namespace driftwood::sweep
