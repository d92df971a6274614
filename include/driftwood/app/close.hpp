#pragma once

#include <memory>

#include "driftwood/app/closure_input.hpp"
#include "driftwood/fp/closures.hpp"
#include "driftwood/fp/coefficients.hpp"

namespace driftwood::app {

/// Drift and diffusion of the tracked weights as the closure has them (equations.md section 3): tables at the
/// snapshots' times, linear in between. Collective.
std::unique_ptr<fp::Coefficients> close(fp::ClosureKind kind, const ClosureInput& input,
                                        const mpi::Communicator& communicator);

}  // namespace driftwood::app
