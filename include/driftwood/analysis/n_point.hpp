#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "driftwood/analysis/operators.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"

namespace driftwood::analysis {

/// The terms of the Callan-Symanzik equation (7.2) for one n-point function at one delay, of renormalised fields w_k /
/// zeta_k(g), with zeta_k(g) the standard deviation of w_k in p_g: G = E[prod_k (w_k(t + tau) / zeta_k)^n_k | p].
struct NPointTerms {
  double value = 0;          ///< G
  double delay = 0;          ///< -dG/dtau
  double coupling_flow = 0;  ///< sum_a beta_a dG/dg_a
  double scaling = 0;        ///< sum_k n_k gamma_k G, gamma_k = sum_a beta_a d ln zeta_k / d g_a
  double residual = 0;       ///< the sum of the last three: what the couplings leave out
  /// |residual| over its largest possible size, the density's whole change seen by the function: |(d_t p) / p| times
  /// the standard deviation of the function, in L2(p). 0..1.
  double relative_residual = 0;
};

/// `density` and its discrete `rate_of_change` d_t p (one value a cell), `function` = u_n(w, tau) at the cells of the
/// backward equation with the same rates, u_n(w, 0) = prod_k w_k^n_k. Terms for the first n operators of each number in
/// `n_operators`, beta from the same discrete rates. Bare fields: `is_renormalised` = false, zeta = 1 and no scaling.
/// Throws InternalError for sizes that do not match.
std::vector<NPointTerms> n_point_terms(const fp::Density& density, std::span<const double> rate_of_change,
                                       const OperatorSet& operators, const fp::Frame& field,
                                       std::span<const double> function, const Powers& powers, bool is_renormalised,
                                       std::span<const int> n_operators);

/// d_t p at every cell by the rates of Chang and Cooper's flux, which the backward equation's matrix has too, in the
/// density's frame at rest.
std::vector<double> discrete_rate_of_change(const fp::Density& density, const fp::Coefficients& coefficients);

/// prod_k w_k^n_k at the cells' centres.
std::vector<double> product_of_weights(const fp::Grid& grid, const fp::Frame& frame, const Powers& powers);

}  // namespace driftwood::analysis
