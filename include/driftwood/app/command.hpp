#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/sweep/option.hpp"

namespace driftwood::app {

/// What follows a command's name, taken apart.
struct CommandLine {
  std::string operand;
  std::map<std::string, std::string> options;                 ///< the command's own; flags have an empty value
  std::vector<std::pair<std::string, std::string>> settings;  ///< --section.key=value, in order

  bool has(const std::string& option) const { return options.count(option) > 0; }
};

struct CommandOption {
  std::string name;
  std::string value;  ///< what to give, e.g. DIR; empty: a flag
  std::string help;
};

/// One command: its syntax, its help and what it does. `run` is collective; what it throws is reported once.
struct Command {
  std::string name;
  std::string operand;  ///< e.g. CONFIG; empty: none
  std::string summary;
  std::vector<CommandOption> options;
  std::optional<sweep::Scope> settings;  ///< which keys of a config it takes
  ExitCode (*run)(const CommandLine&, const mpi::Communicator& world) = nullptr;
};

const std::vector<Command>& command_table();

/// Throws ConfigError with the nearest name where there is no such command.
const Command& find_command(const std::string& name);

/// Takes the words after the command's name apart. Throws ConfigError for unknown options (with the nearest one),
/// repeated ones, missing values, too few or too many operands.
CommandLine parse_command_line(const Command& command, const std::vector<std::string>& words);

/// The help of one command, and of the program.
std::string command_help(const Command& command);
std::string program_help();

/// Prints on root; a stdout that is closed is ignored.
void print(const std::string& text, const mpi::Communicator& world);

}  // namespace driftwood::app
