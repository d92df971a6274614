#include "driftwood/fp/frame_motion.hpp"

#include <algorithm>
#include <cmath>

#include "driftwood/core/packed.hpp"

namespace driftwood::fp {

namespace {

/// Calls `visit(position in the range, z of the cell's centre)`.
template <class Visit>
void for_each_cell(const Grid& grid, CellRange range, Visit&& visit) {
  const int d = grid.dimension();
  std::vector<int> index(d);
  std::vector<double> z(d);
  long rest = range.first;
  for (int k = d - 1; k >= 0; --k) {
    index[k] = static_cast<int>(rest % grid.cells[k]);
    rest /= grid.cells[k];
    z[k] = grid.z_centre(k, index[k]);
  }
  for (long i = 0; i < range.count; ++i) {
    visit(static_cast<std::size_t>(i), z.data());
    for (int k = d - 1; k >= 0; --k) {
      index[k] = index[k] + 1 == grid.cells[k] ? 0 : index[k] + 1;
      z[k] = grid.z_centre(k, index[k]);
      if (index[k] != 0) break;
    }
  }
}

}  // namespace

Frame moved(const Frame& frame, const FrameMotion& motion, double dt) {
  Frame result = frame;
  result.centre += dt * motion.centre_rate;
  result.scale.diagonal() += dt * motion.scale_rate;
  return result;
}

std::vector<double> MotionSums::of(const Grid& grid, const Frame& frame, CellRange range, std::span<const double> mass,
                                   std::span<const double> drift, std::span<const double> diffusion,
                                   const Eigen::VectorXd& origin) {
  const int d = grid.dimension();
  std::vector<double> sums(size(d), 0.0);
  for_each_cell(grid, range, [&](std::size_t i, const double* z) {
    const double m = mass[i];
    sums[0] += m;
    for (int k = 0; k < d; ++k) {
      const double w = frame.centre[k] + frame.scale(k, k) * z[k] - origin[k];
      const double b = drift[i * d + k];
      double* axis = &sums[1 + 5 * k];
      axis[0] += m * w;
      axis[1] += m * w * w;
      axis[2] += m * b;
      axis[3] += m * w * b;
      axis[4] += m * diffusion[i * packed_size(d) + packed_index(d, k, k)];
    }
  });
  return sums;
}

MomentRates moment_rates(std::span<const double> sums, int dimension) {
  MomentRates rates{Eigen::VectorXd(dimension), Eigen::VectorXd(dimension)};
  const double mass = sums[0];
  for (int k = 0; k < dimension; ++k) {
    const double* axis = &sums[1 + 5 * k];
    const double mean = axis[0] / mass;
    const double variance = axis[1] / mass - mean * mean;
    const double b = axis[2] / mass;
    rates.mean_rate[k] = b;
    rates.log_width_rate[k] = variance > 0 ? (axis[3] / mass - mean * b + axis[4] / mass) / variance : 0.0;
  }
  return rates;
}

FrameMotion frame_motion(FrameKind kind, const Frame& frame, const MomentRates& rates) {
  const int d = frame.dimension();
  FrameMotion motion{Eigen::VectorXd::Zero(d), Eigen::VectorXd::Zero(d)};
  if (kind != FrameKind::fixed) motion.centre_rate = rates.mean_rate;
  if (kind == FrameKind::diagonal) motion.scale_rate = frame.scale.diagonal().cwiseProduct(rates.log_width_rate);
  return motion;
}

void to_frame(const Grid& grid, const Frame& frame, const FrameMotion& motion, CellCoefficients& coefficients) {
  const int d = grid.dimension();
  const int n_pairs = packed_size(d);
  for_each_cell(grid, coefficients.range, [&](std::size_t i, const double* z) {
    for (int k = 0; k < d; ++k) {
      double& drift = coefficients.drift[i * d + k];
      drift = (drift - motion.centre_rate[k] - motion.scale_rate[k] * z[k]) / frame.scale(k, k);
      for (int l = k; l < d; ++l)
        coefficients.diffusion[i * n_pairs + packed_index(d, k, l)] /= frame.scale(k, k) * frame.scale(l, l);
    }
  });
}

std::vector<double> cell_centres(const Grid& grid, const Frame& frame, CellRange range) {
  const int d = grid.dimension();
  std::vector<double> w(static_cast<std::size_t>(range.count) * d);
  for_each_cell(grid, range, [&](std::size_t i, const double* z) {
    for (int k = 0; k < d; ++k) w[i * d + k] = frame.centre[k] + frame.scale(k, k) * z[k];
  });
  return w;
}

}  // namespace driftwood::fp
