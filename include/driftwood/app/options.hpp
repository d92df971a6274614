#pragma once

#include <string>
#include <utility>
#include <vector>

#include "driftwood/sweep/sweep_text.hpp"

namespace driftwood::app {

/// Keys with values, in the order in which they were given.
using KeyValues = std::vector<std::pair<std::string, std::string>>;

/// The settings in the process's environment: DRIFTWOOD_SECTION_KEY. Throws ConfigError for a variable DRIFTWOOD_...
/// that is no option of the scope, with the nearest one that is.
KeyValues environment_settings(sweep::Scope scope = sweep::Scope::sweep);

/// "DRIFTWOOD_TRAINING_LEARNING_RATE"
std::string environment_name(const std::string& key);

/// A config from its sources in rising priority: defaults, config file, environment, command line. Every value remembers
/// its origin. A relative data.file or problem.file is resolved: against the config file's directory where the file names it, else
/// against the current directory. Throws ConfigError with the place.
sweep::SweepText read_sweep_text(const std::string& config_path, const KeyValues& environment,
                                 const KeyValues& command_line, sweep::Scope scope = sweep::Scope::sweep);

/// What an effective.ini (`text`) describes; `name` is its path, for messages.
sweep::SweepText parse_sweep_text(const std::string& text, const std::string& name,
                                  sweep::Scope scope = sweep::Scope::sweep);

/// The text of effective.ini: every option of the scope with its value and, as a comment, its origin. Valid input that gives the
/// same points. Throws ConfigError for a value that an INI file cannot hold.
std::string effective_ini(const sweep::SweepText& text, sweep::Scope scope = sweep::Scope::sweep);

}  // namespace driftwood::app
