#pragma once

#include <span>
#include <string>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/regression.hpp"

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

/// `conditional` at one snapshot, d <= 2: E[b|w] by local-linear and E[D|w] by local-constant (hence positive
/// semidefinite) kernel regression on the table's nodes; the kernel is tricube with an adaptive bandwidth, the distance
/// to the `neighbours`-th nearest replica in coordinates scaled by the ensemble's spread. A node beyond the data's
/// support continues the nearest supported fit: linearly where that pulls back, as a constant where it would push away;
/// D as a constant. Between two basins the continuations from both sides are blended (fp/regression.hpp has the rules).
/// `neighbours` == 0: choose_neighbours. Exact for drifts linear in w within the support. Throws ConfigError if d > 2
/// or `neighbours` < 0, InternalError on sizes that do not match or no data. Pure function, not collective.
CoefficientTable conditional_table(const RegressionData& data, CoefficientTable nodes, int neighbours);

/// The number of neighbours among 25, 50, 100, 200, 400 (as far as n / 2 allows; n if n < 50) whose local-linear drift
/// predicts best each of a fixed subsample of about 1000 replicas from all others (leave-one-out cross-validation).
/// Deterministic.
int choose_neighbours(const RegressionData& data);

}  // namespace driftwood::fp
