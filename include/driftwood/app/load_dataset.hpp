#pragma once

#include <memory>
#include <string>
#include <vector>

#include "driftwood/data/split.hpp"
#include "driftwood/sweep/point_config.hpp"

namespace driftwood::app {

/// A point's data: read (CSV, HDF5 or IDX, by the file's name) or generated, split into samples to train on and samples
/// held out (data.test_fraction), then standardised and whitened where asked, with the moments of those to train on.
/// Throws ConfigError or IoError naming the file. Not collective.
data::Split load_dataset(const sweep::PointConfig::Data& options);

/// The initial parameters that the point's replicas are given (initial.file); null where they are drawn. Throws
/// ConfigError naming file, dataset and shape where they do not fit `n_parameters` and `n_replicas`, or IoError. Not
/// collective.
std::shared_ptr<const std::vector<double>> load_initial(const sweep::PointConfig::Initial& options, int n_parameters,
                                                        long n_replicas);

/// Equal for options that give the same data set.
std::string dataset_key(const sweep::PointConfig::Data& options);

}  // namespace driftwood::app
