#pragma once

#include "driftwood/app/solve_closure.hpp"

namespace driftwood::app {

/// Throws ConfigError where fewer than two replicas stayed finite. Collective.
void require_replicas(const ClosureInput& input, const mpi::Communicator& communicator);

/// One density for each of a few replicas' own paths v_r(t), then their average. Collective.
ClosureSolution solve_quenched(const ClosureInput& input, const fp_solver::SolveHooks& hooks,
                               const mpi::Communicator& communicator);

/// One density for each layer, coupled through averaged drifts, from the initial distribution alone: that of w on the
/// grid, those of the other layers normal (fp/layer_law.hpp). Solved by waveform relaxation: the density of w over the
/// whole time with the other layers' laws as they are, then these with that density, and so on until the density of w
/// stays. SolveStatus::not_converged where it does not. Collective.
ClosureSolution solve_self_consistent(const ClosureInput& input, const fp_solver::SolveHooks& hooks,
                                      const mpi::Communicator& communicator);

}  // namespace driftwood::app
