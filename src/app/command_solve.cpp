#include "driftwood/app/commands.hpp"
#include "driftwood/app/options.hpp"
#include "driftwood/app/solve_problem.hpp"
#include "driftwood/petsc/session.hpp"
#include "driftwood/store/solve_file.hpp"

namespace driftwood::app {

namespace {

struct LoadedProblem {
  sweep::SweepText text;
  PosedProblem posed;
};

/// Root reads and checks, the others get its text; every rank reads the file of coefficients. Collective.
LoadedProblem load_problem(const CommandLine& line, const std::string& output, const mpi::Communicator& world) {
  constexpr sweep::Scope scope = sweep::Scope::solve;
  LoadedProblem loaded;
  std::string words;
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    loaded.text = read_sweep_text(line.operand, environment_settings(scope), line.settings, scope);
    words = effective_ini(loaded.text, scope);
    loaded.posed = pose_problem(loaded.text);
    const std::string why_not = store::why_not_writable(output);
    if (!why_not.empty()) throw ConfigError("command line: --output " + output + ": " + why_not);
  });
  words = world.broadcast(words);
  mpi::agree(world, [&] {
    if (world.is_root()) return;
    loaded.text = parse_sweep_text(words, line.operand, scope);
    loaded.posed = pose_problem(loaded.text);
  });
  return loaded;
}

}  // namespace

ExitCode solve_command(const CommandLine& line, const mpi::Communicator& world) {
  const auto given = line.options.find("output");
  if (given == line.options.end() || given->second.empty())
    throw ConfigError("command line: --output FILE is needed: the HDF5 file to write");
  const std::string& output = given->second;
  const LoadedProblem loaded = load_problem(line, output, world);
  const PosedProblem& posed = loaded.posed;
  const fp_solver::SolveResult solution =
      fp_solver::solve(*posed.problem, posed.start, posed.times, posed.options, world);
  const std::optional<results::Relaxation> relaxation = relaxation_of(posed, solution, world);
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    const results::SolveRecord record = solve_record(posed, solution, relaxation, loaded.text, world.size());
    store::write_solve(output, record);
    print(solve_table(posed, record, solution.report) + "\nresult:  " + output + "\n", world);
  });
  const bool is_done = solution.report.status == fp_solver::SolveStatus::ok;
  return is_done && (!relaxation || relaxation->is_converged()) ? ExitCode::success : ExitCode::points_failed;
}

}  // namespace driftwood::app
