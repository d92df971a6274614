#include "driftwood/app/commands.hpp"
#include "driftwood/app/load_sweep.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::app {

ExitCode collect_command(const CommandLine& line, const mpi::Communicator& world) {
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    const store::RunDirectory run{line.operand};
    const std::vector<store::SummaryRow> rows = store::collect(run, read_run(run).points);
    print(summary_table(rows) + "\n\nsweep table:  " + run.sweep_file() + "\n", world);
  });
  return ExitCode::success;
}

}  // namespace driftwood::app
