#include "driftwood/app/plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "driftwood/app/calibrate.hpp"
#include "driftwood/app/point_cost.hpp"

namespace driftwood::app {

double Plan::disk_bytes() const {
  double bytes = 0;
  for (const sweep::Workload& work : workloads) bytes += sweep::predict_cost(work, 1).disk_bytes;
  return bytes;
}

Plan make_plan(const CommandLine& line) {
  Plan plan;
  plan.sweep = load_sweep(line);
  plan.workloads = workloads_of(plan.sweep.points);
  plan.ranks_per_point = sweep::first_settings(plan.sweep.text).ranks_per_point;
  const Calibration calibration = calibration_of(line, plan.sweep, plan.workloads);
  plan.rates = calibration.rates;
  plan.origin = calibration.origin;
  return plan;
}

RanksPlan plan_for(const Plan& plan, int n_ranks) {
  std::vector<double> seconds;
  for (const sweep::Workload& work : plan.workloads)
    seconds.push_back(sweep::predict_cost(work, 1, plan.rates).seconds());
  RanksPlan result{n_ranks, sweep::make_schedule(seconds, n_ranks, plan.ranks_per_point), {}, 0};
  result.forecast = sweep::forecast(
      result.queues, n_ranks,
      [&](int item, int ranks) { return sweep::predict_cost(plan.workloads[item], ranks, plan.rates).seconds(); },
      sweep::seconds_per_point);
  double most_per_rank = 0;
  for (const WorkQueue& queue : result.queues)
    for (const int item : queue.items)
      most_per_rank =
          std::max(most_per_rank,
                   sweep::predict_cost(plan.workloads[item], queue.ranks_per_item).memory_bytes / queue.ranks_per_item);
  result.memory_bytes = most_per_rank * n_ranks;
  return result;
}

JobSize job_size(const RanksPlan& plan) {
  const long minutes = static_cast<long>(std::ceil(plan.forecast.makespan * 1.5 / 60)) + 10;
  std::array<char, 40> time{};
  std::snprintf(time.data(), time.size(), "%ld:%02ld:00", minutes / 60, minutes % 60);
  // Twice the arrays, and what a rank's libraries take.
  const double megabytes = std::ceil(2 * plan.memory_bytes / plan.n_ranks / 1e6) + 200;
  return {plan.n_ranks, time.data(), static_cast<long>(megabytes)};
}

}  // namespace driftwood::app
