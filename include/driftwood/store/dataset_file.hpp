#pragma once

#include <string>

#include "driftwood/data/dataset.hpp"

namespace driftwood::store {

/// Reads dataset `name` of an HDF5 file: numbers of any type, the first dimension counts samples, the others are one
/// sample's features. Errors: IoError when the file or the dataset cannot be opened or read, ConfigError naming both
/// for values that are not finite numbers or a shape without samples. Not collective.
data::Dataset read_hdf5(const std::string& path, const std::string& name);

}  // namespace driftwood::store
