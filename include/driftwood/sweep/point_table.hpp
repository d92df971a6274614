#pragma once

#include <string>
#include <vector>

namespace driftwood::sweep {

/// The points that a CSV file lists: sweep.points_file.
struct PointTable {
  std::vector<std::string> keys;
  std::vector<std::vector<std::string>> rows;  ///< canonical values, one for each key
};

/// Reads a row of keys and rows of values, parted by commas; a cell with commas stands in double quotes, blank lines
/// and lines that start with '#' are skipped. `name` is the file's, for messages. Throws ConfigError "name:line: ..."
/// naming the key and what is allowed.
PointTable parse_point_table(const std::string& text, const std::string& name);

}  // namespace driftwood::sweep
