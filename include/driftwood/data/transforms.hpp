#pragma once

#include "driftwood/data/dataset.hpp"

namespace driftwood::data {

/// The data set turned and scaled so that its features have mean 0 and covariance 1 (population), by the symmetric
/// inverse square root of the covariance. Throws ConfigError where the covariance is singular: a feature is constant or
/// follows from others.
Dataset whitened(const Dataset& dataset);

/// The same with the mean and covariance of `reference`: for samples that are held out.
Dataset whitened(const Dataset& dataset, const Dataset& reference);

}  // namespace driftwood::data
