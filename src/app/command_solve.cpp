#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/options.hpp"
#include "driftwood/app/solve_files.hpp"
#include "driftwood/app/solve_problem.hpp"
#include "driftwood/app/stop_signal.hpp"
#include "driftwood/app/version.hpp"
#include "driftwood/petsc/session.hpp"
#include "driftwood/store/solve_file.hpp"
#include "driftwood/sweep/identity.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

struct LoadedProblem {
  sweep::SweepText text;
  PosedProblem posed;
};

/// Hash of all that a checkpoint depends on: the problem's keys, the table it is given by, and the program, as another
/// one could give other bits. Not collective.
std::uint64_t owner_of(const sweep::SweepText& text) {
  std::string owner = version_text();
  for (const auto& [key, value] : solve_configuration(text))
    if (sweep::option(key).section != "run") owner += key + '=' + value + '\n';
  const std::string table = solve_settings(text).problem.file;
  std::ifstream file(table, std::ios::binary);
  if (!table.empty()) owner += std::string{std::istreambuf_iterator<char>(file), {}};
  return sweep::content_hash(owner);
}

/// Beside the result, hidden.
std::string checkpoint_of(const std::string& output) {
  const std::filesystem::path path(output);
  return path.parent_path() / ("." + path.filename().string() + ".checkpoint");
}

/// Keeps the solve in `checkpoint`. Collective.
fp_solver::SolveHooks solve_hooks(const LoadedProblem& loaded, const std::string& checkpoint,
                                  const mpi::Communicator& world) {
  std::uint64_t owner = 0;
  mpi::agree(world, [&] {
    if (world.is_root()) owner = owner_of(loaded.text);
  });
  const auto warn = [](const std::string& text) { std::fprintf(stderr, "driftwood: warning: %s\n", text.c_str()); };
  return {.keeper = solve_file_keeper(checkpoint, owner, world, warn),
          .stop_requested = stop_requested,
          .checkpoint_seconds = loaded.posed.checkpoint_seconds};
}

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
    const std::string why_not = store::why_not_writable(output, "solve");
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
  const std::string checkpoint = checkpoint_of(output);
  const fp_solver::SolveResult solution = fp_solver::solve(*posed.problem, posed.start, posed.times, posed.options,
                                                           world, solve_hooks(loaded, checkpoint, world));
  if (solution.report.status == fp_solver::SolveStatus::stopped) {
    print("stopped " + solution.report.message + ", saved in " + checkpoint + ": run the same command again\n", world);
    return ExitCode::stopped;
  }
  if (solution.report.first_time > posed.times.front())
    print("going on from t = " + sweep::format_number(solution.report.first_time) + "\n", world);
  const std::optional<results::Relaxation> relaxation = relaxation_of(posed, solution, world);
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    const results::SolveRecord record = solve_record(posed, solution, relaxation, loaded.text, world.size());
    store::write_solve(output, record);
    remove_solve_files(checkpoint);
    print(solve_table(posed, record, solution.report) + "\nresult:  " + output + "\n", world);
  });
  const bool is_done = solution.report.status == fp_solver::SolveStatus::ok;
  return is_done && (!relaxation || relaxation->is_converged()) ? ExitCode::success : ExitCode::points_failed;
}

}  // namespace driftwood::app
