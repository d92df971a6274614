#pragma once

#include <string>
#include <vector>

#include "driftwood/app/command.hpp"
#include "driftwood/app/load_sweep.hpp"
#include "driftwood/sweep/cost.hpp"

namespace driftwood::app {

/// How fast a machine does a sweep's work, and how that is known.
struct Calibration {
  sweep::MachineRates rates;
  std::string origin;
};

/// As `plan` asks for it: nominal, read from a file, or measured in a few seconds on small versions of the sweep's own
/// points, one for each of the kinds of work (sweep::kind_of) that take most of it: the same networks, data and grids
/// with fewer replicas, steps and snapshots, in processor time. Throws ConfigError for a file that is no calibration or
/// another processor's, IoError. In this process alone; not collective.
Calibration calibration_of(const CommandLine& line, const LoadedSweep& sweep,
                           const std::vector<sweep::Workload>& workloads);

/// The rates that `plan --calibration FILE` kept, where the command line names a file; else nominal ones, as for a file
/// of another processor, which it warns of. Throws ConfigError for a file that is no calibration. Not collective.
sweep::MachineRates kept_rates(const CommandLine& line);

}  // namespace driftwood::app
