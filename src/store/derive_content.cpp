#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/derive_file.hpp"

namespace driftwood::store {

namespace {

void add_attributes(NetcdfContent& content, const results::DeriveRecord& record) {
  content.add_attribute("title", "driftwood: Callan-Symanzik flow and KPZ balance of a sweep point");
  content.add_attribute("Conventions", "CF-1.8");
  content.add_attribute("file_kind", "derive");
  content.add_attribute("schema_version", std::int64_t{schema_version});
  content.add_attribute("id", record.id);
  for (const auto& [key, value] : record.configuration) content.add_attribute(key, value);
  for (const auto& [key, value] : record.provenance.entries) content.add_attribute(key, value);
}

void add_coordinates(NetcdfContent& content, const results::DeriveRecord& record) {
  for (const char* name : {"source", "snapshot", "operator", "truncation", "w", "order", "node"})
    content.dimensions.push_back({name, record.length(name)});
  if (record.n_profile_cells > 0) content.dimensions.push_back({"cell1", record.length("cell1")});
  content.add(
      as_coordinate(variable({"source", "1", "the trained ensemble, or a closure"}, {"source"}, record.sources)));
  content.add(as_coordinate(variable({"time", "1", "training time t"}, {"snapshot"}, record.times)));
  content.add(
      as_coordinate(variable({"operator", "1", "operator O_a of the field u"}, {"operator"}, record.operators)));
  content.add(as_coordinate(variable({"truncation", "1", "number of operators, the first ones"}, {"truncation"},
                                     std::vector<std::int64_t>(record.truncations.begin(), record.truncations.end()))));
  content.add(as_coordinate(variable({"w", "1", "tracked weight"}, {"w"}, record.tracked_names)));
  content.add(as_coordinate(
      variable({"order", "1", "n of the n-point function"}, {"order"}, std::vector<std::int64_t>{1, 2, 3, 4})));
  content.add(variable({"source_status", "1", "ok, or why the source is not there"}, {"source"}, record.status));
  content.add(
      variable({"field_centre", "1", "m of the field u = (w - m) / zeta"}, {"snapshot", "w"}, record.field_centre));
  content.add(
      variable({"field_scale", "1", "zeta of the field u = (w - m) / zeta"}, {"snapshot", "w"}, record.field_scale));
}

}  // namespace

std::string derive_directory(const RunDirectory& run) {
  return run.path + "/derive";
}

std::string derive_file(const RunDirectory& run, const std::string& id) {
  return derive_directory(run) + "/" + id + ".h5";
}

NetcdfContent derive_content(const results::DeriveRecord& record) {
  NetcdfContent content;
  add_attributes(content, record);
  add_coordinates(content, record);
  const auto& quantities = results::derived_quantities();
  if (record.values.size() != quantities.size()) throw InternalError("values of every derived quantity are needed");
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    if (record.row_size(quantities[i]) == 0) continue;
    std::vector<std::string> dimensions{"source", "snapshot"};
    dimensions.insert(dimensions.end(), quantities[i].dimensions.begin(), quantities[i].dimensions.end());
    content.add(variable({quantities[i].name, "1", quantities[i].long_name}, dimensions, record.values[i]));
  }
  return content;
}

void write_derive(const RunDirectory& run, const results::DeriveRecord& record) {
  make_directory(derive_directory(run));
  const std::string path = derive_file(run, record.id);
  const NetcdfContent content = derive_content(record);
  const h5::FileImage image = netcdf_image(content, path);
  commit_file(path, image.bytes(), [&](const std::string& temporary) { verify_content(content, temporary); });
}

}  // namespace driftwood::store
