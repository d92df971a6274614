#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "driftwood/sweep/axis.hpp"
#include "driftwood/sweep/point_config.hpp"

namespace driftwood::sweep {

/// A sweep as it was written: a value with its origin for every option of the table.
class SweepText {
 public:
  /// Every option at its default.
  SweepText();

  /// Throws InternalError for a key that is not in the option table: sources check their keys and say where they stand.
  void set(std::string_view key, GivenValue value);
  const GivenValue& get(std::string_view key) const;

 private:
  std::map<std::string, GivenValue, std::less<>> values_;
};

/// The points of the sweep: the product of the axes in the order of the option table, the last (run.repeat, where
/// run.repeats > 1) fastest. Every value and every combination is checked. `data.hash` must be filled in: the path of
/// the data file does not define a point, its content does. Throws ConfigError naming place, key, value and what is
/// allowed.
std::vector<SweepPoint> make_points(const SweepText& text);

/// The settings of the first point, for what is the same in all of them (data.file, run.ranks_per_point).
/// Throws ConfigError as make_points does, for single values only.
Settings first_settings(const SweepText& text);

/// One line "key: was X, is now Y" for each option that defines the points and differs between the two.
std::vector<std::string> changed_options(const SweepText& before, const SweepText& now);

}  // namespace driftwood::sweep
