#include <algorithm>
#include <cstring>

#include "driftwood/core/error.hpp"
#include "driftwood/h5/check.hpp"
#include "driftwood/h5/dimension_scale.hpp"
#include "driftwood/store/netcdf.hpp"

namespace driftwood::store {

namespace {

/// Whether the dataset only stands for a dimension.
bool is_placeholder(const h5::Dataset& dataset) {
  if (!h5::has_attribute(dataset.id(), "NAME")) return false;
  const auto label = h5::read_attribute(dataset.id(), "NAME");
  const auto* text = std::get_if<std::string>(&label);
  return text != nullptr && text->starts_with("This is a netCDF dimension but not a netCDF variable");
}

std::string text_of(hid_t owner, const std::string& name) {
  if (!h5::has_attribute(owner, name)) return "";
  const auto value = h5::read_attribute(owner, name);
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : "";
}

/// Equal bit by bit: NaN equals itself.
bool same(const Values& a, const Values& b) {
  if (a.index() != b.index()) return false;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&a)) return *texts == std::get<2>(b);
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&a)) return *integers == std::get<1>(b);
  const auto& left = std::get<0>(a);
  const auto& right = std::get<0>(b);
  return left.size() == right.size() &&
         (left.empty() || std::memcmp(left.data(), right.data(), left.size() * sizeof(double)) == 0);
}

/// Whether the variable reads back as it was written.
bool reads_back(const NetcdfFile& file, const NetcdfFile::Entry& entry, const Variable& variable) {
  if (entry.dimensions != variable.dimensions) return false;
  if (!variable.slab) return same(file.read(entry), variable.values());
  const h5::Dataset dataset = h5::open_dataset(file.id(), entry.name);
  for (std::size_t k = 0; k < entry.shape.front(); ++k)
    if (!same(h5::read_slab(dataset, k), variable.slab(k))) return false;
  return true;
}

}  // namespace

NetcdfFile::NetcdfFile(const std::string& path) : path_(path), file_(h5::open_read_only(path)) {}

std::vector<std::pair<std::string, h5::AttributeValue>> NetcdfFile::attributes() const {
  const h5::Group root(h5::check(H5Gopen2(id(), "/", H5P_DEFAULT), "open group", id(), "/"));
  std::vector<std::pair<std::string, h5::AttributeValue>> found;
  for (const std::string& name : h5::attribute_names(root.id()))
    found.emplace_back(name, h5::read_attribute(root.id(), name));
  return found;
}

std::string NetcdfFile::text_attribute(const std::string& name) const { return text_of(id(), name); }

std::string NetcdfFile::text_attribute(const Entry& entry, const std::string& name) const {
  return text_of(h5::open_dataset(id(), entry.name).id(), name);
}

std::vector<NetcdfFile::Entry> NetcdfFile::variables() const {
  std::vector<Entry> entries;
  for (const std::string& name : h5::dataset_names(id())) {
    const h5::Dataset dataset = h5::open_dataset(id(), name);
    if (is_placeholder(dataset)) continue;
    entries.push_back({name, h5::scale_names(dataset), h5::shape(dataset), h5::element_type(dataset)});
  }
  return entries;
}

std::vector<Dimension> NetcdfFile::dimensions() const {
  std::vector<Dimension> found;
  for (const std::string& name : h5::dataset_names(id())) {
    const h5::Dataset dataset = h5::open_dataset(id(), name);
    if (h5::has_attribute(dataset.id(), "CLASS")) found.push_back({name, h5::shape(dataset).at(0)});
  }
  return found;
}

Values NetcdfFile::read(const Entry& entry) const {
  const h5::Dataset dataset = h5::open_dataset(id(), entry.name);
  switch (entry.type) {
    case h5::ElementType::real: return h5::read<double>(dataset);
    case h5::ElementType::integer: return h5::read<std::int64_t>(dataset);
    case h5::ElementType::text: break;
  }
  return h5::read<std::string>(dataset);
}

void verify_content(const NetcdfContent& content, const std::string& path) {
  const NetcdfFile file(path);
  if (file.attributes() != content.attributes)
    throw IoError("verification of " + path + ": the attributes do not read back as written");
  const auto entries = file.variables();
  if (entries.size() != content.variables.size())
    throw IoError("verification of " + path + ": a variable is missing");
  for (const Variable& variable : content.variables) {
    const auto same_name = [&](const NetcdfFile::Entry& entry) { return entry.name == variable.name; };
    const auto entry = std::find_if(entries.begin(), entries.end(), same_name);
    if (entry == entries.end() || !reads_back(file, *entry, variable))
      throw IoError("verification of " + path + ": variable '" + variable.name + "' does not read back as written");
  }
}

}  // namespace driftwood::store
