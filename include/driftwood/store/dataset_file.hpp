#pragma once

#include <string>
#include <vector>

#include "driftwood/data/dataset.hpp"

namespace driftwood::store {

/// Reads dataset `name` of an HDF5 file: numbers of any type, the first dimension counts samples, the others are one
/// sample's features. Errors: IoError when the file or the dataset cannot be opened or read, ConfigError naming both
/// for values that are not finite numbers or a shape without samples. Not collective.
data::Dataset read_hdf5(const std::string& path, const std::string& name);

/// Rows of parameters, for replicas to start with.
struct ParameterRows {
  long n_rows = 0;
  long n_columns = 0;
  std::vector<double> values;  ///< n_rows x n_columns
};

/// Reads dataset `name` of an HDF5 file: parameters (one row), replicas x parameters, or snapshots x replicas x
/// parameters as a result has them, of which the last snapshot is taken. Values may be NaN (a replica that diverged).
/// Errors: IoError when the file or the dataset cannot be opened or read, ConfigError naming both and the shape for any
/// other shape. Not collective.
ParameterRows read_parameters(const std::string& path, const std::string& name);

}  // namespace driftwood::store
