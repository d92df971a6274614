#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "driftwood/stats/neighbours.hpp"

namespace driftwood::fp {

/// Rule 1 of LocalRegression: those of the neighbours (in ascending order of distance) that are not across a gap.
std::span<const stats::Neighbour> within_gap(std::span<const stats::Neighbour> nearest, int dimension);

/// Tricube weights, of sum 1, with the bandwidth just beyond the last of k neighbours, or across the empty ring of rule
/// 1.
std::vector<double> kernel_weights(std::span<const stats::Neighbour> members, bool ends_at_gap);

/// The directions (columns) in which replicas with this covariance spread, compared with the radius of their
/// neighbourhood; the others carry no slope: neighbours at one point or on a line give none across instead of an
/// arbitrary one.
Eigen::MatrixXd directions_of_spread(const Eigen::MatrixXd& covariance, double radius);

}  // namespace driftwood::fp
