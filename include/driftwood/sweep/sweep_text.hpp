#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "driftwood/sweep/axis.hpp"
#include "driftwood/sweep/point_config.hpp"
#include "driftwood/sweep/point_table.hpp"

namespace driftwood::sweep {

/// The "content" whose hash data.hash has where no file is read.
inline constexpr const char* generated_data = "generated data";

/// A sweep as it was written: a value with its origin for every option of the table.
class SweepText {
 public:
  /// Every option at its default.
  SweepText();

  /// Throws InternalError for a key that is not in the option table: sources check their keys and say where they stand.
  void set(std::string_view key, GivenValue value);
  const GivenValue& get(std::string_view key) const;

  /// The canonical values of an option (axis.hpp), sampled axes as [sweep] says. Throws ConfigError.
  const std::vector<std::string>& values(std::string_view key) const;

  /// The points that sweep.points_file lists.
  void set_table(PointTable table) { table_ = std::move(table); }
  const PointTable& table() const { return table_; }
  bool is_column(std::string_view key) const;
  /// The values of a key at all points: those of its column where it is one.
  std::vector<std::string> values_at_points(std::string_view key) const;

 private:
  AxisContext context_of(const Option& option) const;

  std::map<std::string, GivenValue, std::less<>> values_;
  mutable std::map<std::string, std::vector<std::string>, std::less<>> expanded_;  ///< long axes are asked for often
  PointTable table_;
};

/// The points of the sweep: the axes and the table's rows, combined and filtered as [sweep] says; by default the
/// product of the table and of the axes in the order of the option table, the last (run.repeat, where run.repeats > 1)
/// fastest. Every value and every combination is checked. `data.hash` must have the hash of each of data.file's values:
/// the path of a file does not define a point, its content does. Throws ConfigError naming place, key, value and what
/// is allowed.
std::vector<SweepPoint> make_points(const SweepText& text);

/// The settings of the first point, for what is the same in all of them (data.file, run.ranks_per_point).
/// Throws ConfigError as make_points does, for single values only.
Settings first_settings(const SweepText& text);

/// One line "key: was X, is now Y" for each option that defines the points, or says which there are, and differs
/// between the two.
std::vector<std::string> changed_options(const SweepText& before, const SweepText& now);

}  // namespace driftwood::sweep
