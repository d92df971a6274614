#include <filesystem>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/ini_file.hpp"
#include "driftwood/app/options.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::app {

namespace {

/// The points of the sweep that a run directory belongs to; the data set is not needed for that.
std::vector<sweep::SweepPoint> points_of(const store::RunDirectory& run) {
  const std::string path = run.effective_ini();
  std::error_code failure;
  if (!std::filesystem::exists(path, failure))
    throw ConfigError("'" + run.path + "' is no run directory: there is no " + path);
  return sweep::make_points(parse_sweep_text(read_config_file(path), path));
}

}  // namespace

ExitCode collect_command(const CommandLine& line, const mpi::Communicator& world) {
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    const store::RunDirectory run{line.operand};
    const std::vector<store::SummaryRow> rows = store::collect(run, points_of(run));
    print(summary_table(rows) + "\n\nsweep table:  " + run.sweep_file() + "\n", world);
  });
  return ExitCode::success;
}

}  // namespace driftwood::app
