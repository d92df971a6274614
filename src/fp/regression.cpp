#include "driftwood/fp/regression.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <string>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/stats/distances.hpp"

namespace driftwood::fp {

namespace {

using stats::Neighbour;

/// Rule 1: fewer replicas than this are outliers, not a basin.
constexpr std::size_t smallest_basin = 10;
/// Rule 1: a gap begins where the next replica is farther than this times the last, and ...
constexpr double gap_ratio = 2.0;
/// ... this unlikely at a uniform density: j replicas within r of a point and none out to R has probability (r/R)^(d
/// j).
constexpr double chance_of_gap = 1e-7;
/// Rule 2: a ball that should hold so many replicas is empty by chance once in a thousand.
constexpr double expected_in_empty_ball = 7.0;
/// Rule 2: the widest hole, in radii of the neighbourhood, that does not count as a gap.
constexpr double widest_hole = 0.5;
/// Rule 3: cosine of the angle within which a replica is on the other side.
constexpr double other_side = 0.5;
/// A direction in which the replicas spread less than this fraction of the neighbourhood's radius carries no slope.
constexpr double least_spread = 0.03;

std::span<const double> as_span(const Eigen::VectorXd& x) {
  return {x.data(), static_cast<std::size_t>(x.size())};
}

/// Rule 1. `nearest`: in ascending order of distance.
std::span<const Neighbour> within_gap(std::span<const Neighbour> nearest, int dimension) {
  for (std::size_t j = smallest_basin; j < nearest.size(); ++j) {
    const double inner = nearest[j - 1].distance;
    const double outer = nearest[j].distance;
    if (outer <= gap_ratio * inner) continue;
    if (std::pow(inner / outer, dimension * static_cast<double>(j)) < chance_of_gap) return nearest.first(j);
  }
  return nearest;
}

/// Tricube weights, with the bandwidth just beyond the last of k neighbours, or across the empty ring of rule 1.
std::vector<double> kernel_weights(std::span<const Neighbour> members, bool ends_at_gap) {
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

/// The inverse of the replicas' covariance on the directions in which they spread, 0 on the others: neighbours at one
/// point or on a line give no slope across instead of an arbitrary one.
Eigen::MatrixXd pseudo_inverse(const Eigen::MatrixXd& covariance, double radius) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  const double least = std::pow(least_spread * radius, 2);
  const Eigen::VectorXd inverse =
      solver.eigenvalues().unaryExpr([&](double value) { return value > least ? 1 / value : 0.0; });
  return solver.eigenvectors() * inverse.asDiagonal() * solver.eigenvectors().transpose();
}

void require_consistent(const RegressionData& data) {
  if (data.dimension < 1 || data.dimension > 2)
    throw ConfigError("closure 'conditional' is for 1 or 2 tracked weights, not " + std::to_string(data.dimension));
  const auto n = static_cast<std::size_t>(data.size());
  if (n == 0) throw InternalError("closure 'conditional': no replica to regress on");
  if (data.w.size() != n * data.dimension || data.drift.size() != data.w.size() ||
      data.diffusion.size() != n * packed_size(data.dimension))
    throw InternalError("closure 'conditional': sizes of weights, drift and diffusion do not match");
  const auto finite = [](double x) { return std::isfinite(x); };
  for (const std::span<const double> values : {data.w, data.drift, data.diffusion})
    if (!std::all_of(values.begin(), values.end(), finite))
      throw InternalError("closure 'conditional': a replica that is not finite was not left out");
}

/// Standard deviation of column `column` of an n x n_columns array.
double spread(std::span<const double> rows, int n_columns, int column) {
  std::vector<double> values(rows.size() / n_columns);
  for (std::size_t r = 0; r < values.size(); ++r) values[r] = rows[r * n_columns + column];
  return stats::moments(values).std;
}

}  // namespace

LocalRegression::LocalRegression(const RegressionData& data, std::span<const double> fallback_scale, int neighbours)
    : data_(data), neighbours_(neighbours), scale_(data.dimension), x_(data.w.begin(), data.w.end()) {
  require_consistent(data);
  if (neighbours < 1) throw InternalError("closure 'conditional': the number of neighbours must be positive");
  const int d = data.dimension;
  for (int i = 0; i < d; ++i) {
    const double std = spread(data.w, d, i);
    scale_[i] = std > 0 ? std : fallback_scale[i];
  }
  for (std::size_t i = 0; i < x_.size(); ++i) x_[i] /= scale_[static_cast<Eigen::Index>(i) % d];
  index_.emplace(x_, d);
}

Eigen::Map<const Eigen::VectorXd> LocalRegression::position(int replica) const {
  return {&x_[static_cast<std::size_t>(replica) * data_.dimension], data_.dimension};
}

LocalRegression::Fit LocalRegression::fit(const Eigen::VectorXd& x, std::span<const Neighbour> nearest) const {
  const int d = data_.dimension;
  const std::span<const Neighbour> members = within_gap(nearest, d);
  const std::vector<double> weights = kernel_weights(members, members.size() < nearest.size());
  const auto drift_of = [&](int replica) {
    return Eigen::Map<const Eigen::VectorXd>(&data_.drift[static_cast<std::size_t>(replica) * d], d);
  };
  Eigen::VectorXd centre = Eigen::VectorXd::Zero(d);
  Fit result{Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Zero(d, d), Eigen::VectorXd::Zero(packed_size(d))};
  for (std::size_t i = 0; i < members.size(); ++i) {
    const int r = members[i].index;
    centre += weights[i] * (position(r) - x);
    result.drift += weights[i] * drift_of(r);
    result.diffusion +=
        weights[i] * Eigen::Map<const Eigen::VectorXd>(&data_.diffusion[static_cast<std::size_t>(r) * packed_size(d)],
                                                       packed_size(d));
  }
  // Weighted least squares about the weighted means, which decouples value and slope.
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(d, d);
  Eigen::MatrixXd with_drift = Eigen::MatrixXd::Zero(d, d);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Eigen::VectorXd u = position(members[i].index) - x - centre;
    covariance.noalias() += weights[i] * u * u.transpose();
    with_drift.noalias() += weights[i] * (drift_of(members[i].index) - result.drift) * u.transpose();
  }
  result.slope = with_drift * pseudo_inverse(covariance, members.back().distance);
  result.drift -= result.slope * centre;
  return result;
}

const LocalRegression::Fit& LocalRegression::fit_at_replica(int replica) {
  const auto known = fits_.find(replica);
  if (known != fits_.end()) return known->second;
  const Eigen::VectorXd x = position(replica);
  return fits_.emplace(replica, fit(x, index_->nearest(as_span(x), neighbours_))).first->second;
}

LocalRegression::Estimate LocalRegression::continued(int replica, const Eigen::VectorXd& x) {
  const Fit& start = fit_at_replica(replica);
  const Eigen::VectorXd way = x - position(replica);
  const double distance = way.norm();
  if (distance == 0) return {start.drift, start.diffusion};
  const Eigen::VectorXd outward = way / distance;
  // The change of velocity in scaled coordinates; its outward part would push away.
  Eigen::VectorXd change = (start.slope * way).cwiseQuotient(scale_);
  change -= std::max(0.0, outward.dot(change)) * outward;
  return {start.drift + change.cwiseProduct(scale_), start.diffusion};
}

LocalRegression::Estimate LocalRegression::evaluate(std::span<const double> w) {
  const int d = data_.dimension;
  const Eigen::VectorXd x = Eigen::Map<const Eigen::VectorXd>(w.data(), d).cwiseQuotient(scale_);
  const std::vector<Neighbour> nearest = index_->nearest(as_span(x), neighbours_);
  const std::span<const Neighbour> members = within_gap(nearest, d);
  const auto here = [&] {
    Fit found = fit(x, nearest);
    return Estimate{std::move(found.drift), std::move(found.diffusion)};
  };
  const double radius = members.back().distance;
  const double expected = std::pow(expected_in_empty_ball / static_cast<double>(members.size()), 1.0 / d);
  if (nearest[0].distance <= std::min(0.5, expected) * radius) return here();

  const Eigen::VectorXd across = x - position(nearest[0].index);
  const auto opposite = index_->nearest_in_cone(as_span(x), as_span(across), other_side);
  if (!opposite) return continued(nearest[0].index, x);
  if ((position(opposite->index) - position(nearest[0].index)).norm() <= widest_hole * radius) return here();
  const Estimate one = continued(nearest[0].index, x);
  const Estimate other = continued(opposite->index, x);
  const double a = std::pow(nearest[0].distance, 2);
  const double b = std::pow(opposite->distance, 2);
  return {(b * one.drift + a * other.drift) / (a + b), (b * one.diffusion + a * other.diffusion) / (a + b)};
}

std::vector<double> LocalRegression::leave_one_out(std::span<const int> neighbours, int n_points) const {
  const int d = data_.dimension;
  const int n = index_->size();
  const int stride = std::max(1, n / n_points);
  Eigen::VectorXd unit(d);
  for (int i = 0; i < d; ++i) unit[i] = std::max(spread(data_.drift, d, i), 1e-300);
  std::vector<double> error(neighbours.size(), 0.0);
  for (int r = 0; r < n; r += stride) {
    const Eigen::VectorXd x = position(r);
    std::vector<Neighbour> others = index_->nearest(as_span(x), neighbours.back() + 1);
    std::erase_if(others, [&](const Neighbour& each) { return each.index == r; });
    const Eigen::Map<const Eigen::VectorXd> truth(&data_.drift[static_cast<std::size_t>(r) * d], d);
    for (std::size_t i = 0; i < neighbours.size(); ++i) {
      const auto k = std::min<std::size_t>(neighbours[i], others.size());
      const Fit predicted = fit(x, std::span<const Neighbour>(others).first(k));
      error[i] += (predicted.drift - truth).cwiseQuotient(unit).squaredNorm() * stride / n;
    }
  }
  return error;
}

}  // namespace driftwood::fp
