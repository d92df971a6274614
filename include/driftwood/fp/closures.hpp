#pragma once

#include <span>
#include <string>
#include <vector>

#include "driftwood/fp/coefficients.hpp"

namespace driftwood::fp {

/// Where the conditional expectations of (3.1) come from: the ladder of equations.md section 3.
enum class ClosureKind { fixed, mean_trajectory, annealed, conditional };

std::string name(ClosureKind kind);
/// Throws ConfigError with the allowed names.
ClosureKind closure_kind(const std::string& name);
/// What the closure was told about the trained ensemble, for the result file.
std::string training_data_used(ClosureKind kind);

/// A box of table nodes: [low, high] per axis, `nodes` nodes each.
CoefficientTable empty_table(std::span<const double> low, std::span<const double> high, int nodes);

/// One snapshot's regression input: n finite rows of tracked weights (n x d), drift (n x d), diffusion (n x packed(d)).
struct RegressionData {
  int dimension = 1;
  std::span<const double> w;
  std::span<const double> drift;
  std::span<const double> diffusion;

  long size() const { return static_cast<long>(w.size()) / dimension; }
};

/// `conditional` at one snapshot, d <= 2: E[b|w] by local-linear and E[D|w] by local-constant (hence positive
/// semidefinite) kernel regression on the table's nodes; the kernel is tricube with an adaptive bandwidth, the distance
/// to the `neighbours`-th nearest replica in coordinates scaled by the ensemble's spread. A node beyond the data's
/// support continues the nearest supported fit: linearly where that pulls back, as a constant where it would push away;
/// D as a constant.
CoefficientTable conditional_table(const RegressionData& data, CoefficientTable nodes, int neighbours);

}  // namespace driftwood::fp
