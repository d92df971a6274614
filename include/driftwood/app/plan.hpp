#pragma once

#include <string>
#include <vector>

#include "driftwood/app/command.hpp"
#include "driftwood/app/load_sweep.hpp"
#include "driftwood/sweep/cost.hpp"
#include "driftwood/sweep/schedule.hpp"

namespace driftwood::app {

/// What is known of a sweep before it runs: the points' work, and how fast this machine does it.
struct Plan {
  LoadedSweep sweep;
  std::vector<sweep::Workload> workloads;
  sweep::MachineRates rates;
  std::string origin;       ///< of the rates
  int ranks_per_point = 0;  ///< as configured

  double disk_bytes() const;
};

/// Loads the sweep and calibrates the machine as the command line says (calibrate.hpp). Not collective.
Plan make_plan(const CommandLine& line);

/// The sweep on a number of ranks.
struct RanksPlan {
  int n_ranks = 1;
  std::vector<WorkQueue> queues;
  sweep::ScheduleForecast forecast;
  double memory_bytes = 0;  ///< at most, over all ranks

  double efficiency() const { return forecast.efficiency(n_ranks); }
  double core_hours() const { return forecast.makespan * n_ranks / 3600; }
};

/// Throws ConfigError where a point needs more ranks than there are.
RanksPlan plan_for(const Plan& plan, int n_ranks);

/// What to ask Slurm for.
struct JobSize {
  int n_ranks = 1;
  std::string time;  ///< H:MM:SS
  long megabytes_per_cpu = 0;
};

/// With a margin: a guess of the time that is too short costs a requeue, one that is too long waiting time.
JobSize job_size(const RanksPlan& plan);

}  // namespace driftwood::app
