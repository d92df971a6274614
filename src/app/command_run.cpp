#include <cstdio>
#include <filesystem>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/derive.hpp"
#include "driftwood/app/ini_file.hpp"
#include "driftwood/app/load_sweep.hpp"
#include "driftwood/app/options.hpp"
#include "driftwood/app/pipeline.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/petsc/session.hpp"
#include "driftwood/store/store.hpp"
#include "driftwood/sweep/option.hpp"

namespace driftwood::app {

namespace {

std::string output_directory(const CommandLine& line) {
  const auto found = line.options.find("output");
  if (found == line.options.end() || found->second.empty())
    throw ConfigError("command line: --output DIR is needed: where to put the results");
  return found->second;
}

void check_ranks(const sweep::SweepText& text, int n_ranks) {
  const sweep::Settings settings = sweep::first_settings(text);
  if (settings.ranks_per_point > n_ranks)
    sweep::reject(sweep::option("run.ranks_per_point"), text.get("run.ranks_per_point"),
                  "a point needs " + std::to_string(settings.ranks_per_point) + " MPI ranks, but there are only " +
                      std::to_string(n_ranks) + ": start more (mpirun -n " + std::to_string(settings.ranks_per_point) +
                      ") or lower it");
}

/// A run directory belongs to one sweep: the same command continues it, another is refused.
void refuse_other_sweep(const std::string& directory, const sweep::SweepText& text) {
  const std::string path = store::RunDirectory{directory}.effective_ini();
  std::error_code failure;
  if (!std::filesystem::exists(path, failure)) return;
  const sweep::SweepText before = parse_sweep_text(read_config_file(path), path);
  std::string changes;
  for (const std::string& change : sweep::changed_options(before, text))
    changes += (changes.empty() ? "" : "; ") + change;
  if (!changes.empty())
    throw ConfigError("the run directory '" + directory + "' holds another sweep: " + changes +
                      ". Use another --output, or the old values (" + path + ")");
}

/// PETSc options that no rank's solver asked for. Collective.
void warn_of_unused_options(const mpi::Communicator& world) {
  std::string mine;
  for (const std::string& option : petsc::unused_options()) mine += option + '\n';
  for (const std::string& each : world.all_gather(mine))
    if (each.empty()) return;  // a rank without points uses none: what any rank uses is used
  if (world.is_root())
    std::fprintf(stderr, "driftwood: warning: PETSc options that nothing in this run used: %s", mine.c_str());
}

}  // namespace

ExitCode run_command(const CommandLine& line, const mpi::Communicator& world) {
  const std::string directory = output_directory(line);
  const LoadedSweep sweep = load_sweep(line, world);
  mpi::agree(world, [&] {
    check_ranks(sweep.text, world.size());
    if (world.is_root()) refuse_other_sweep(directory, sweep.text);
  });
  RunRequest request;
  request.output_directory = directory;
  request.effective_ini = sweep.effective_ini;
  request.points = sweep.points;
  const sweep::Settings settings = sweep::first_settings(sweep.text);
  request.ranks_per_point = settings.ranks_per_point;
  request.checkpoint_seconds = settings.checkpoint_seconds;
  request.derive = settings.derive;
  if (settings.derive.with_run)
    for (const sweep::SweepPoint& point : request.points)
      check_derive(settings.derive, make_tracked(point.config, make_network(point.config)).dimension());
  const ExitCode code = run_sweep(request, world);
  warn_of_unused_options(world);
  return code;
}

}  // namespace driftwood::app
