#include <algorithm>
#include <filesystem>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/sweep_content.hpp"

namespace driftwood::store {

namespace {

bool is_copied(const NetcdfFile::Entry& entry) {
  static const std::vector<std::string> kept{"closure", "snapshot", "w", "output"};
  const bool is_dimension = entry.dimensions.size() == 1 && entry.dimensions[0] == entry.name;
  return !is_dimension && std::all_of(entry.dimensions.begin(), entry.dimensions.end(), [](const std::string& name) {
    return std::find(kept.begin(), kept.end(), name) != kept.end();
  });
}

LoadedPoint load_file(const std::string& path, const std::string& id) {
  if (check_seal(path) != Seal::intact) throw IoError("truncated or damaged: no checksum that fits");
  const NetcdfFile file(path);
  if (file.text_attribute("file_kind") != "point" || file.text_attribute("id") != id)
    throw IoError("not the file of this point");
  if (h5::read_attribute(file.id(), "schema_version") != h5::AttributeValue(std::int64_t{schema_version}))
    throw IoError("written with another schema version");
  LoadedPoint point;
  point.status = file.text_attribute("status");
  point.message = file.text_attribute("message");
  point.attributes = file.attributes();
  for (const NetcdfFile::Entry& entry : file.variables()) {
    if (entry.name == "closure") point.closures = std::get<std::vector<std::string>>(file.read(entry));
    if (entry.name == "w") point.tracked_names = std::get<std::vector<std::string>>(file.read(entry));
    if (!is_copied(entry)) continue;
    const Label label{entry.name, file.text_attribute(entry, "units"), file.text_attribute(entry, "long_name")};
    point.order.push_back(entry.name);
    point.variables.emplace(entry.name, LoadedPoint::Copied{entry.dimensions, entry.shape, label, file.read(entry)});
  }
  return point;
}

}  // namespace

LoadedPoint load_point(const RunDirectory& run, const std::string& id) {
  const std::string path = run.point_file(id);
  LoadedPoint missing;
  missing.status = "missing";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return missing;
  try {
    return load_file(path, id);
  } catch (const Error& error) {
    missing.message = error.what();
    return missing;
  }
}

}  // namespace driftwood::store
