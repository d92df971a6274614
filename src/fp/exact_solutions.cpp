#include "driftwood/fp/exact_solutions.hpp"

#include <Eigen/Cholesky>
#include <cmath>
#include <numbers>
#include <unsupported/Eigen/MatrixFunctions>
#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"

namespace driftwood::fp {

namespace {

/// A Gaussian's density, factorised once for many points.
class GaussianDensity {
 public:
  explicit GaussianDensity(const Gaussian& gaussian) : mean_(gaussian.mean), factor_(gaussian.covariance) {
    const auto d = static_cast<double>(mean_.size());
    log_norm_ = -d / 2 * std::log(2 * std::numbers::pi);
    for (Eigen::Index k = 0; k < mean_.size(); ++k) log_norm_ -= std::log(factor_.matrixLLT()(k, k));
  }
  double at(const Eigen::VectorXd& w) const {
    return std::exp(log_norm_ - factor_.matrixL().solve(w - mean_).squaredNorm() / 2);
  }

 private:
  Eigen::VectorXd mean_;
  Eigen::LLT<Eigen::MatrixXd> factor_;
  double log_norm_ = 0;
};

}  // namespace

double density_at(const Gaussian& gaussian, std::span<const double> w) {
  return GaussianDensity(gaussian).at(Eigen::Map<const Eigen::VectorXd>(w.data(), static_cast<Eigen::Index>(w.size())));
}

double l1_error(const Density& density, const Gaussian& exact) {
  const GaussianDensity gaussian(exact);
  const Grid& grid = density.grid;
  Eigen::VectorXd z(grid.dimension());
  double sum = 0;
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    long rest = cell;
    for (int k = grid.dimension() - 1; k >= 0; --k) {
      z[k] = grid.z_centre(k, static_cast<int>(rest % grid.cells[k]));
      rest /= grid.cells[k];
    }
    sum += std::abs(density.p[cell] - gaussian.at(density.frame.centre + density.frame.scale * z));
  }
  return sum * density.cell_volume();
}

OrnsteinUhlenbeck::OrnsteinUhlenbeck(Eigen::MatrixXd drift_matrix, Eigen::VectorXd centre, Eigen::MatrixXd diffusion)
    : drift_matrix_(std::move(drift_matrix)), centre_(std::move(centre)), diffusion_(std::move(diffusion)) {
  const auto d = centre_.size();
  if (d < 1 || d > 4 || drift_matrix_.rows() != d || drift_matrix_.cols() != d || diffusion_.rows() != d ||
      diffusion_.cols() != d)
    throw InternalError("Ornstein-Uhlenbeck needs d x d matrices and a centre of d entries, d = 1..4");
}

void OrnsteinUhlenbeck::evaluate(double /*t*/, std::span<const double> w, std::span<double> drift,
                                 std::span<double> diffusion) const {
  const int d = dimension();
  for (std::size_t i = 0; i * d < w.size(); ++i) {
    Eigen::Map<Eigen::VectorXd>(&drift[i * d], d) =
        -drift_matrix_ * (Eigen::Map<const Eigen::VectorXd>(&w[i * d], d) - centre_);
    for (int k = 0; k < d; ++k)
      for (int l = k; l < d; ++l) diffusion[i * packed_size(d) + packed_index(d, k, l)] = diffusion_(k, l);
  }
}

Gaussian OrnsteinUhlenbeck::evolve(const Gaussian& start, double t) const {
  const int d = dimension();
  Eigen::MatrixXd block = Eigen::MatrixXd::Zero(2 * d, 2 * d);
  block.topLeftCorner(d, d) = drift_matrix_;
  block.topRightCorner(d, d) = 2 * diffusion_;
  block.bottomRightCorner(d, d) = -drift_matrix_.transpose();
  const Eigen::MatrixXd exponential = (t * block).exp();
  const Eigen::MatrixXd decay = (-t * drift_matrix_).exp();
  return {centre_ + decay * (start.mean - centre_),
          decay * start.covariance * decay.transpose() + decay * exponential.topRightCorner(d, d)};
}

}  // namespace driftwood::fp
