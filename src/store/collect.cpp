#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/store.hpp"
#include "driftwood/store/sweep_content.hpp"
#include "driftwood/store/xdmf.hpp"

namespace driftwood::store {

namespace {

/// A distance and its floor at the place where their ratio is largest; NaN if there is no such place.
struct Worst {
  double distance = std::numeric_limits<double>::quiet_NaN();
  double floor = std::numeric_limits<double>::quiet_NaN();
  double ratio = std::numeric_limits<double>::quiet_NaN();
};

/// The worst place of closure number `closure` in the variable `name` (closure x ...) of a point.
Worst worst_of(const LoadedPoint& point, const std::string& name, std::size_t closure) {
  const auto distances = point.variables.find(name);
  const auto floors = point.variables.find(name + "_floor");
  Worst worst;
  if (distances == point.variables.end() || floors == point.variables.end()) return worst;
  const auto& distance = std::get<std::vector<double>>(distances->second.values);
  const auto& floor = std::get<std::vector<double>>(floors->second.values);
  const std::size_t per_closure = distance.size() / point.closures.size();
  for (std::size_t i = closure * per_closure; i < (closure + 1) * per_closure; ++i) {
    if (!std::isfinite(distance[i]) || !std::isfinite(floor[i])) continue;
    const double ratio = analysis::Measured{distance[i], floor[i]}.ratio();
    if (!(ratio <= worst.ratio)) worst = {distance[i], floor[i], ratio};
  }
  return worst;
}

/// "38/41": of the compared snapshots those at which the verdict is that both are indistinguishable; "-": none compared.
std::string alike(const LoadedPoint& point, const std::string& name, std::size_t closure) {
  const auto found = point.variables.find(name);
  if (found == point.variables.end()) return "-";
  const auto& verdicts = std::get<std::vector<std::string>>(found->second.values);
  const std::size_t per_closure = verdicts.size() / point.closures.size();
  const auto first = verdicts.begin() + static_cast<std::ptrdiff_t>(closure * per_closure);
  const auto last = first + static_cast<std::ptrdiff_t>(per_closure);
  const auto n_compared = per_closure - static_cast<std::size_t>(std::count(first, last, ""));
  const auto n_alike = std::count(first, last, analysis::name(analysis::Verdict::indistinguishable));
  return n_compared == 0 ? "-" : std::to_string(n_alike) + "/" + std::to_string(n_compared);
}

SummaryRow empty_row(const sweep::SweepPoint& point, const std::string& status) {
  const Worst none;
  SummaryRow row{.id = point.id, .coordinates = point.coordinates, .status = status};
  row.distance = row.floor = row.ratio = none.ratio;
  row.output_distance = row.output_floor = row.output_ratio = none.ratio;
  return row;
}

SummaryRow closure_row(const sweep::SweepPoint& point, const LoadedPoint& loaded, std::size_t closure) {
  const auto& statuses = std::get<std::vector<std::string>>(loaded.variables.at("closure_status").values);
  SummaryRow row = empty_row(point, statuses.at(closure));
  row.closure = loaded.closures[closure];
  const Worst weights = worst_of(loaded, "weights_wasserstein1", closure);
  row.distance = weights.distance;
  row.floor = weights.floor;
  row.ratio = weights.ratio;
  row.alike = alike(loaded, "weights_verdict", closure);
  const Worst outputs = worst_of(loaded, "outputs_sliced_wasserstein1", closure);
  row.output_distance = outputs.distance;
  row.output_floor = outputs.floor;
  row.output_ratio = outputs.ratio;
  row.outputs_alike = alike(loaded, "outputs_verdict", closure);
  return row;
}

/// run/points.h5: every usable point's file under one roof. Not in sweep.h5 itself, because netCDF follows all links when
/// it opens a file, and fails if a single one leads nowhere.
void write_links(const RunDirectory& run, const std::vector<sweep::SweepPoint>& points,
                 const std::vector<LoadedPoint>& loaded) {
  h5::MemoryFile file(run.links_file());
  h5::write_attribute(file.id(), "title", std::string("driftwood sweep: links to the points' files"));
  h5::write_attribute(file.id(), "file_kind", std::string("links"));
  h5::write_attribute(file.id(), "schema_version", std::int64_t{schema_version});
  {
    const h5::Group group = h5::create_group(file.id(), "points");
    for (std::size_t p = 0; p < points.size(); ++p)
      if (loaded[p].status != "missing") h5::link_file(group.id(), points[p].id, "points/" + points[p].id + ".h5");
  }
  commit_file(run.links_file(), file.finish().bytes(), [](const std::string& temporary) {
    if (NetcdfFile(temporary).text_attribute("file_kind") != "links")
      throw IoError("verification of " + temporary + ": it does not read back as written");
  });
}

}  // namespace

std::vector<SummaryRow> summary(const std::vector<sweep::SweepPoint>& points, const std::vector<LoadedPoint>& loaded) {
  std::vector<SummaryRow> rows;
  for (std::size_t p = 0; p < points.size(); ++p) {
    if (loaded[p].closures.empty()) rows.push_back(empty_row(points[p], loaded[p].status));
    for (std::size_t c = 0; c < loaded[p].closures.size(); ++c) rows.push_back(closure_row(points[p], loaded[p], c));
  }
  return rows;
}

std::vector<SummaryRow> collect(const RunDirectory& run, const std::vector<sweep::SweepPoint>& points) {
  std::vector<LoadedPoint> loaded;
  for (const sweep::SweepPoint& point : points) loaded.push_back(load_point(run, point.id));
  const NetcdfContent content = sweep_content(points, loaded);
  const h5::FileImage image = netcdf_image(content, run.sweep_file());
  commit_file(run.sweep_file(), image.bytes(),
              [&](const std::string& temporary) { verify_content(content, temporary); });
  write_links(run, points, loaded);
  for (std::size_t p = 0; p < points.size(); ++p)
    if (loaded[p].status != "missing") write_xdmf(run, points[p].id);
  return summary(points, loaded);
}

}  // namespace driftwood::store
