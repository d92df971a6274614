#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/derive.hpp"
#include "driftwood/app/ini_file.hpp"
#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/options.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/stop_signal.hpp"
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

/// The values of one quantity, source x snapshot x its dimensions.
const std::vector<double>& values_of(const results::DeriveRecord& record, const std::string& name) {
  const auto& all = results::derived_quantities();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  return record.values.at(static_cast<std::size_t>(found - all.begin()));
}

/// How many standard errors of the ensemble's a closure's numbers are away from them: root mean square over the
/// snapshots, one number for each entry, e.g. "0.7 1.9".
std::string pulls_text(const results::DeriveRecord& record, const std::string& name, std::size_t source) {
  const std::vector<double>& values = values_of(record, name);
  const std::vector<double>& errors = values_of(record, name + "_error");
  const std::size_t n = record.times.size();
  const std::size_t width = values.size() / (record.sources.size() * n);
  std::string text;
  for (std::size_t k = 0; k < width; ++k) {
    double sum = 0;
    long count = 0;
    for (std::size_t s = 0; s < n; ++s) {
      const double pull = (values[(source * n + s) * width + k] - values[s * width + k]) / errors[s * width + k];
      if (!std::isfinite(pull)) continue;
      sum += pull * pull;
      ++count;
    }
    char word[32];
    std::snprintf(word, sizeof word, " %.3g", count == 0 ? std::nan("") : std::sqrt(sum / static_cast<double>(count)));
    text += word;
  }
  return text;
}

/// A closure beside the ensemble, for the user.
std::string summary_of(const results::DeriveRecord& record, std::size_t source) {
  const std::size_t n = record.times.size();
  const std::vector<double>& found = values_of(record, "stability_real");
  const std::vector<double>& roughness = values_of(record, "height_roughness");
  const std::size_t width = record.operators.size();
  long n_fixed = 0;
  std::vector<double> ratios;
  for (std::size_t s = 0; s < n; ++s) {
    if (std::isfinite(found[(source * n + s) * width])) ++n_fixed;
    const double ratio = roughness[source * n + s] / roughness[s];
    if (std::isfinite(ratio)) ratios.push_back(ratio);
  }
  std::sort(ratios.begin(), ratios.end());
  char end[160];
  std::snprintf(end, sizeof end, "; fixed points at %ld of %zu snapshots; height %.3g times as rough as by sampling\n",
                n_fixed, n, ratios.empty() ? std::nan("") : ratios[ratios.size() / 2]);
  return "  " + record.sources[source] + ": standard errors from the ensemble (rms): couplings" +
         pulls_text(record, "coupling", source) + ", beta" + pulls_text(record, "beta_function", source) + ", gamma" +
         pulls_text(record, "anomalous_dimension", source) + end;
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
  for (std::size_t i = 0; i < sources.size(); ++i)
    text += sources[i].status == "ok" ? summary_of(record, i + 1)
                                      : "  " + sources[i].name + ": " + sources[i].status + "\n";
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
    if (!world.all(!stop_requested())) {
      print("stopped before point " + std::to_string(loaded.points[i].index) + ": the files so far are there\n", world);
      return ExitCode::stopped;
    }
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
