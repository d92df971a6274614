#include "local_kernel.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace driftwood::fp {

namespace {

/// Rule 1: fewer replicas than this are outliers, not a basin.
constexpr std::size_t smallest_basin = 10;
/// Rule 1: a gap begins where the next replica is farther than this times the last, and ...
constexpr double gap_ratio = 2.0;
/// ... this unlikely at a uniform density: j replicas within r of a point and none out to R has probability (r/R)^(d
/// j).
constexpr double chance_of_gap = 1e-7;
/// A direction in which the replicas spread less than this fraction of the neighbourhood's radius carries no slope.
constexpr double least_spread = 0.03;

}  // namespace

std::span<const stats::Neighbour> within_gap(std::span<const stats::Neighbour> nearest, int dimension) {
  for (std::size_t j = smallest_basin; j < nearest.size(); ++j) {
    const double inner = nearest[j - 1].distance;
    const double outer = nearest[j].distance;
    if (outer <= gap_ratio * inner) continue;
    if (std::pow(inner / outer, dimension * static_cast<double>(j)) < chance_of_gap) return nearest.first(j);
  }
  return nearest;
}

std::vector<double> kernel_weights(std::span<const stats::Neighbour> members, bool ends_at_gap) {
  const double bandwidth = members.back().distance * (ends_at_gap ? gap_ratio : 1 + 1e-6);
  std::vector<double> weights(members.size(), 1.0);
  if (bandwidth > 0) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      const double u = members[i].distance / bandwidth;
      const double v = 1 - u * u * u;
      weights[i] = v * v * v;
    }
  }
  double sum = 0;
  for (const double weight : weights) sum += weight;
  for (double& weight : weights) weight /= sum;
  return weights;
}

Eigen::MatrixXd directions_of_spread(const Eigen::MatrixXd& covariance, double radius) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  const double least = std::pow(least_spread * radius, 2);
  Eigen::Index n = 0;
  while (n < covariance.rows() && solver.eigenvalues()[covariance.rows() - 1 - n] > least) ++n;
  return solver.eigenvectors().rightCols(n);
}

}  // namespace driftwood::fp
