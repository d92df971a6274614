#pragma once

#include "driftwood/app/solve_closure.hpp"

namespace driftwood::app {

/// Rows of parameters as the theory has them at one snapshot: this rank's part of the n pairs (w drawn from the
/// density, other parameters by closure). `joint`, `fixed`, `mean_trajectory`: the one vector; `annealed`: those of a
/// replica independent of w; `quenched`: those of the path whose density gave w; `conditional`: those of the replica
/// whose w is nearest; `self_consistent`: drawn from the other layers' laws. `tracked` is that of all replicas at the
/// snapshot, `local` has this rank's parameters. Not collective.
std::vector<double> theory_rows(const ClosureSolution& closure, const ClosureInput& input, std::size_t snapshot,
                                const TrackedSnapshot& tracked, const ensemble::Snapshot& local);

}  // namespace driftwood::app
