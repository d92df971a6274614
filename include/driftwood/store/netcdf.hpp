#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "driftwood/h5/attribute.hpp"
#include "driftwood/h5/dataset.hpp"
#include "driftwood/h5/file.hpp"

namespace driftwood::store {

/// The values of one variable, last dimension fastest; the alternatives follow h5::ElementType.
using Values = std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>>;

struct Dimension {
  std::string name;
  std::size_t length = 0;
};

/// A variable to be written. Values are produced when needed, so that large ones are in memory one at a time.
struct Variable {
  std::string name;
  std::vector<std::string> dimensions;
  std::string units;  ///< "1" where dimensionless
  std::string long_name;
  h5::ElementType type = h5::ElementType::real;
  std::function<Values()> values;
  /// Instead of `values`: those at one index of the first dimension, so that only they are in memory.
  std::function<std::vector<double>(std::size_t index)> slab = {};
  bool is_coordinate = false;  ///< listed in the `coordinates` attribute of the variables that have its dimensions
};

/// What a variable is called and means.
struct Label {
  std::string name;
  std::string units;
  std::string long_name;
};

/// A variable with the values given now.
Variable variable(const Label& label, std::vector<std::string> dimensions, Values values);
/// A real variable whose values come from `values` when they are needed (twice: to write and to verify).
Variable lazy_variable(const Label& label, std::vector<std::string> dimensions,
                       std::function<std::vector<double>()> values);
/// A real variable given one index of its first dimension at a time.
Variable slab_variable(const Label& label, std::vector<std::string> dimensions,
                       std::function<std::vector<double>(std::size_t)> slab);
Variable as_coordinate(Variable variable);

/// Everything in a file: one flat group, as netCDF sees it.
struct NetcdfContent {
  std::vector<std::pair<std::string, h5::AttributeValue>> attributes;
  std::vector<Dimension> dimensions;
  std::vector<Variable> variables;

  /// Appends an attribute unless one of this name is there.
  void add_attribute(const std::string& name, const h5::AttributeValue& value);
  void add(Variable variable) { variables.push_back(std::move(variable)); }
  bool has_variable(const std::string& name) const;
  /// Throws InternalError for an unknown dimension.
  std::size_t length(const std::string& dimension) const;
};

/// The bytes of a netcdf-4-valid HDF5 file with this content: creation order tracked, a dimension scale for every
/// dimension, units and long_name on every variable, _FillValue NaN on reals. `path` names it in errors.
h5::FileImage netcdf_image(const NetcdfContent& content, const std::string& path);

/// A netCDF-4 file written by driftwood, open for reading.
class NetcdfFile {
 public:
  struct Entry {
    std::string name;
    std::vector<std::string> dimensions;
    std::vector<std::size_t> shape;
    h5::ElementType type;
  };

  /// Throws IoError.
  explicit NetcdfFile(const std::string& path);

  const std::string& path() const { return path_; }
  hid_t id() const { return file_.id(); }
  std::vector<std::pair<std::string, h5::AttributeValue>> attributes() const;
  /// A root attribute's text; "" if there is none.
  std::string text_attribute(const std::string& name) const;

  /// Variables with values (not the placeholders of dimensions without coordinates), in file order.
  std::vector<Entry> variables() const;
  std::vector<Dimension> dimensions() const;
  Values read(const Entry& entry) const;
  /// An attribute of a variable; "" if there is none.
  std::string text_attribute(const Entry& entry, const std::string& name) const;

 private:
  std::string path_;
  h5::File file_;
};

/// Reads the whole file back and compares it with `content`, bit by bit. Throws IoError at the first difference.
void verify_content(const NetcdfContent& content, const std::string& path);

}  // namespace driftwood::store
