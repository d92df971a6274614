#pragma once

#include <string>
#include <vector>

#include "driftwood/app/command.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/store/store.hpp"
#include "driftwood/sweep/sweep_text.hpp"

namespace driftwood::app {

/// A sweep that was read, completed with the hash of its data, and checked.
struct LoadedSweep {
  sweep::SweepText text;
  std::vector<sweep::SweepPoint> points;
  std::string effective_ini;
  std::string points_csv;  ///< content of sweep.points_file; empty: there is none
};

/// Reads, completes and checks the sweep that the command line's config file, the environment and the command line's
/// settings describe, in this process. Throws ConfigError. Not collective.
LoadedSweep load_sweep(const CommandLine& line);

/// The same on every rank: root reads, the others get its text. Collective.
LoadedSweep load_sweep(const CommandLine& line, const mpi::Communicator& world);

/// The sweep of a run directory as its files have it: the data set is not needed for that. Throws ConfigError where it
/// is no run directory. Not collective.
LoadedSweep read_run(const store::RunDirectory& run);

/// Checks what needs the data set or the network's layout: that the widths match the features, that the tracked matrix
/// has 1 to 4 entries, that closures can be solved in that dimension. Throws ConfigError with the origin.
void check_points(const std::vector<sweep::SweepPoint>& points, const sweep::SweepText& text);

}  // namespace driftwood::app
