#pragma once

#include <string>
#include <vector>

#include "driftwood/results/records.hpp"

namespace driftwood::store {

inline constexpr int schema_version = 2;

/// Where a run keeps its files (share/doc/file-format.md).
struct RunDirectory {
  std::string path;

  /// The points that a sweep.points_file listed.
  static constexpr const char* points_csv_name = "points.csv";
  std::string points_csv() const { return path + "/" + points_csv_name; }
  std::string effective_ini() const { return path + "/effective.ini"; }
  std::string points() const { return path + "/points"; }
  std::string point_file(const std::string& id) const { return path + "/points/" + id + ".h5"; }
  /// While a point is trained: its state, its snapshots' observables and parameters.
  std::string checkpoint_file(const std::string& id) const { return path + "/points/." + id + ".checkpoint"; }
  /// While a closure's density is solved.
  std::string solve_checkpoint_file(const std::string& id, const std::string& closure) const {
    return path + "/points/." + id + "." + closure + ".checkpoint";
  }
  std::string observables_file(const std::string& id) const { return path + "/points/." + id + ".observables"; }
  std::string parameters_file(const std::string& id) const { return path + "/points/." + id + ".parameters"; }
  std::string sweep_file() const { return path + "/sweep.h5"; }
  std::string links_file() const { return path + "/points.h5"; }
  /// Which job has the run directory; the jobs that share it, one file each; which of them has a point (claims.hpp).
  std::string lock_file() const { return path + "/lock"; }
  std::string jobs() const { return path + "/jobs"; }
  std::string claim_file(const std::string& id, int number) const {
    return path + "/points/." + id + ".claim." + std::to_string(number);
  }
  /// What was expected of every point before the run.
  std::string forecast_file() const { return path + "/forecast.tsv"; }
  std::string status_file() const { return path + "/status.tsv"; }
  std::string log_file() const { return path + "/log"; }
};

/// Writes a point's file and commits it: temporary name, every return code checked, closed, reopened and verified,
/// fsync, rename, fsync of the directory. Throws IoError naming the path; then no file of the final name exists that
/// did not before. Not collective: called by the rank group's root.
void write_point(const RunDirectory& run, const results::PointRecord& record);

/// Whether a complete file of this point is there: opens, right schema version, status attribute "done", checksums
/// hold. `why_not` says what is wrong with a file that is there but cannot be used.
struct PointFileCheck {
  bool complete = false;
  std::string why_not;
};
PointFileCheck check_point(const RunDirectory& run, const std::string& id);

/// One row of the summary table: worst snapshot of a closure, and at how many theory and experiment are alike.
struct SummaryRow {
  std::string id;
  std::vector<std::pair<std::string, std::string>> coordinates;
  std::string closure = {};
  std::string status;
  double distance = 0;  ///< weights, Wasserstein-1, largest ratio over coordinates and snapshots
  double floor = 0;
  double ratio = 0;
  std::string alike = "-";     ///< weights: snapshots with the verdict "indistinguishable" of those compared
  double output_distance = 0;  ///< outputs, sliced Wasserstein-1, largest ratio over snapshots
  double output_floor = 0;
  double output_ratio = 0;
  std::string outputs_alike = "-";
};

/// Builds (again) run/sweep.h5 from the points' files, committed atomically: coordinates along the sweep's axes,
/// scalars and curves copied; beside it run/points.h5 with the points' files as external links, and
/// run/points/<id>.xdmf for ParaView. Points of the list without a usable file get status "missing" and NaN. Returns
/// the summary. Not collective.
std::vector<SummaryRow> collect(const RunDirectory& run, const std::vector<sweep::SweepPoint>& points);

/// A readable description of a driftwood HDF5 file (point or sweep): dimensions, variables with shape, units, meaning
/// and range, attributes. Throws IoError for a file that is not HDF5 or not driftwood's.
std::string inspect(const std::string& path);

}  // namespace driftwood::store
