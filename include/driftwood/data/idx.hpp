#pragma once

#include <string>

#include "driftwood/data/dataset.hpp"

namespace driftwood::data {

/// Reads an IDX file, the format of MNIST: the first dimension counts samples, the others are one sample's features.
/// All its number types are read. Errors: IoError when the file cannot be read, ConfigError naming the file for a wrong
/// magic number, an impossible shape or a wrong length. Not collective.
Dataset read_idx(const std::string& path);

}  // namespace driftwood::data
