#include <filesystem>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/point_content.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::store {

namespace {

/// What is wrong with a file whose bytes are intact: another program, schema or point, or not done. "" if nothing is.
std::string what_is_wrong(const NetcdfFile& file, const std::string& id) {
  const std::string kind = file.text_attribute("file_kind");
  if (kind != "point") return kind.empty() ? "not a driftwood file" : "a driftwood file of kind '" + kind + "'";
  const h5::AttributeValue version = h5::read_attribute(file.id(), "schema_version");
  const auto* number = std::get_if<std::int64_t>(&version);
  if (number == nullptr || *number != schema_version)
    return "schema version " + (number == nullptr ? "unknown" : std::to_string(*number)) + " instead of " +
           std::to_string(schema_version);
  const std::string own_id = file.text_attribute("id");
  if (own_id != id) return "the file of another point (" + own_id + ")";
  const std::string status = file.text_attribute("status");
  if (status != "done") return "status '" + status + "' instead of 'done'";
  return "";
}

}  // namespace

void write_point(const RunDirectory& run, const results::PointRecord& record) {
  make_directory(run.points());
  const std::string path = run.point_file(record.point.id);
  const NetcdfContent content = point_content(record);
  const h5::FileImage image = netcdf_image(content, path);
  commit_file(path, image.bytes(), [&](const std::string& temporary) { verify_content(content, temporary); });
}

PointFileCheck check_point(const RunDirectory& run, const std::string& id) {
  const std::string path = run.point_file(id);
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) return {};
  try {
    switch (check_seal(path)) {
      case Seal::broken: return {false, "damaged: its bytes do not match its checksum"};
      case Seal::absent: return {false, "no checksum at its end: truncated, or rewritten by another program"};
      case Seal::intact: break;
    }
    const std::string why_not = what_is_wrong(NetcdfFile(path), id);
    return {why_not.empty(), why_not};
  } catch (const Error& error) {
    return {false, error.what()};
  }
}

}  // namespace driftwood::store
