#pragma once

#include <vector>

#include "driftwood/sweep/cost.hpp"
#include "driftwood/sweep/point_config.hpp"

namespace driftwood::app {

/// The sizes that decide what a point costs; `n_samples` to train on.
sweep::Workload workload_of(const sweep::PointConfig& config, int n_samples);

/// The workloads of all points; every data set is read once. Throws ConfigError or IoError as load_dataset does. Not
/// collective.
std::vector<sweep::Workload> workloads_of(const std::vector<sweep::SweepPoint>& points);

}  // namespace driftwood::app
