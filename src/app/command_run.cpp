#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>

#include "driftwood/app/calibrate.hpp"
#include "driftwood/app/commands.hpp"
#include "driftwood/app/derive.hpp"
#include "driftwood/app/load_sweep.hpp"
#include "driftwood/app/pipeline.hpp"
#include "driftwood/app/point_cost.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/petsc/session.hpp"
#include "driftwood/store/store.hpp"
#include "driftwood/sweep/cost.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

std::string output_directory(const CommandLine& line) {
  const auto found = line.options.find("output");
  if (found == line.options.end() || found->second.empty())
    throw ConfigError("command line: --output DIR is needed: where to put the results");
  return found->second;
}

/// An integer >= 1.
long count_option(const CommandLine& line, const char* name) {
  const auto found = line.options.find(name);
  if (found == line.options.end()) return 0;
  const std::string allowed =
      std::string("command line: --") + name + " = " + found->second + "; allowed: an integer >= 1";
  try {
    const double value = sweep::parse_number(found->second);
    if (value < 1 || value != std::floor(value) || value > 1e9) throw ConfigError(allowed);
    return static_cast<long>(value);
  } catch (const sweep::ValueError&) {
    throw ConfigError(allowed);
  }
}

/// Seconds, or H:MM:SS or M:SS; 0 where there is no limit.
double time_limit(const CommandLine& line) {
  const auto found = line.options.find("time-limit");
  if (found == line.options.end()) return 0;
  const std::string wrong =
      "command line: --time-limit = " + found->second + "; allowed: seconds > 0, or M:SS, or H:MM:SS";
  double seconds = 0;
  int n_parts = 0;
  try {
    for (std::size_t start = 0; start <= found->second.size(); ++n_parts) {
      const std::size_t end = std::min(found->second.find(':', start), found->second.size());
      const double part = sweep::parse_number(found->second.substr(start, end - start));
      if (part < 0 || (n_parts > 0 && part >= 60)) throw ConfigError(wrong);
      seconds = 60 * seconds + part;
      start = end + 1;
    }
  } catch (const sweep::ValueError&) {
    throw ConfigError(wrong);
  }
  if (seconds <= 0 || n_parts > 3) throw ConfigError(wrong);
  return seconds;
}

/// What every point is expected to take. Root reads the data. Collective.
void predict(const CommandLine& line, RunRequest& request, const mpi::Communicator& world) {
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    const sweep::MachineRates rates = kept_rates(line);
    for (const sweep::Workload& work : workloads_of(request.points)) {
      request.seconds.push_back(sweep::predict_cost(work, 1).seconds());
      request.predicted.push_back(sweep::predict_cost(work, 1, rates).seconds());
    }
  });
  world.broadcast(request.seconds);
  world.broadcast(request.predicted);
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
  RunRequest request;
  request.time_limit = time_limit(line);
  request.max_failures = count_option(line, "max-failures");
  request.retry_failed = line.has("retry-failed");
  request.is_shared = line.has("share");
  const LoadedSweep sweep = load_sweep(line, world);
  mpi::agree(world, [&] {
    check_ranks(sweep.text, world.size());
    if (world.is_root()) refuse_other_sweep(directory, sweep);
  });
  request.output_directory = directory;
  request.effective_ini = sweep.effective_ini;
  request.points_csv = sweep.points_csv;
  request.points = sweep.points;
  predict(line, request, world);
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
