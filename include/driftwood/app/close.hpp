#pragma once

#include <memory>
#include <vector>

#include "driftwood/app/closure_input.hpp"
#include "driftwood/fp/closures.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/conditional.hpp"
#include "driftwood/results/records.hpp"

namespace driftwood::app {

/// A closure's equation, and what to know about it.
struct ClosedEquation {
  std::unique_ptr<fp::Coefficients> coefficients;
  std::vector<fp::ConditionalFit> fits;  ///< of `conditional`: one a snapshot, their tables' values moved out
};

/// Whether `conditional` regresses by polynomials (closure.regression) with so many tracked weights.
bool is_polynomial_regression(const sweep::PointConfig::Closure& closure, int dimension);

/// The fits for the result file, with the probability that the solved densities (one a snapshot, or fewer) have where
/// the coefficients were continued beyond the replicas.
std::vector<results::ConditionalSnapshot> conditional_record(const std::vector<fp::ConditionalFit>& fits,
                                                             const std::vector<fp::Density>& densities);

/// Drift and diffusion of the tracked weights as the closure has them (equations.md section 3): tables at the
/// snapshots' times, linear in between. Collective.
ClosedEquation close(fp::ClosureKind kind, const ClosureInput& input, const mpi::Communicator& communicator);

}  // namespace driftwood::app
