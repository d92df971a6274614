#pragma once

#include <string>

#include "driftwood/data/dataset.hpp"
#include "driftwood/sweep/point_config.hpp"

namespace driftwood::app {

/// A point's data set: read (CSV, HDF5 or IDX, by the file's name) or generated, then standardised and whitened where
/// asked. Throws ConfigError or IoError naming the file. Not collective.
data::Dataset load_dataset(const sweep::PointConfig::Data& options);

/// Equal for options that give the same data set.
std::string dataset_key(const sweep::PointConfig::Data& options);

}  // namespace driftwood::app
