#pragma once

#include <Eigen/Core>
#include <span>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/initial_density.hpp"

namespace driftwood::fp {

/// The L1 distance between a solved density and a Gaussian, by its values at the cells' centres.
double l1_error(const Density& density, const Gaussian& exact);

/// Ornstein-Uhlenbeck: b = -A (w - a), constant D; d = 1..4, A any matrix (also not symmetric), D symmetric positive
/// semidefinite. A normal density stays normal.
class OrnsteinUhlenbeck : public Coefficients {
 public:
  /// Throws InternalError if the sizes do not match.
  OrnsteinUhlenbeck(Eigen::MatrixXd drift_matrix, Eigen::VectorXd centre, Eigen::MatrixXd diffusion);

  int dimension() const override { return static_cast<int>(centre_.size()); }
  bool depends_on_time() const override { return false; }
  void evaluate(double t, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override;

  /// After a time t: mean a + e^{-At} (m0 - a), covariance e^{-At} Sigma0 e^{-A^T t} + int_0^t 2 e^{-As} D e^{-A^T s}
  /// ds (the integral by Van Loan 1978).
  Gaussian evolve(const Gaussian& start, double t) const;

 private:
  Eigen::MatrixXd drift_matrix_;
  Eigen::VectorXd centre_;
  Eigen::MatrixXd diffusion_;
};

}  // namespace driftwood::fp
