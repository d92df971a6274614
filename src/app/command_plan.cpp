#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/load_sweep.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/progress.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/app/schedule.hpp"
#include "driftwood/sweep/cost.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

sweep::Workload workload_of(const sweep::PointConfig& config, int n_samples) {
  const nn::Network network = make_network(config);
  const std::vector<std::uint32_t> steps = snapshot_steps(config.training);
  sweep::Workload work;
  work.n_replicas = config.training.replicas;
  work.n_steps = steps.back();
  work.batch_size = config.training.sampling == "full_batch" ? n_samples : config.training.batch_size;
  work.n_samples = n_samples;
  work.n_snapshots = static_cast<int>(steps.size());
  work.widths = network.widths;
  work.n_parameters = network.n_parameters();
  work.dimension = make_tracked(config, network).dimension();
  work.closures = config.closure.names;
  work.cells = 1;
  for (const int cells : make_solve_options(config.fokker_planck, work.dimension).cells) work.cells *= cells;
  work.nodes_per_axis = config.closure.nodes;
  work.averaged_replicas = config.closure.averaged_replicas;
  work.test_inputs = std::min(config.comparison.test_inputs, n_samples);
  work.splits = config.comparison.splits;
  work.projections = config.comparison.projections;
  work.bootstrap = config.comparison.bootstrap;
  work.permutations = config.comparison.permutations;
  return work;
}

/// The ranks to plan for.
int planned_ranks(const CommandLine& line, const mpi::Communicator& world) {
  if (!line.has("ranks")) return world.size();
  double n = 0;
  try {
    n = sweep::parse_number(line.options.at("ranks"));
  } catch (const sweep::ValueError& error) {
    throw ConfigError(std::string("command line: --ranks: ") + error.what() + "; allowed: an integer 1..1000000");
  }
  if (n != std::floor(n) || n < 1 || n > 1e6)
    throw ConfigError("command line: --ranks = " + line.options.at("ranks") + "; allowed: an integer 1..1000000");
  return static_cast<int>(n);
}

std::string bytes_text(double bytes) {
  const std::array<const char*, 5> units{"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < units.size(); ++unit) bytes /= 1000;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.3g %s", bytes, units[unit]);
  return text.data();
}

std::string number_text(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.2e", value);
  return text.data();
}

using Row = std::vector<std::string>;

/// Columns padded to equal width, to the left.
std::string table_text(const std::vector<Row>& rows) {
  std::vector<std::size_t> width(rows.front().size(), 0);
  for (const Row& row : rows)
    for (std::size_t k = 0; k < row.size(); ++k) width[k] = std::max(width[k], row[k].size());
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t k = 0; k < row.size(); ++k) line += row[k] + std::string(width[k] - row[k].size() + 2, ' ');
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string points_table(const std::vector<sweep::SweepPoint>& points, const std::vector<sweep::PointCost>& costs) {
  Row header{"point", "id"};
  for (const auto& [key, value] : points.front().coordinates) header.push_back(key);
  for (const char* name : {"replica-steps", "training", "solve", "compare", "memory", "disk"})
    header.emplace_back(name);
  std::vector<Row> rows{header};
  for (std::size_t i = 0; i < points.size(); ++i) {
    Row row{std::to_string(points[i].index), points[i].id};
    for (const auto& [key, value] : points[i].coordinates) row.push_back(value);
    const sweep::PointCost& cost = costs[i];
    row.push_back(number_text(cost.replica_steps));
    for (const double seconds : {cost.training_seconds, cost.solve_seconds, cost.compare_seconds})
      row.push_back(format_duration(seconds));
    row.push_back(bytes_text(cost.memory_bytes));
    row.push_back(bytes_text(cost.disk_bytes));
    rows.push_back(row);
  }
  return table_text(rows);
}

/// What the whole sweep needs: the busiest rank group's time, the memory of the groups that work at a time.
std::string totals_text(const std::vector<sweep::PointCost>& costs, int n_ranks, int ranks_per_point) {
  const int n_groups = std::max(1, n_ranks / ranks_per_point);
  std::vector<double> seconds;
  std::vector<double> memory;
  double replica_steps = 0;
  double disk = 0;
  for (const sweep::PointCost& cost : costs) {
    seconds.push_back(cost.seconds());
    memory.push_back(cost.memory_bytes);
    replica_steps += cost.replica_steps;
    disk += cost.disk_bytes;
  }
  double longest = 0;
  for (const std::vector<int>& group : assign_points(seconds, n_groups)) {
    double sum = 0;
    for (const int point : group) sum += seconds[point];
    longest = std::max(longest, sum);
  }
  std::sort(memory.rbegin(), memory.rend());
  double most = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(memory.size(), n_groups); ++i) most += memory[i];
  return std::to_string(costs.size()) + " points on " + std::to_string(n_ranks) + " MPI ranks, " +
         std::to_string(ranks_per_point) + " a point: about " + format_duration(longest) + ", " +
         number_text(replica_steps) + " replica-steps, " + bytes_text(most) + " memory at most, " + bytes_text(disk) +
         " on disk\n(nominal rates: training and comparison to about a factor of two; the solve is a rougher "
         "estimate)\n";
}

std::string plan_text(const CommandLine& line, int n_ranks) {
  const LoadedSweep sweep = load_sweep(line);
  const int requested = sweep::first_settings(sweep.text).ranks_per_point;
  const int ranks_per_point = choose_ranks_per_point(requested, n_ranks, static_cast<int>(sweep.points.size()));
  std::map<std::string, int> n_samples;  // of every data set
  std::vector<sweep::PointCost> costs;
  for (const sweep::SweepPoint& point : sweep.points) {
    const std::string key = dataset_key(point.config.data);
    if (n_samples.count(key) == 0) n_samples[key] = load_dataset(point.config.data).train.n_samples;
    costs.push_back(sweep::predict_cost(workload_of(point.config, n_samples[key]), ranks_per_point));
  }
  return points_table(sweep.points, costs) + "\n" + totals_text(costs, n_ranks, ranks_per_point);
}

}  // namespace

ExitCode plan_command(const CommandLine& line, const mpi::Communicator& world) {
  mpi::agree(world, [&] {
    if (world.is_root()) print(plan_text(line, planned_ranks(line, world)), world);
  });
  return ExitCode::success;
}

}  // namespace driftwood::app
