#include "driftwood/fp/regression.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/stats/distances.hpp"
#include "local_kernel.hpp"

namespace driftwood::fp {

namespace {

using stats::Neighbour;

/// Rule 2: a ball that should hold so many replicas is empty by chance once in a thousand.
constexpr double expected_in_empty_ball = 7.0;
/// Rule 2: the widest hole, in radii of the neighbourhood, that does not count as a gap.
constexpr double widest_hole = 0.5;
/// Rule 3: cosine of the angle within which a replica is on the other side.
constexpr double other_side = 0.5;
std::span<const double> as_span(const Eigen::VectorXd& x) {
  return {x.data(), static_cast<std::size_t>(x.size())};
}

/// The inverse of the replicas' covariance on the directions in which they spread, 0 on the others.
Eigen::MatrixXd pseudo_inverse(const Eigen::MatrixXd& covariance, double radius) {
  const Eigen::MatrixXd along = directions_of_spread(covariance, radius);
  const Eigen::MatrixXd within = along.transpose() * covariance * along;
  return along * within.diagonal().cwiseInverse().asDiagonal() * along.transpose();
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

Eigen::Map<const Eigen::VectorXd> LocalRegression::drift_of(int replica) const {
  return {&data_.drift[static_cast<std::size_t>(replica) * data_.dimension], data_.dimension};
}

Eigen::Map<const Eigen::VectorXd> LocalRegression::diffusion_of(int replica) const {
  const int n_pairs = packed_size(data_.dimension);
  return {&data_.diffusion[static_cast<std::size_t>(replica) * n_pairs], n_pairs};
}

LocalRegression::Fit LocalRegression::fit(const Eigen::VectorXd& x, std::span<const Neighbour> nearest) const {
  const int d = data_.dimension;
  const std::span<const Neighbour> members = within_gap(nearest, d);
  const std::vector<double> weights = kernel_weights(members, members.size() < nearest.size());
  Eigen::VectorXd centre = Eigen::VectorXd::Zero(d);
  Fit result{Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Zero(d, d), Eigen::VectorXd::Zero(packed_size(d))};
  for (std::size_t i = 0; i < members.size(); ++i) {
    const int r = members[i].index;
    centre += weights[i] * (position(r) - x);
    result.drift += weights[i] * drift_of(r);
    result.diffusion += weights[i] * diffusion_of(r);
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
  if (distance == 0) return {start.drift, start.diffusion, false};
  const Eigen::VectorXd outward = way / distance;
  // The change of velocity in scaled coordinates; its outward part would push away.
  Eigen::VectorXd change = (start.slope * way).cwiseQuotient(scale_);
  change -= std::max(0.0, outward.dot(change)) * outward;
  return {start.drift + change.cwiseProduct(scale_), start.diffusion, false};
}

LocalRegression::Place LocalRegression::place(std::span<const double> w) const {
  const int d = data_.dimension;
  Place result{Eigen::Map<const Eigen::VectorXd>(w.data(), d).cwiseQuotient(scale_), {}, {}, false};
  result.nearest = index_->nearest(as_span(result.x), neighbours_);
  const std::span<const Neighbour> members = within_gap(result.nearest, d);
  const double radius = members.back().distance;
  const double expected = std::pow(expected_in_empty_ball / static_cast<double>(members.size()), 1.0 / d);
  result.is_carried = result.nearest[0].distance <= std::min(0.5, expected) * radius;
  if (result.is_carried) return result;
  const Eigen::VectorXd first = position(result.nearest[0].index);
  const Eigen::VectorXd across = result.x - first;
  result.opposite = index_->nearest_in_cone(as_span(result.x), as_span(across), other_side);
  result.is_carried = result.opposite && (position(result.opposite->index) - first).norm() <= widest_hole * radius;
  return result;
}

LocalRegression::Estimate LocalRegression::evaluate(std::span<const double> w) {
  const Place at = place(w);
  if (at.is_carried) {
    Fit found = fit(at.x, at.nearest);
    return {std::move(found.drift), std::move(found.diffusion), true};
  }
  if (!at.opposite) return continued(at.nearest[0].index, at.x);
  const Estimate one = continued(at.nearest[0].index, at.x);
  const Estimate other = continued(at.opposite->index, at.x);
  const double a = std::pow(at.nearest[0].distance, 2);
  const double b = std::pow(at.opposite->distance, 2);
  return {(b * one.drift + a * other.drift) / (a + b), (b * one.diffusion + a * other.diffusion) / (a + b), false};
}

Eigen::MatrixXd LocalRegression::leave_one_out(std::span<const int> neighbours, int n_points) const {
  const int d = data_.dimension;
  const int n = index_->size();
  const int stride = std::max(1, n / n_points);
  Eigen::VectorXd unit(d);
  for (int i = 0; i < d; ++i) unit[i] = std::max(spread(data_.drift, d, i), 1e-300);
  Eigen::MatrixXd error = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(neighbours.size()), d);
  for (int r = 0; r < n; r += stride) {
    const Eigen::VectorXd x = position(r);
    std::vector<Neighbour> others = index_->nearest(as_span(x), neighbours.back() + 1);
    std::erase_if(others, [&](const Neighbour& each) { return each.index == r; });
    if (others.empty()) continue;
    for (std::size_t i = 0; i < neighbours.size(); ++i) {
      const auto k = std::min<std::size_t>(neighbours[i], others.size());
      const Fit predicted = fit(x, std::span<const Neighbour>(others).first(k));
      error.row(static_cast<Eigen::Index>(i)) +=
          (predicted.drift - drift_of(r)).cwiseQuotient(unit).cwiseAbs2().transpose() * stride / n;
    }
  }
  return error;
}

}  // namespace driftwood::fp
