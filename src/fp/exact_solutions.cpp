#include "driftwood/fp/exact_solutions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unsupported/Eigen/MatrixFunctions>
#include <utility>

#include "cell_walk.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"

namespace driftwood::fp {

double l1_error(const Density& density, const Gaussian& exact) {
  const GaussianValue gaussian(exact);
  const Grid& grid = density.grid;
  const std::vector<double> volume = density.cell_volumes();
  Eigen::VectorXd z(grid.dimension());
  double sum = 0;
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    long rest = cell;
    for (int k = grid.dimension() - 1; k >= 0; --k) {
      z[k] = grid.z_centre(k, static_cast<int>(rest % grid.cells[k]));
      rest /= grid.cells[k];
    }
    sum += volume[cell] * std::abs(density.p[cell] - gaussian.at(density.frame.centre + density.frame.scale * z));
  }
  return sum;
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
  for_dimension(d, [&](auto dimension) {
    constexpr int n = dimension;
    const SmallMatrix<n> matrix = small_matrix<n>(drift_matrix_);
    std::array<double, n> centre{};
    for (int k = 0; k < n; ++k) centre[k] = centre_[k];
    std::array<double, packed_size(n)> packed{};
    for (int k = 0; k < n; ++k)
      for (int l = k; l < n; ++l) packed[packed_index(n, k, l)] = diffusion_(k, l);
    for (std::size_t i = 0; i * n < w.size(); ++i) {
      for (int k = 0; k < n; ++k) {
        double pull = 0;
        for (int l = 0; l < n; ++l) pull += matrix[k][l] * (w[i * n + l] - centre[l]);
        drift[i * n + k] = -pull;
      }
      std::copy(packed.begin(), packed.end(), diffusion.begin() + static_cast<long>(i) * packed_size(n));
    }
  });
}

Gaussian OrnsteinUhlenbeck::evolve(const Gaussian& start, double t) const {
  const int d = dimension();
  // Over a long time the block's growing exponential would drown the decaying one: a short time, doubled.
  const double size = drift_matrix_.cwiseAbs().rowwise().sum().maxCoeff() * t;
  const int n_doublings = size > 1 ? static_cast<int>(std::ceil(std::log2(size))) : 0;
  const double part = std::ldexp(t, -n_doublings);
  Eigen::MatrixXd block = Eigen::MatrixXd::Zero(2 * d, 2 * d);
  block.topLeftCorner(d, d) = drift_matrix_;
  block.topRightCorner(d, d) = 2 * diffusion_;
  block.bottomRightCorner(d, d) = -drift_matrix_.transpose();
  const Eigen::MatrixXd exponential = (part * block).exp();
  Eigen::MatrixXd decay = (-part * drift_matrix_).exp();
  Eigen::MatrixXd spread = decay * exponential.topRightCorner(d, d);
  for (int i = 0; i < n_doublings; ++i) {
    spread = (spread + decay * spread * decay.transpose()).eval();
    decay = (decay * decay).eval();
  }
  const Eigen::MatrixXd covariance = decay * start.covariance * decay.transpose() + spread;
  return {centre_ + decay * (start.mean - centre_), (covariance + covariance.transpose()) / 2};
}

}  // namespace driftwood::fp
