#pragma once

#include "driftwood/sweep/sweep_text.hpp"

namespace driftwood::sweep {

/// Checks what one option's bounds cannot say: combinations of values. `text` gives the origins for the message.
/// Throws ConfigError naming place, key, value and what is allowed.
void check_combination(const PointConfig& config, const SweepText& text);

}  // namespace driftwood::sweep
