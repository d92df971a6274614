#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "driftwood/app/closure_input.hpp"
#include "driftwood/fp/closures.hpp"
#include "driftwood/fp/layer_law.hpp"
#include "driftwood/fp_solver/solver.hpp"
#include "driftwood/results/records.hpp"

namespace driftwood::app {

/// The replicas along whose paths `quenched` solved, and what the comparison of outputs needs of them.
struct QuenchedPaths {
  std::vector<long> replica;                    ///< ascending
  std::vector<std::vector<double>> parameters;  ///< snapshot: path x n_parameters
  std::vector<std::vector<double>> draws;       ///< snapshot: n x d, draw i of path i % number of paths
  std::vector<std::vector<double>> spread;      ///< snapshot: standard deviation of the paths' densities in every cell
};

/// The other layers' densities as `self_consistent` has them.
struct OtherLayers {
  fp::LayerLaw law;
  std::vector<std::vector<double>> states;  ///< snapshot
  int n_iterations = 0;
};

/// A closure's densities, and what it says of the other parameters beyond that.
struct ClosureSolution {
  fp::ClosureKind kind = fp::ClosureKind::fixed;
  fp_solver::SolveResult solution;
  QuenchedPaths paths;                ///< quenched
  std::optional<OtherLayers> others;  ///< self_consistent
  std::vector<results::ConditionalSnapshot> conditional = {};  ///< conditional: a snapshot
};

/// Solves a closure at the ensemble's snapshots. `joint`, `fixed`, `mean_trajectory`, `annealed`, `conditional`: one
/// density, distributed over the ranks, kept by the hooks' keeper. `quenched`: one density a path, each on one rank.
/// `self_consistent`: the density of w and the laws of the other layers in turn, until they agree. (These two start
/// anew after a stop.) Collective.
ClosureSolution solve_closure(fp::ClosureKind kind, const ClosureInput& input, const fp_solver::SolveHooks& hooks,
                              const mpi::Communicator& communicator);

}  // namespace driftwood::app
