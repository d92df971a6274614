#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "driftwood/fp/density.hpp"
#include "driftwood/fp/edge_rates.hpp"

namespace driftwood::fp {

/// Which parts of the frame w = m + S z follow the density: none, m, m and a diagonal S, or m and a lower triangular S
/// (equations.md section 4).
enum class FrameKind { fixed, shifted, diagonal, full };

/// dm/dt and dS/dt, lower triangular (diagonal but for FrameKind::full).
struct FrameMotion {
  Eigen::VectorXd centre_rate;
  Eigen::MatrixXd scale_rate;

  bool is_at_rest() const { return centre_rate.isZero(0.0) && scale_rate.isZero(0.0); }
};

/// The frame after a time `dt` of this motion.
Frame moved(const Frame& frame, const FrameMotion& motion, double dt);

/// Moments of a density and its coefficients; sums of the ranks' parts are the moments of the whole.
struct MotionSums {
  static std::size_t size(int dimension) {
    const auto d = static_cast<std::size_t>(dimension);
    return 1 + 2 * d + d * d + d * (d + 1);
  }
  /// This range's part: mass; then the sums of w_i (d), w_i w_j (packed), b_i (d), w_i b_j (d x d), D_ij (packed), with
  /// w at the cells' centres measured from `origin`. `mass`: one value a cell of `range`; `drift` (x d) and `diffusion`
  /// (x packed) at the same cells' centres. `row_cells` > 0: one part after another, of so many cells each.
  static std::vector<double> of(const Grid& grid, const Frame& frame, CellRange range, std::span<const double> mass,
                                std::span<const double> drift, std::span<const double> diffusion,
                                const Eigen::VectorXd& origin, long row_cells = 0);
};

/// Moments and their growth rates by the moment equations (4.4), from the whole's sums.
struct MomentRates {
  Eigen::VectorXd mean_rate;        ///< d<w>/dt = <b>
  Eigen::VectorXd log_width_rate;   ///< d ln(std)/dt = (<(w - <w>) b> + <D>) / variance; 0 without a width
  Eigen::MatrixXd covariance;       ///< Sigma, of the masses at the cells' centres
  Eigen::MatrixXd covariance_rate;  ///< dSigma/dt = <(w - <w>) b^T> + <b (w - <w>)^T> + 2 <D>
};
MomentRates moment_rates(std::span<const double> sums, int dimension);

/// The anomalous dimension gamma = (dS/dt) S^-1 (4.5) of a frame that follows the density, d x d. `full`: of the
/// triangular S = chol(Sigma), gamma = S Phi(S^-1 dSigma/dt S^-T) S^-1 with Phi the lower triangle and half the
/// diagonal, so that the covariance in z is constant; the same for any other lower triangular S that follows in this
/// sense. Other kinds, and where Sigma is singular: diagonal, the rates of ln(std), also for frames that stay.
Eigen::MatrixXd anomalous_dimension(FrameKind kind, const MomentRates& rates);

/// The motion of a frame of this kind: its centre moves with the mean, its scale grows like the density, dS/dt = gamma
/// S.
FrameMotion frame_motion(FrameKind kind, const Frame& frame, const MomentRates& rates);

/// Mean and covariance of the masses at the cells' centres.
struct Spread {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};
/// Of all cells of a grid, in w.
Spread spread_of(const Grid& grid, const Frame& frame, std::span<const double> mass);

/// The frame in which these masses have the wanted mean and covariance (the variances alone, but for FrameKind::full):
/// what a remap with an error of a higher order changed of them is put right. Where that takes more than a few per cent
/// of a width, or there is no width, the frame as it is.
Frame with_spread(FrameKind kind, const Grid& grid, const Frame& frame, std::span<const double> mass,
                  const Spread& wanted);

/// (4.3): u = S^-1 (b - dm/dt - (dS/dt) z) and E = S^-1 D S^-T, in place, for the cells of `range`. On a stretched grid
/// then those of xi (5.1), in which the cells are uniform: u_i / g_i' - E_ii g_i'' / g_i'^3 and E_ij / (g_i' g_j').
void to_frame(const Grid& grid, const Frame& frame, const FrameMotion& motion, CellCoefficients& coefficients);

/// w at the centres of a range of cells, range.count x d.
std::vector<double> cell_centres(const Grid& grid, const Frame& frame, CellRange range);

}  // namespace driftwood::fp
