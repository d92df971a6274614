#pragma once

#include "driftwood/sweep/sweep_text.hpp"

namespace driftwood::sweep {

/// Checks what one option's bounds cannot say: combinations of values. `text` gives the origins for the message.
/// Throws ConfigError naming place, key, value and what is allowed.
void check_combination(const PointConfig& config, const SweepText& text);

/// The part of it that [fokker_planck] needs wherever it is used.
void check_solver(const PointConfig::FokkerPlanck& solver, const SweepText& text);

}  // namespace driftwood::sweep
