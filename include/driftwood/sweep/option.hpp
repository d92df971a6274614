#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "driftwood/sweep/derive_config.hpp"
#include "driftwood/sweep/point_config.hpp"
#include "driftwood/sweep/problem_config.hpp"

namespace driftwood::sweep {

/// How the axes of a sweep become its points: the section [sweep].
struct SweepPlan {
  std::string combine;
  std::string filter;
  std::string points_file;
  std::string sampling = "random";  ///< random | latin | sobol
  std::uint32_t seed = 1;
};

/// All that a config can say: what defines a point, and how the run around it goes; or a problem to solve.
struct Settings {
  PointConfig point;
  ProblemConfig problem;
  DeriveConfig derive;
  SweepPlan sweep;
  std::string data_hash;            ///< content of the data file: part of the point's identity where the path is not
  std::string initial_hash;         ///< content of initial.file; empty: no file
  int repeats = 1;                  ///< independent ensembles of every point: the axis run.repeat
  double checkpoint_seconds = 600;  ///< between two saves of a training or a solve; 0 = only at a stop
  int ranks_per_point = 0;          ///< MPI ranks a point; 0 = chosen from the numbers of ranks and points
};

/// Allowed numbers: low..high, both included unless `low_is_excluded`; and 0 besides where `or_zero`.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_is_excluded = false;
  bool or_zero = false;
};

/// Where an option's value lives; its type is the option's type.
using Field = std::variant<double& (*)(Settings&), int& (*)(Settings&), std::uint32_t& (*)(Settings&),
                           bool& (*)(Settings&), std::string& (*)(Settings&), std::vector<int>& (*)(Settings&),
                           std::vector<double>& (*)(Settings&), std::vector<std::string>& (*)(Settings&)>;

/// The commands that know an option: those of a sweep (run, train, plan, collect), `solve`, or all of these.
enum class Scope { sweep, solve, both };

/// One option. This one declaration gives parsing, checks, defaults, help and the canonical form.
struct Option {
  std::string section;
  std::string name;
  Field field;
  std::string unit = {};                  ///< empty: none
  Bounds bounds = {};                     ///< of numbers, and of each number of a list of widths
  std::vector<std::string> choices = {};  ///< allowed words; empty: any text
  std::string help;
  bool defines_point = true;  ///< two runs must share it to give the same numbers
  bool may_be_none = false;   ///< of lists of numbers: "none" is the empty list
  bool may_be_axis = true;    ///< commas part the values of an axis; otherwise they belong to a value, and only bars do
  bool is_path = false;       ///< names a file, whose content defines the point
  bool is_sequence = false;   ///< of lists of words: their order counts and they may repeat
  Scope scope = Scope::sweep;

  std::string key() const { return section + '.' + name; }
  bool is_known(Scope where) const { return scope == Scope::both || scope == where; }
  /// Whether it may have several values, parted by commas or only by bars: the sweep has a point for each.
  bool takes_alternatives() const;
};

/// Every option, in the order of the sweep's axes (the last varies fastest) and of the canonical form.
const std::vector<Option>& option_table();

/// The option of that key (`section.name`), or nullptr.
const Option* find_option(std::string_view key);

/// The option of that key. Throws InternalError if there is none: for keys that the program itself names.
const Option& option(std::string_view key);

/// "data", "network", ...: the sections with options of that scope, in the table's order.
std::vector<std::string> section_names(Scope scope);

/// The canonical default of an option of the table; empty where it must be given (or may stay empty: data.hash).
const std::string& default_text(const Option& option);

/// What may be written, for messages and help: "a number > 0", "one of: tanh, linear".
std::string allowed_values(const Option& option);

/// One value (no axis) in canonical form: numbers as the shortest text that reads back as the same number, so that
/// 0.020 and 2e-2 are one value. Throws ValueError where the text is not allowed.
std::string canonical_value(const Option& option, std::string_view text);

/// Puts one value into its field. Throws ValueError as canonical_value does.
void assign(const Option& option, std::string_view text, Settings& settings);

}  // namespace driftwood::sweep
