#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driftwood/fp/initial_density.hpp"
#include "driftwood/fp/problems.hpp"
#include "driftwood/fp_solver/solver.hpp"
#include "driftwood/results/solve_record.hpp"
#include "driftwood/sweep/sweep_text.hpp"

namespace driftwood::app {

/// A user's Fokker-Planck problem, ready to be solved.
struct PosedProblem {
  std::string family;
  std::unique_ptr<fp::Problem> problem;
  fp::InitialDensity start;
  std::vector<double> times;
  fp_solver::SolveOptions options;
  int n_rates = 0;                  ///< relaxation rates to compute after the solve
  double checkpoint_seconds = 600;  ///< between two saves of the solve

  bool has_absorbing_wall() const;
};

/// From the words of a config (scope solve). Reads the file of coefficients, where there is one. Throws ConfigError
/// naming place, key, value and what is allowed. Not collective.
PosedProblem pose_problem(const sweep::SweepText& text);

/// The settings of a config of scope solve, single values only. Throws ConfigError as pose_problem does.
sweep::Settings solve_settings(const sweep::SweepText& text);

/// Every key of such a config and its value in canonical form. Not collective.
std::vector<std::pair<std::string, std::string>> solve_configuration(const sweep::SweepText& text);

/// What the file keeps of a solve, with the errors where the exact solution is known, and its products.
results::SolveRecord solve_record(const PosedProblem& posed, const fp_solver::SolveResult& solution,
                                  std::optional<results::Relaxation> relaxation, const sweep::SweepText& text,
                                  int n_ranks);

/// The stationary density and the slowest rates in the last snapshot's box, where they are asked for; failure is a
/// status. Collective.
std::optional<results::Relaxation> relaxation_of(const PosedProblem& posed, const fp_solver::SolveResult& solution,
                                                 const mpi::Communicator& communicator);

/// Entropies, currents, defects and first passages of the record's densities.
void add_products(const PosedProblem& posed, results::SolveRecord& record);

/// The table that the user sees: a line a snapshot, and what the solver says of itself.
std::string solve_table(const PosedProblem& posed, const results::SolveRecord& record,
                        const fp_solver::SolveReport& report);

/// The name of a solve's state in files and tables: ok, not converged, ...
const char* status_name(fp_solver::SolveStatus status);

}  // namespace driftwood::app
