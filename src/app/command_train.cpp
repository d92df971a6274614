#include <algorithm>

#include "driftwood/app/commands.hpp"

namespace driftwood::app {

ExitCode train_command(const CommandLine& line, const mpi::Communicator& world) {
  constexpr const char* key = "closure.names";
  CommandLine without_theory = line;
  for (const auto& [name, value] : line.settings)
    if (name == key)
      throw ConfigError("command line: --closure.names = " + value +
                        ": `driftwood train` solves no closure; use "
                        "`driftwood run`");
  without_theory.settings.emplace_back(key, "none");
  return run_command(without_theory, world);
}

}  // namespace driftwood::app
