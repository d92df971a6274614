#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/plan.hpp"
#include "driftwood/app/progress.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

/// The numbers of ranks to plan for.
std::vector<int> planned_ranks(const CommandLine& line, const mpi::Communicator& world) {
  if (!line.has("ranks")) return {world.size()};
  const std::string& text = line.options.at("ranks");
  std::vector<int> all;
  for (const std::string_view part : sweep::split_list(text)) {
    double n = 0;
    try {
      n = sweep::parse_number(part);
    } catch (const sweep::ValueError& error) {
      throw ConfigError(std::string("command line: --ranks: ") + error.what() + "; allowed: integers 1..1000000");
    }
    if (n != std::floor(n) || n < 1 || n > 1e6)
      throw ConfigError("command line: --ranks = " + text + "; allowed: integers 1..1000000, commas between them");
    all.push_back(static_cast<int>(n));
  }
  return all;
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

std::string points_table(const std::vector<sweep::SweepPoint>& points, const std::vector<sweep::PointCost>& costs) {
  constexpr std::size_t most_shown = 200;
  Row header{"point", "id"};
  for (const auto& [key, value] : points.front().coordinates) header.push_back(key);
  for (const char* name : {"replica-steps", "training", "solve", "compare", "memory", "disk"})
    header.emplace_back(name);
  std::vector<Row> rows{header};
  for (std::size_t i = 0; i < std::min(points.size(), most_shown); ++i) {
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
  std::string text = aligned(rows, header.size()) + "\n";
  if (points.size() > most_shown) text += "... and " + std::to_string(points.size() - most_shown) + " more points\n";
  return text;
}

/// "16 x 1 rank, 2 x 4 ranks": points by the ranks that they get.
std::string groups_text(const std::vector<WorkQueue>& queues) {
  std::string text;
  for (const WorkQueue& queue : queues)
    text +=
        (text.empty() ? "" : ", ") + std::to_string(queue.items.size()) + " x " + std::to_string(queue.ranks_per_item);
  return text;
}

/// One line for each number of ranks.
std::string ranks_table(const std::vector<RanksPlan>& plans, double disk_bytes) {
  std::vector<Row> rows{{"ranks", "points x ranks", "time", "efficiency", "core-hours", "memory", "disk"}};
  for (const RanksPlan& plan : plans) {
    std::array<char, 40> efficiency{};
    std::snprintf(efficiency.data(), efficiency.size(), "%.3f", plan.efficiency());
    std::array<char, 40> hours{};
    std::snprintf(hours.data(), hours.size(), "%.3g", plan.core_hours());
    rows.push_back({std::to_string(plan.n_ranks), groups_text(plan.queues), format_duration(plan.forecast.makespan),
                    efficiency.data(), hours.data(), bytes_text(plan.memory_bytes), bytes_text(disk_bytes)});
  }
  return aligned(rows, 0) + "\n";
}

/// Where more ranks no longer pay, and the line that submits the last number of ranks that does.
std::string advice_text(const std::vector<RanksPlan>& plans, const std::string& config) {
  constexpr double worthwhile = 0.9;
  const RanksPlan* best = &plans.front();
  for (const RanksPlan& plan : plans)
    if (plan.efficiency() >= worthwhile && plan.n_ranks > best->n_ranks) best = &plan;
  const JobSize size = job_size(*best);
  std::string text;
  if (best->efficiency() < worthwhile)
    text = "On none of these numbers of ranks are nine in ten rank-seconds spent at work: see share/doc/scaling.md\n";
  return text + "sbatch --ntasks=" + std::to_string(size.n_ranks) + " --time=" + size.time +
         " --mem-per-cpu=" + std::to_string(size.megabytes_per_cpu) + "M jobs/run.sbatch " + config +
         " RUN_DIRECTORY\n";
}

std::string plan_text(const CommandLine& line, const mpi::Communicator& world) {
  const std::vector<int> all_ranks = planned_ranks(line, world);
  const Plan plan = make_plan(line);
  std::vector<sweep::PointCost> costs;
  for (const sweep::Workload& work : plan.workloads) costs.push_back(sweep::predict_cost(work, 1, plan.rates));
  std::vector<RanksPlan> plans;
  for (const int n_ranks : all_ranks) plans.push_back(plan_for(plan, n_ranks));
  return points_table(plan.sweep.points, costs) + "\n" + std::to_string(plan.sweep.points.size()) +
         " points; times of a point are those on one rank, " + plan.origin + "\n\n" +
         ranks_table(plans, plan.disk_bytes()) + "\n" + advice_text(plans, line.operand);
}

}  // namespace

ExitCode plan_command(const CommandLine& line, const mpi::Communicator& world) {
  mpi::agree(world, [&] {
    if (world.is_root()) print(plan_text(line, world), world);
  });
  return ExitCode::success;
}

}  // namespace driftwood::app
