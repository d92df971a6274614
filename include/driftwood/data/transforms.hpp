#pragma once

#include "driftwood/data/dataset.hpp"

namespace driftwood::data {

/// The data set turned and scaled so that its features have mean 0 and covariance 1 (population), by the symmetric
/// inverse square root of the covariance. Throws ConfigError where the covariance is singular: a feature is constant or
/// follows from others.
Dataset whitened(const Dataset& dataset);

}  // namespace driftwood::data
