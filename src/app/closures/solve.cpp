#include <utility>

#include "closures.hpp"
#include "driftwood/app/close.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/solve_closure.hpp"
#include "driftwood/core/error.hpp"

namespace driftwood::app {

void require_replicas(const ClosureInput& input, const mpi::Communicator& communicator) {
  // Replicas are only ever lost: the last snapshot has the fewest.
  mpi::agree(communicator, [&] {
    if (input.tracked[input.tracked.size() - 1].size() < 2)
      throw ConfigError("fewer than two replicas stayed finite: lower training.learning_rate");
  });
}

ClosureSolution solve_closure(fp::ClosureKind kind, const ClosureInput& input, const fp_solver::SolveHooks& hooks,
                              const mpi::Communicator& communicator) {
  require_replicas(input, communicator);
  if (kind == fp::ClosureKind::quenched) return solve_quenched(input, hooks, communicator);
  if (kind == fp::ClosureKind::self_consistent) return solve_self_consistent(input, hooks, communicator);
  const ClosedEquation closed = close(kind, input, communicator);
  const auto options = make_solve_options(input.config.fokker_planck, input.problem.tracked.dimension());
  fp_solver::SolveResult solution = fp_solver::solve(*closed.coefficients, initial_density(input.problem),
                                                     input.ensemble.times, options, communicator, hooks);
  std::vector<results::ConditionalSnapshot> conditional;
  mpi::agree(communicator, [&] { conditional = conditional_record(closed.fits, solution.snapshots); });
  return {
      .kind = kind, .solution = std::move(solution), .paths = {}, .others = {}, .conditional = std::move(conditional)};
}

}  // namespace driftwood::app
