#include "driftwood/app/commands.hpp"
#include "driftwood/sweep/option_help.hpp"

namespace driftwood::app {

ExitCode options_command(const CommandLine& line, const mpi::Communicator& world) {
  print(line.has("markdown") ? sweep::options_markdown() : sweep::options_text(), world);
  return ExitCode::success;
}

}  // namespace driftwood::app
