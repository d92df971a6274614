#pragma once

#include <Eigen/Core>
#include <complex>
#include <functional>
#include <vector>

#include "driftwood/analysis/operators.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"

namespace driftwood::analysis {

/// Couplings with what they were found by.
struct CouplingFit {
  Eigen::VectorXd coupling;
  bool converged = false;
  int n_iterations = 0;
};

/// A zero of the beta functions, with what small distances to it do.
struct FixedPoint {
  Eigen::VectorXd coupling;
  bool converged = false;
  int n_iterations = 0;
  /// Of d beta_a / d g_b, by descending real part: > 0 relevant (away in time), < 0 irrelevant directions.
  std::vector<std::complex<double>> stability;
};

/// Couplings along the flow, as far as it went.
struct CouplingFlow {
  std::vector<double> times;
  std::vector<Eigen::VectorXd> couplings;
  bool completed = false;
};

/// The densities p_g = exp(-sum_a g_a O_a(u)) / Z(g) of section 7 in the box of a grid, with u = zeta^-1 (w - m) of
/// `field`: integrals are sums over the cells' centres, so d <= 2. In a box p_g exists for every g; where the box is
/// felt (edge_mass), the couplings are those of the box. Pure numerics.
class ExponentialFamily {
 public:
  /// Throws InternalError where dimensions differ or exceed 2.
  ExponentialFamily(OperatorSet operators, fp::Frame field, fp::Grid grid, fp::Frame frame);

  int size() const { return operators_.size(); }
  const OperatorSet& operators() const { return operators_; }
  const fp::Grid& grid() const { return grid_; }
  const fp::Frame& frame() const { return frame_; }

  /// p_g at a time, normalised on the grid.
  fp::Density density(const Eigen::VectorXd& coupling, double time) const;
  Eigen::VectorXd means(const Eigen::VectorXd& coupling) const;   ///< <O_a>
  Eigen::MatrixXd fisher(const Eigen::VectorXd& coupling) const;  ///< Cov(O_a, O_b)
  /// Mass of the outermost cells along every axis.
  double edge_mass(const Eigen::VectorXd& coupling) const;

  /// The couplings of largest likelihood: those with <O_a> = `means`; Newton's method on the convex ln Z(g) + g . means
  /// from the better of `start` and 0. Not converged where no g of reasonable size has these means.
  CouplingFit fit(const Eigen::VectorXd& means, const Eigen::VectorXd& start) const;

  /// L* O_a = b . grad O_a + D : grad grad O_a at the cells' centres at a time, cells x operators.
  Eigen::MatrixXd backward(const fp::Coefficients& coefficients, double time) const;
  /// beta_a(g) = -F^-1_ab <L* O_b> in p_g (7.1). `backward`: as above.
  Eigen::VectorXd beta(const Eigen::VectorXd& coupling, const Eigen::MatrixXd& backward) const;
  /// Newton's method on <L* O>_g = 0 from `start`, whose Jacobian is -Cov(L* O_b, O_a); at a zero d beta / d g =
  /// F^-1 Cov(L* O, O). Not converged: the last couplings, without stability.
  FixedPoint fixed_point(const Eigen::VectorXd& start, const Eigen::MatrixXd& backward) const;
  /// dg/dt = beta(g) from `start` at times[0] to the later times, by Dormand and Prince's method with error control.
  CouplingFlow flow(const Eigen::VectorXd& start, const std::vector<double>& times,
                    const fp::Coefficients& coefficients) const;

 private:
  /// Probabilities of the cells and ln of their sum before it was divided by (less ln of a cell's volume).
  struct State {
    Eigen::VectorXd probability;
    double log_sum = 0;
    Eigen::VectorXd mean;
  };
  State state(const Eigen::VectorXd& coupling) const;
  Eigen::MatrixXd covariance(const State& state, const Eigen::MatrixXd& values) const;
  /// Derivatives of the operators by u at the cells, which backward() combines with drift and diffusion.
  struct Derivatives {
    std::vector<Eigen::MatrixXd> first;   ///< per axis, cells x operators
    std::vector<Eigen::MatrixXd> second;  ///< per pair of axes, packed
  };
  Derivatives derivatives() const;
  Eigen::MatrixXd backward(const Derivatives& derivatives, const fp::Coefficients& coefficients, double time) const;

  OperatorSet operators_;
  fp::Frame field_;
  fp::Grid grid_;
  fp::Frame frame_;
  Eigen::VectorXd volume_;  ///< of the cells, relative to the largest
  Eigen::MatrixXd values_;  ///< cells x operators
};

/// A box around the mean and widths of a density or ensemble, `reach` widths or 7 wide, whichever is more; of 400 cells
/// on a line, 64 an axis in a plane.
fp::Grid family_grid(int dimension, double reach);

}  // namespace driftwood::analysis
