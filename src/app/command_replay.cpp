#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/load_sweep.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/ensemble/replay.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

const std::string& needed(const CommandLine& line, const char* option) {
  const auto found = line.options.find(option);
  if (found == line.options.end() || found->second.empty())
    throw ConfigError(std::string("command line: --") + option + " is needed (`driftwood replay --help`)");
  return found->second;
}

const sweep::SweepPoint& point_of(const LoadedSweep& sweep, const std::string& id) {
  const sweep::SweepPoint* found = nullptr;
  for (const sweep::SweepPoint& point : sweep.points) {
    if (!point.id.starts_with(id)) continue;
    if (found != nullptr) throw ConfigError("command line: --point = " + id + ": several points begin like this");
    found = &point;
  }
  if (found == nullptr)
    throw ConfigError(
        "command line: --point = " + id +
        ": the run has no such point; allowed: an id, or its first digits (`driftwood status` lists them)");
  return *found;
}

long replica_of(const std::string& text, long n_replicas) {
  double number = -1;
  try {
    number = sweep::parse_number(text);
  } catch (const sweep::ValueError&) {
  }
  if (number < 0 || number != std::floor(number) || number >= static_cast<double>(n_replicas))
    throw ConfigError("command line: --replica = " + text + "; allowed: an integer 0.." +
                      std::to_string(n_replicas - 1));
  return static_cast<long>(number);
}

std::string shown(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

std::string path_table(const ensemble::ReplicaPath& path, const nn::TrackedWeights& tracked) {
  std::vector<std::vector<std::string>> rows{{"step", "time", "loss"}};
  for (const std::string& name : tracked.names) rows[0].push_back(name);
  rows[0].emplace_back("largest |parameter|");
  for (const ensemble::Snapshot& snapshot : path.snapshots) {
    std::vector<std::string> row{std::to_string(snapshot.step), shown(snapshot.time),
                                 shown(snapshot.coefficients.loss.at(0))};
    for (const double weight : snapshot.tracked) row.push_back(shown(weight));
    double largest = 0;
    for (const double parameter : snapshot.parameters) largest = std::max(largest, std::abs(parameter));
    row.push_back(shown(largest));
    rows.push_back(std::move(row));
  }
  return aligned(rows, 0);
}

std::string replay_text(const CommandLine& line) {
  const LoadedSweep sweep = read_run(store::RunDirectory{line.operand});
  const sweep::SweepPoint& point = point_of(sweep, needed(line, "point"));
  ensemble::EnsembleProblem problem = make_ensemble_problem(point.config);
  const long replica = replica_of(needed(line, "replica"), problem.n_replicas);
  problem.initial.given = load_initial(point.config.initial, problem.network.n_parameters(), problem.n_replicas);
  const data::Split data = load_dataset(point.config.data);
  const ensemble::ReplicaPath path = ensemble::replay(problem, data, replica);
  std::string text = describe_point(point) + ", id " + point.id + ", replica " + std::to_string(replica) + ", seed " +
                     std::to_string(point.config.seed) + "\n\n" + path_table(path, problem.tracked) + "\n\n";
  if (!path.diverged_at) return text + "it stays finite\n";
  return text + "it diverges: set aside at the snapshot of step " + std::to_string(*path.diverged_at) +
         ", first beyond bounds after step " + std::to_string(path.last_sound_step.value()) + "\n";
}

}  // namespace

ExitCode replay_command(const CommandLine& line, const mpi::Communicator& world) {
  mpi::agree(world, [&] {
    if (world.is_root()) print(replay_text(line), world);
  });
  return ExitCode::success;
}

}  // namespace driftwood::app
