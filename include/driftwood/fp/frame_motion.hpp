#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "driftwood/fp/density.hpp"
#include "driftwood/fp/edge_rates.hpp"

namespace driftwood::fp {

/// Which parts of the frame w = m + S z follow the density: none, m, or m and a diagonal S (equations.md section 4).
enum class FrameKind { fixed, shifted, diagonal, full };

/// dm/dt and the diagonal of dS/dt.
struct FrameMotion {
  Eigen::VectorXd centre_rate;
  Eigen::VectorXd scale_rate;

  bool is_at_rest() const { return centre_rate.isZero(0.0) && scale_rate.isZero(0.0); }
};

/// The frame after a time `dt` of this motion.
Frame moved(const Frame& frame, const FrameMotion& motion, double dt);

/// Moments of a density and its coefficients; sums of the ranks' parts are the moments of the whole.
struct MotionSums {
  static std::size_t size(int dimension) { return 1 + 5 * static_cast<std::size_t>(dimension); }
  /// This range's part: mass; per axis the sums of w, w^2, b, w b, D_kk, with w measured from `origin`.
  /// `mass`: one value a cell of `range`; `drift` (x d) and `diffusion` (x packed) at the same cells' centres.
  static std::vector<double> of(const Grid& grid, const Frame& frame, CellRange range, std::span<const double> mass,
                                std::span<const double> drift, std::span<const double> diffusion,
                                const Eigen::VectorXd& origin);
};

/// The growth rates of mean and width by the moment equations (4.4), from the whole's sums.
struct MomentRates {
  Eigen::VectorXd mean_rate;       ///< d<w>/dt = <b>
  Eigen::VectorXd log_width_rate;  ///< d ln(std)/dt = (<(w - <w>) b> + <D>) / variance: the anomalous dimension (4.5)
};
MomentRates moment_rates(std::span<const double> sums, int dimension);

/// The motion of a frame of this kind: its centre moves with the mean, its scale grows like the width.
FrameMotion frame_motion(FrameKind kind, const Frame& frame, const MomentRates& rates);

/// (4.3): u = S^-1 (b - dm/dt - (dS/dt) z) and E = S^-1 D S^-T, in place, for the cells of `range`. Diagonal frames.
void to_frame(const Grid& grid, const Frame& frame, const FrameMotion& motion, CellCoefficients& coefficients);

/// w at the centres of a range of cells, range.count x d.
std::vector<double> cell_centres(const Grid& grid, const Frame& frame, CellRange range);

}  // namespace driftwood::fp
