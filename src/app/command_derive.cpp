#include <filesystem>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/derive.hpp"
#include "driftwood/app/ini_file.hpp"
#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/options.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/stored_ensemble.hpp"
#include "driftwood/store/derive_file.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::app {

namespace {

struct LoadedRun {
  std::vector<sweep::SweepPoint> points;
  sweep::DeriveConfig options;
};

/// The run's own configuration, with the derive.* keys of the command line instead of its own.
LoadedRun load_run(const store::RunDirectory& run, const CommandLine& line) {
  const std::string path = run.effective_ini();
  std::error_code failure;
  if (!std::filesystem::exists(path, failure))
    throw ConfigError("'" + run.path + "' is no run directory: there is no " + path);
  sweep::SweepText text = parse_sweep_text(read_config_file(path), path);
  for (const auto& [key, value] : line.settings) {
    if (sweep::option(key).section != "derive")
      throw ConfigError("command line: '--" + key +
                        "' cannot change in a finished run; `driftwood derive` takes the "
                        "keys derive.* only");
    text.set(key, {value, "command line"});
  }
  return {sweep::make_points(text), sweep::first_settings(text).derive};
}

bool needs_networks(fp::ClosureKind kind) {
  return kind != fp::ClosureKind::joint && kind != fp::ClosureKind::fixed && kind != fp::ClosureKind::conditional;
}

/// The closure's coefficients, made again from what the point's file keeps. Collective.
DeriveSource stored_source(const std::string& name, std::size_t number, const store::StoredPoint& stored,
                           const ClosureInput& input, const mpi::Communicator& group) {
  DeriveSource source;
  source.name = name;
  const fp::ClosureKind kind = fp::closure_kind(name);
  if (needs_networks(kind) && !keeps_networks(stored, input.problem)) {
    source.status = "needs all layers of the replicas: set training.snapshot_layers = 0, or derive.with_run = true";
    return source;
  }
  const auto& grid = input.config.fokker_planck;
  mpi::agree(group, [&] { source.densities = stored.densities(number, grid.z_max, grid.stretching); });
  source.coefficients = close(kind, input, group).coefficients;
  if (source.densities.empty()) source.status = "was not solved";
  return source;
}

/// Collective.
void derive_stored(const store::RunDirectory& run, const sweep::SweepPoint& point, const sweep::DeriveConfig& options,
                   const mpi::Communicator& world) {
  std::shared_ptr<const store::StoredPoint> stored;
  data::Split data;
  const ensemble::EnsembleProblem problem = make_ensemble_problem(point.config);
  mpi::agree(world, [&] {
    stored = std::make_shared<const store::StoredPoint>(run, point.id);
    data = load_dataset(point.config.data);
    check_derive(options, problem.tracked.dimension());
  });
  const ensemble::EnsembleResult ensemble = stored_ensemble(stored, problem, world);
  const TrackedHistory tracked(problem, ensemble);
  std::vector<std::vector<double>> means;
  if (keeps_networks(*stored, problem)) means = mean_parameters(problem, ensemble, world);
  const ClosureInput input{point.config, problem, data.train, data.test, ensemble, tracked, means};
  std::vector<DeriveSource> sources;
  for (std::size_t number = 0; number < stored->closures().size(); ++number) {
    if (!fp::has_coefficients(fp::closure_kind(stored->closures()[number]))) continue;
    sources.push_back(stored_source(stored->closures()[number], number, *stored, input, world));
  }
  const results::DeriveRecord record = derive(point, options, input, sources, world);
  mpi::agree(world, [&] {
    if (world.is_root()) store::write_derive(run, record);
  });
  std::string text = store::derive_file(run, point.id) + "\n";
  for (const DeriveSource& source : sources)
    if (source.status != "ok") text += "  " + source.name + ": " + source.status + "\n";
  print(text, world);
}

}  // namespace

ExitCode derive_command(const CommandLine& line, const mpi::Communicator& world) {
  const store::RunDirectory run{line.operand};
  LoadedRun loaded;
  std::vector<double> complete;
  mpi::agree(world, [&] {
    loaded = load_run(run, line);
    for (const sweep::SweepPoint& point : loaded.points)
      complete.push_back(world.is_root() && store::check_point(run, point.id).complete ? 1 : 0);
  });
  world.broadcast(complete);
  long n_missing = 0;
  for (std::size_t i = 0; i < loaded.points.size(); ++i) {
    if (complete[i] == 0) {
      ++n_missing;
      print("point " + std::to_string(loaded.points[i].index) + ": has no complete file\n", world);
      continue;
    }
    with_context("point " + std::to_string(loaded.points[i].index),
                 [&] { derive_stored(run, loaded.points[i], loaded.options, world); });
  }
  return n_missing > 0 ? ExitCode::points_failed : ExitCode::success;
}

}  // namespace driftwood::app
