#pragma once

#include <Eigen/Core>
#include <complex>
#include <functional>
#include <optional>
#include <vector>

#include "driftwood/analysis/operators.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"

/// Where a drift that is frozen at one time leads, and the member of a family that stays there: pure functions.
namespace driftwood::analysis {

/// A stable zero of the drift, and the covariance at which the diffusion there balances the drift's slope:
/// A S + S A^T = -2 D with A_ij = d_j b_i.
struct Rest {
  Eigen::VectorXd place;
  Eigen::MatrixXd covariance;
};

/// Follows dw/dt = b(w, time) from `start` to its rest by implicit steps that grow. Slopes are differences over
/// `width` (d, > 0), and at the end over the rest's own widths, so that what is finer does not count. Nothing where
/// the way leads to a place that `is_known` refuses, or the slope at its end does not pull back.
std::optional<Rest> rest_of(const fp::Coefficients& coefficients, double time, const Eigen::VectorXd& start,
                            const Eigen::VectorXd& width, const std::function<bool(const Eigen::VectorXd&)>& is_known);

/// A zero of the beta functions as a density in w.
struct RestingMember {
  Eigen::VectorXd coupling;  ///< in the field that was asked for; empty where its operators cannot write this density
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
  std::vector<std::complex<double>> stability;  ///< of d beta / d g (7.4), by descending real part
};

/// The fixed point near a rest, d <= 2: Newton's method from the normal density there, in a box of its own that is laid
/// anew around each result until it fits. Operators that are complete up to their degree are taken in the box's own
/// field, which conditions them. Nothing where Newton's method fails or the box is still felt.
std::optional<RestingMember> resting_member(const OperatorSet& operators, const fp::Frame& field,
                                            const fp::Coefficients& coefficients, double time, const Rest& rest);

}  // namespace driftwood::analysis
