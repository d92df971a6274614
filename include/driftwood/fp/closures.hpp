#pragma once

#include <span>
#include <string>
#include <vector>

#include "driftwood/fp/coefficients.hpp"

namespace driftwood::fp {

/// Where the conditional expectations of (3.1) come from: the ladder of equations.md section 3.
enum class ClosureKind { joint, fixed, mean_trajectory, annealed, quenched, conditional, self_consistent };

/// The name used in configurations and files: joint, fixed, ...
std::string name(ClosureKind kind);
/// Throws ConfigError with the allowed names.
ClosureKind closure_kind(const std::string& name);
/// What the closure was told about the trained ensemble, for the result file.
std::string training_data_used(ClosureKind kind);

/// A box of table nodes: [low, high] per axis, `nodes` >= 2 nodes each; drift and diffusion 0. Throws InternalError
/// unless low < high on every axis.
CoefficientTable empty_table(std::span<const double> low, std::span<const double> high, int nodes);

}  // namespace driftwood::fp
