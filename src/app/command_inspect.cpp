#include "driftwood/app/commands.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::app {

ExitCode inspect_command(const CommandLine& line, const mpi::Communicator& world) {
  mpi::agree(world, [&] {
    if (world.is_root()) print(store::inspect(line.operand), world);
  });
  return ExitCode::success;
}

}  // namespace driftwood::app
