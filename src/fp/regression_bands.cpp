// How well the local regression knows what it estimates.
#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "driftwood/core/packed.hpp"
#include "driftwood/fp/regression.hpp"
#include "local_kernel.hpp"

namespace driftwood::fp {

namespace {

using stats::Neighbour;

/// Weighted least squares of some quantities on a constant and r slopes: rows of replicas with their places v (n x r)
/// and the quantities (n x c).
class LocalFit {
 public:
  LocalFit(const Eigen::MatrixXd& v, const Eigen::VectorXd& weights, const Eigen::VectorXd& at) {
    const double sum = weights.sum();
    const Eigen::RowVectorXd centre = weights.transpose() * v / sum;
    const Eigen::MatrixXd u = v.rowwise() - centre;
    const Eigen::MatrixXd covariance = u.transpose() * weights.asDiagonal() * u / sum;
    const Eigen::VectorXd pull = covariance.ldlt().solve(at - centre.transpose());
    linear_ = weights.cwiseProduct((u * pull).array().matrix() + Eigen::VectorXd::Ones(u.rows())) / sum;
  }
  /// The estimate at `at` is the sum of the replicas' values times these.
  const Eigen::VectorXd& linear() const { return linear_; }

 private:
  Eigen::VectorXd linear_;
};

}  // namespace

LocalRegression::Uncertainty LocalRegression::uncertainty(std::span<const double> w, const BandWeights& weights) const {
  const int d = data_.dimension;
  const Place asked = place(w);
  const Eigen::VectorXd anchor = asked.is_carried ? asked.x : Eigen::VectorXd(position(asked.nearest[0].index));
  const std::vector<Neighbour> nearest =
      asked.is_carried ? asked.nearest : index_->nearest({anchor.data(), static_cast<std::size_t>(d)}, neighbours_);
  const std::span<const Neighbour> members = within_gap(nearest, d);
  const std::vector<double> kernel = kernel_weights(members, members.size() < nearest.size());
  const auto n = static_cast<Eigen::Index>(members.size());
  const Eigen::Map<const Eigen::VectorXd> a(kernel.data(), n);
  Eigen::MatrixXd u(n, d);
  Eigen::MatrixXd drift(n, d);
  Eigen::MatrixXd diffusion(n, packed_size(d));
  Eigen::MatrixXd of_sample(weights.n_samples(), n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const int r = members[i].index;
    u.row(i) = position(r) - anchor;
    drift.row(i) = drift_of(r);
    diffusion.row(i) = diffusion_of(r);
    weights.write(r, {of_sample.col(i).data(), static_cast<std::size_t>(weights.n_samples())});
  }
  const Eigen::MatrixXd spread_out = u.rowwise() - Eigen::RowVectorXd(a.transpose() * u);
  const Eigen::MatrixXd along =
      directions_of_spread(spread_out.transpose() * a.asDiagonal() * spread_out, members.back().distance);
  const Eigen::MatrixXd v = u * along;
  const Eigen::VectorXd way = along.transpose() * (asked.x - anchor);

  const LocalFit fitted(v, a, way);
  Eigen::MatrixXd drifts(weights.n_samples(), d);
  for (Eigen::Index sample = 0; sample < drifts.rows(); ++sample)
    drifts.row(sample) =
        LocalFit(v, a.cwiseProduct(of_sample.row(sample).transpose()), way).linear().transpose() * drift;
  const Eigen::MatrixXd drawn = of_sample * a.asDiagonal();
  const Eigen::MatrixXd diffusions = drawn.rowwise().sum().cwiseInverse().asDiagonal() * (drawn * diffusion);

  const double effective = 1 / a.squaredNorm();
  const double freedom = std::max(1.0, effective - 1 - static_cast<double>(along.cols()));
  // Residuals about a line that follows them: of the kernel's members, in units of the freedom they have.
  Eigen::MatrixXd design(n, along.cols() + 1);
  design << Eigen::VectorXd::Ones(n), v;
  const Eigen::MatrixXd line =
      (design.transpose() * a.asDiagonal() * design).ldlt().solve(design.transpose() * a.asDiagonal() * drift);
  const Eigen::VectorXd variance = (drift - design * line).cwiseAbs2().transpose() * a * (effective / freedom);
  return {std::sqrt(effective / freedom) * half_widths(drifts, freedom),
          std::sqrt(effective / std::max(1.0, effective - 1)) * half_widths(diffusions, effective - 1), variance,
          1 / fitted.linear().squaredNorm()};
}

}  // namespace driftwood::fp
