#include "driftwood/store/netcdf.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>

#include "driftwood/core/error.hpp"
#include "driftwood/h5/dimension_scale.hpp"

namespace driftwood::store {

namespace {

constexpr const char* placeholder_label = "This is a netCDF dimension but not a netCDF variable.";

/// netCDF-4's label of a dimension without coordinate values ends in its length, ten characters wide.
std::string placeholder_text(std::size_t length) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%10lu", static_cast<unsigned long>(length));
  return std::string(placeholder_label) + " " + digits;
}

bool is_dimension_variable(const Variable& variable) {
  return variable.dimensions.size() == 1 && variable.dimensions[0] == variable.name;
}

/// Names of the auxiliary coordinates whose dimensions `variable` has, for its CF attribute `coordinates`.
std::string auxiliary_coordinates(const NetcdfContent& content, const Variable& variable) {
  std::string names;
  if (variable.is_coordinate) return names;
  const auto has = [&](const std::string& dimension) {
    return std::find(variable.dimensions.begin(), variable.dimensions.end(), dimension) != variable.dimensions.end();
  };
  for (const Variable& other : content.variables) {
    if (!other.is_coordinate || is_dimension_variable(other) || other.dimensions.empty()) continue;
    if (std::all_of(other.dimensions.begin(), other.dimensions.end(), has))
      names += (names.empty() ? "" : " ") + other.name;
  }
  return names;
}

/// Writes one file's content: dimensions first, then variables, then who uses which dimension.
class Writer {
 public:
  Writer(const NetcdfContent& content, hid_t file) : content_(content), file_(file) {}

  void write() {
    for (const auto& [name, value] : content_.attributes) h5::write_attribute(file_, name, value);
    for (const Dimension& dimension : content_.dimensions) write_dimension(dimension);
    for (const Variable& variable : content_.variables)
      if (!is_dimension_variable(variable)) write_variable(variable);
    for (const auto& [scale, users] : users_) h5::write_scale_users(h5::open_dataset(file_, scale), users);
  }

 private:
  void write_dimension(const Dimension& dimension) {
    const auto same_name = [&](const Variable& variable) { return variable.name == dimension.name; };
    const auto coordinate = std::find_if(content_.variables.begin(), content_.variables.end(), same_name);
    if (coordinate == content_.variables.end()) {
      h5::make_scale(h5::create_placeholder(file_, dimension.name, dimension.length),
                     placeholder_text(dimension.length));
      return;
    }
    if (!is_dimension_variable(*coordinate))
      throw InternalError("variable '" + coordinate->name + "' has the name of a dimension that is not its only one");
    write_variable(*coordinate);
  }

  void write_variable(const Variable& variable) {
    std::vector<std::size_t> shape;
    for (const std::string& dimension : variable.dimensions) shape.push_back(content_.length(dimension));
    const h5::Dataset dataset = h5::create_dataset(file_, variable.name, variable.type, shape);
    if (variable.slab)
      for (std::size_t k = 0; k < shape.front(); ++k) h5::write_slab(dataset, k, variable.slab(k));
    else
      std::visit([&](const auto& values) { h5::write(dataset, values); }, variable.values());
    write_scales(variable, dataset);
    h5::write_attribute(dataset.id(), "units", variable.units);
    h5::write_attribute(dataset.id(), "long_name", variable.long_name);
    const std::string coordinates = auxiliary_coordinates(content_, variable);
    if (!coordinates.empty()) h5::write_attribute(dataset.id(), "coordinates", coordinates);
    if (variable.type == h5::ElementType::real && !is_dimension_variable(variable))
      h5::write_attribute(dataset.id(), "_FillValue", std::numeric_limits<double>::quiet_NaN());
  }

  void write_scales(const Variable& variable, const h5::Dataset& dataset) {
    if (is_dimension_variable(variable)) return h5::make_scale(dataset, variable.name);
    if (variable.dimensions.empty()) return;
    std::vector<hobj_ref_t> scales;
    const hobj_ref_t self = h5::reference_to(file_, variable.name);
    for (std::size_t k = 0; k < variable.dimensions.size(); ++k) {
      scales.push_back(h5::reference_to(file_, variable.dimensions[k]));
      users_[variable.dimensions[k]].emplace_back(self, static_cast<int>(k));
    }
    h5::attach_scales(dataset, scales);
  }

  const NetcdfContent& content_;
  hid_t file_;
  std::map<std::string, std::vector<std::pair<hobj_ref_t, int>>> users_;
};

}  // namespace

Variable variable(const Label& label, std::vector<std::string> dimensions, Values values) {
  Variable result{label.name, std::move(dimensions), label.units, label.long_name, {}, {}, {}, false};
  result.type = static_cast<h5::ElementType>(values.index());
  result.values = [values = std::move(values)] { return values; };
  return result;
}

Variable lazy_variable(const Label& label, std::vector<std::string> dimensions,
                       std::function<std::vector<double>()> values) {
  return {label.name,        std::move(dimensions), label.units, label.long_name, h5::ElementType::real,
          std::move(values), {},                    false};
}

Variable slab_variable(const Label& label, std::vector<std::string> dimensions,
                       std::function<std::vector<double>(std::size_t)> slab) {
  return {label.name, std::move(dimensions), label.units, label.long_name, h5::ElementType::real,
          {},         std::move(slab),       false};
}

Variable as_coordinate(Variable variable) {
  variable.is_coordinate = true;
  return variable;
}

void NetcdfContent::add_attribute(const std::string& name, const h5::AttributeValue& value) {
  const auto same_name = [&](const auto& attribute) { return attribute.first == name; };
  if (std::none_of(attributes.begin(), attributes.end(), same_name)) attributes.emplace_back(name, value);
}

bool NetcdfContent::has_variable(const std::string& name) const {
  return std::any_of(variables.begin(), variables.end(), [&](const Variable& other) { return other.name == name; });
}

std::size_t NetcdfContent::length(const std::string& dimension) const {
  for (const Dimension& known : dimensions)
    if (known.name == dimension) return known.length;
  throw InternalError("no dimension '" + dimension + "' in the file");
}

h5::FileImage netcdf_image(const NetcdfContent& content, const std::string& path) {
  h5::MemoryFile file(path);
  Writer(content, file.id()).write();
  return file.finish();
}

}  // namespace driftwood::store
