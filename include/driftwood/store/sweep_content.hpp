#pragma once

#include <map>
#include <string>
#include <vector>

#include "driftwood/store/netcdf.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::store {

/// What collect takes from one point's file: its attributes and every variable without a replica, cell or pair dimension.
struct LoadedPoint {
  struct Copied {
    std::vector<std::string> dimensions;
    std::vector<std::size_t> shape;
    Label label;
    Values values;
  };

  std::string status;   ///< the file's, or "missing"
  std::string message;  ///< the file's, or why it cannot be used
  std::vector<std::pair<std::string, h5::AttributeValue>> attributes;
  std::vector<std::string> closures;
  std::vector<std::string> tracked_names;
  std::vector<std::string> order;  ///< variable names in file order
  std::map<std::string, Copied> variables;
};

/// Loads a point; an absent or damaged file gives status "missing" and no variables.
LoadedPoint load_point(const RunDirectory& run, const std::string& id);

/// All closures of the points in the order of the ladder (equations.md section 3), others after them.
std::vector<std::string> closures_of(const std::vector<LoadedPoint>& loaded);

/// What sweep.h5 holds (share/doc/file-format.md). `loaded[i]` belongs to `points[i]`; it must outlive the result.
NetcdfContent sweep_content(const std::vector<sweep::SweepPoint>& points, const std::vector<LoadedPoint>& loaded);

/// The rows of the summary table: one a point and closure; one without a closure for points that have none.
std::vector<SummaryRow> summary(const std::vector<sweep::SweepPoint>& points, const std::vector<LoadedPoint>& loaded);

}  // namespace driftwood::store
