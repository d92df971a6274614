#include "driftwood/store/dataset_file.hpp"

#include <algorithm>
#include <climits>
#include <cmath>

#include "driftwood/core/error.hpp"
#include "driftwood/h5/dataset.hpp"
#include "driftwood/h5/file.hpp"

namespace driftwood::store {

data::Dataset read_hdf5(const std::string& path, const std::string& name) {
  const std::string where = path + ": dataset '" + name + "'";
  const h5::File file = h5::open_read_only(path);
  const h5::Dataset source = h5::open_dataset(file.id(), name);
  const std::vector<std::size_t> shape = h5::shape(source);
  std::size_t n_features = 1;
  for (std::size_t k = 1; k < shape.size(); ++k) n_features *= shape[k];
  if (shape.empty() || shape[0] < 1 || n_features < 1 || shape[0] > INT_MAX || n_features > INT_MAX)
    throw ConfigError(where + ": its first dimension must count samples, the others their features");
  data::Dataset dataset{.name = where,
                        .feature_names = {},
                        .n_samples = static_cast<int>(shape[0]),
                        .n_features = static_cast<int>(n_features),
                        .values = h5::read<double>(source)};
  for (std::size_t i = 0; i < n_features; ++i) dataset.feature_names.push_back("x" + std::to_string(i + 1));
  for (double value : dataset.values)
    if (!std::isfinite(value)) throw ConfigError(where + ": a value is not a finite number");
  return dataset;
}

ParameterRows read_parameters(const std::string& path, const std::string& name) {
  const h5::File file = h5::open_read_only(path);
  const h5::Dataset source = h5::open_dataset(file.id(), name);
  const std::vector<std::size_t> shape = h5::shape(source);
  std::string text;
  for (std::size_t length : shape) text += (text.empty() ? "" : " x ") + std::to_string(length);
  if (shape.empty() || shape.size() > 3 || std::find(shape.begin(), shape.end(), std::size_t{0}) != shape.end())
    throw ConfigError(path + ": dataset '" + name + "' (" + (text.empty() ? "one number" : text) +
                      "): neither parameters, nor replicas x parameters, nor snapshots x replicas x parameters");
  ParameterRows rows;
  rows.n_columns = static_cast<long>(shape.back());
  rows.n_rows = shape.size() > 1 ? static_cast<long>(shape[shape.size() - 2]) : 1;
  rows.values = shape.size() == 3 ? h5::read_slab(source, shape[0] - 1) : h5::read<double>(source);
  return rows;
}

}  // namespace driftwood::store
