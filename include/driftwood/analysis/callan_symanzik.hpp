#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "driftwood/analysis/field_moments.hpp"
#include "driftwood/analysis/operators.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/frame_motion.hpp"

/// The Callan-Symanzik flow (equations.md section 7) from moments: pure functions, for densities and ensembles alike.
namespace driftwood::analysis {

/// The inverse of a covariance on the combinations of operators that it tells apart: the orthogonal eigenvectors of the
/// operators' correlation matrix whose eigenvalues are above 1e-11 of the largest.
struct Conditioned {
  Eigen::MatrixXd basis;  ///< m x rank: operators' combinations with covariance 1
  double condition = 0;   ///< largest eigenvalue of the correlation matrix over its smallest (at most 1e16)

  explicit Conditioned(const Eigen::MatrixXd& covariance);
  int rank() const { return static_cast<int>(basis.cols()); }
  /// F^-1 x = basis basis^T x.
  Eigen::VectorXd solve(const Eigen::VectorXd& x) const { return basis * (basis.transpose() * x); }
};

/// The generator projected on the couplings' tangent space (7.1), in one density or ensemble.
struct Projection {
  Eigen::VectorXd mean;      ///< <O_a>
  Eigen::MatrixXd fisher;    ///< F_ab = Cov(O_a, O_b)
  Eigen::VectorXd backward;  ///< d<O_a>/dt = <L* O_a> + <dO_a/dt>, the last from the field's motion
  Eigen::VectorXd beta;      ///< -F^-1 backward
  /// Couplings by score matching (Hyvarinen 2005): the g that minimise <|grad ln p + sum_a g_a grad O_a|^2>, which
  /// needs moments only and gives back those of a density of the family.
  Eigen::VectorXd score_coupling;
  double condition = 0;  ///< of the operators' correlation matrix
  int rank = 0;          ///< combinations of operators that are told apart
};

/// The linear maps from moments in an own field to the projection, made once for an ensemble and its bootstrap samples.
class GeneratorProjection {
 public:
  /// Operators of the field u = zeta^-1 (w - m), (m, zeta) = `field`, which moves as `motion` says. Throws
  /// InternalError where dimensions differ or `layout` is of a smaller degree than the operators.
  GeneratorProjection(const OperatorSet& operators, const fp::Frame& field, const fp::FrameMotion& motion,
                      const MomentLayout& layout, const fp::Frame& own);

  /// `means`: of the layout, in the own field.
  Projection operator()(std::span<const double> means) const;

 private:
  Eigen::MatrixXd second_moments(std::span<const double> means) const;

  int n_powers_ = 0;
  std::vector<std::size_t> product_;       ///< position of u^(a+b), n_powers x n_powers
  Eigen::MatrixXd coefficient_;            ///< operators x powers
  Eigen::MatrixXd motion_;                 ///< of dO/dt, operators x powers
  std::vector<Eigen::MatrixXd> gradient_;  ///< per axis, operators x powers
  Eigen::MatrixXd laplacian_;              ///< operators x powers
  Eigen::MatrixXd backward_;               ///< operators x layout
};

/// The projection in a density or ensemble. `motion`: fp::FrameMotion of zeros for a field at rest.
Projection project(const FieldMoments& moments, const OperatorSet& operators, const fp::Frame& field,
                   const fp::FrameMotion& motion);

/// A field that does not move, and one that follows an ensemble or density: dm/dt = <b>, d zeta/dt = gamma zeta.
fp::FrameMotion at_rest(int dimension);
fp::FrameMotion following(const FieldMoments& moments);

/// How much of the density's change the operators leave out: the norm of s + sum_a beta_a (O_a - <O_a>) relative to
/// that of s = (d_t p) / p, both in L2(p), for the first n operators of each number in `n_operators`. `rate_of_change`:
/// d_t p at every cell, e.g. minus fp::divergence of the current. Throws InternalError for sizes that do not match. 0
/// where nothing changes.
std::vector<double> tangent_residuals(const fp::Density& density, std::span<const double> rate_of_change,
                                      const OperatorSet& operators, const fp::Frame& field,
                                      std::span<const int> n_operators);

/// How many operators there are up to each total degree 1, 2, .. if the set has them in this order; else 1, 2, .. all.
std::vector<int> nested_sizes(const OperatorSet& operators);

}  // namespace driftwood::analysis
