#pragma once

#include <string>
#include <vector>

#include "driftwood/sweep/option.hpp"

namespace driftwood::app {

/// One `key = value` line of an INI file.
struct IniEntry {
  int line = 0;
  std::string key;  ///< section.name
  std::string value;
};

/// The bytes of a config file. Throws ConfigError with the path: missing, unreadable, a directory, beyond 16 MiB.
std::string read_config_file(const std::string& path);

/// The entries of an INI text in its order: `[section]` lines, `key = value` lines, comments from '#' to the line's end
/// or on lines that start with ';'. Accepts a byte-order mark and CRLF. Keys are checked against the options of `scope`.
/// Throws ConfigError "`name`:line: ..." for unknown or repeated keys, unknown sections, other lines, lines beyond 64
/// KiB, and bytes that are not UTF-8 text.
std::vector<IniEntry> parse_ini(const std::string& text, const std::string& name, sweep::Scope scope);

}  // namespace driftwood::app
