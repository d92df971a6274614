#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/load_sweep.hpp"
#include "driftwood/app/pipeline.hpp"
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

/// A run directory belongs to one sweep: the same command continues it, one with more points lets it grow, another is
/// refused.
void refuse_other_sweep(const std::string& directory, const LoadedSweep& now) {
  const store::RunDirectory run{directory};
  std::error_code failure;
  if (!std::filesystem::exists(run.effective_ini(), failure)) return;
  const LoadedSweep before = read_run(run);
  std::set<std::string> ids;
  for (const sweep::SweepPoint& point : now.points) ids.insert(point.id);
  const auto is_kept = [&](const sweep::SweepPoint& point) { return ids.count(point.id) > 0; };
  const auto n_lost = before.points.size() -
                      static_cast<std::size_t>(std::count_if(before.points.begin(), before.points.end(), is_kept));
  if (n_lost == 0) return;
  std::string changes;
  for (const std::string& change : sweep::changed_options(before.text, now.text))
    changes += (changes.empty() ? "" : "; ") + change;
  throw ConfigError("the run directory '" + directory + "' holds another sweep: " + changes + ". " +
                    std::to_string(n_lost) + " of its " + std::to_string(before.points.size()) +
                    " points are not in this one. Use another --output, or the old values (" + run.effective_ini() +
                    "), to which points may be added");
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
    if (world.is_root()) refuse_other_sweep(directory, sweep);
  });
  RunRequest request;
  request.output_directory = directory;
  request.effective_ini = sweep.effective_ini;
  request.points_csv = sweep.points_csv;
  request.points = sweep.points;
  const sweep::Settings settings = sweep::first_settings(sweep.text);
  request.ranks_per_point = settings.ranks_per_point;
  request.checkpoint_seconds = settings.checkpoint_seconds;
  const ExitCode code = run_sweep(request, world);
  warn_of_unused_options(world);
  return code;
}

}  // namespace driftwood::app
