#pragma once

#include <string>
#include <vector>

#include "driftwood/mpi/communicator.hpp"

namespace driftwood::app {

/// The program's words before `--`, and PETSc's after it.
struct Arguments {
  std::vector<std::string> words;
  std::vector<std::string> petsc;
};
Arguments split_arguments(int argc, char** argv);

/// Runs the command that the words name and returns the process's exit code, the same on every rank (core/error.hpp).
/// An error is reported once: "driftwood: error: ..." on stderr. Collective.
int run_command_line(const std::vector<std::string>& words, const mpi::Communicator& world);

/// An exception that nobody caught ends all ranks with one message, instead of leaving them to wait.
void install_terminate_handler();

}  // namespace driftwood::app
