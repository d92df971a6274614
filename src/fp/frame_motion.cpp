#include "driftwood/fp/frame_motion.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <optional>

#include "cell_walk.hpp"
#include "driftwood/core/packed.hpp"

namespace driftwood::fp {

namespace {

/// Positions of the parts of MotionSums.
struct Layout {
  explicit Layout(int d) : w(1), ww(w + d), b(ww + packed_size(d)), wb(b + d), diffusion(wb + d * d) {}
  int w, ww, b, wb, diffusion;
};

/// w = shift + scale z at a cell's centre.
template <int d>
std::array<double, d> place(const std::array<double, d>& shift, const SmallMatrix<d>& scale,
                            const std::vector<std::vector<double>>& z, const std::array<int, d>& index) {
  std::array<double, d> w = shift;
  for (int k = 0; k < d; ++k) {
    const double z_k = z[k][index[k]];
    for (int i = k; i < d; ++i) w[i] += scale[i][k] * z_k;
  }
  return w;
}

template <int d>
std::array<double, d> small_vector(const Eigen::VectorXd& vector) {
  std::array<double, d> small{};
  for (int i = 0; i < d; ++i) small[i] = vector[i];
  return small;
}

/// A row of sums for every `row_cells` cells of the range.
template <int d>
void add_moments(const Grid& grid, const Frame& frame, CellRange range, long row_cells, std::span<const double> mass,
                 std::span<const double> drift, std::span<const double> diffusion, const Eigen::VectorXd& origin,
                 std::span<double> rows) {
  const Layout at(d);
  const auto z = z_centres(grid);
  const SmallMatrix<d> scale = small_matrix<d>(frame.scale);
  const std::array<double, d> shift = small_vector<d>(frame.centre - origin);
  double* sums = rows.data();
  long first = 0;
  const auto add_cell = [&](std::size_t in_row, const std::array<int, d>& index) {
    const std::size_t i = first + in_row;
    const std::array<double, d> w = place<d>(shift, scale, z, index);
    const double m = mass[i];
    const double* b = &drift[i * d];
    const double* tensor = &diffusion[i * packed_size(d)];
    sums[0] += m;
    for (int k = 0, pair = 0; k < d; ++k) {
      sums[at.w + k] += m * w[k];
      sums[at.b + k] += m * b[k];
      for (int l = 0; l < d; ++l) sums[at.wb + k * d + l] += m * w[k] * b[l];
      for (int l = k; l < d; ++l, ++pair) {
        sums[at.ww + pair] += m * w[k] * w[l];
        sums[at.diffusion + pair] += m * tensor[pair];
      }
    }
  };
  for (; first < range.count; first += row_cells, sums += MotionSums::size(d))
    for_each_cell<d>(grid, {range.first + first, row_cells}, add_cell);
}

/// From z to the coordinate xi of a stretched grid by Ito's lemma (5.1), in place: per layer 1 / g' and g'' / g'^3.
class Stretching {
 public:
  explicit Stretching(const Grid& grid)
      : inverse_slope_(at_layers(grid, [&](int k, int i) { return 1 / grid.slope_at(grid.xi_centre(k, i)); })),
        bend_(at_layers(grid, [&](int k, int i) {
          const double xi = grid.xi_centre(k, i);
          return grid.bend_at(xi) / std::pow(grid.slope_at(xi), 3);
        })) {}

  template <int d>
  void apply(const std::array<int, d>& index, double* drift, double* diffusion) const {
    for (int k = 0, pair = 0; k < d; ++k) {
      const double along = inverse_slope_[k][index[k]];
      drift[k] = drift[k] * along - diffusion[pair] * bend_[k][index[k]];
      for (int l = k; l < d; ++l, ++pair) diffusion[pair] *= along * inverse_slope_[l][index[l]];
    }
  }

 private:
  std::vector<std::vector<double>> inverse_slope_;
  std::vector<std::vector<double>> bend_;
};

/// (4.3) for cells of dimension d. Nothing in the loop is allocated.
template <int d>
void transform(const Grid& grid, const Frame& frame, const FrameMotion& motion, CellCoefficients& coefficients) {
  const auto solver = frame.scale.triangularView<Eigen::Lower>();
  const Eigen::MatrixXd inverse_matrix = solver.solve(Eigen::MatrixXd::Identity(d, d));
  const SmallMatrix<d> inverse = small_matrix<d>(inverse_matrix);
  const SmallMatrix<d> growth = small_matrix<d>(inverse_matrix * motion.scale_rate);
  const std::array<double, d> shift = small_vector<d>(inverse_matrix * motion.centre_rate);
  const auto z = z_centres(grid);
  std::optional<Stretching> stretching;
  if (!grid.is_uniform()) stretching.emplace(grid);
  for_each_cell<d>(grid, coefficients.range, [&](std::size_t i, const std::array<int, d>& index) {
    double* drift = &coefficients.drift[i * d];
    double* diffusion = &coefficients.diffusion[i * packed_size(d)];
    std::array<double, d> u{};
    SmallMatrix<d> half{};  // S^-1 D
    for (int k = 0; k < d; ++k) {
      u[k] = -shift[k];
      for (int l = 0; l <= k; ++l) {
        u[k] += inverse[k][l] * drift[l] - growth[k][l] * z[l][index[l]];
        for (int j = 0; j < d; ++j) half[k][j] += inverse[k][l] * diffusion[packed_index(d, l, j)];
      }
    }
    for (int k = 0, pair = 0; k < d; ++k) {
      drift[k] = u[k];
      for (int l = k; l < d; ++l, ++pair) {
        double entry = 0;
        for (int j = 0; j <= l; ++j) entry += half[k][j] * inverse[l][j];
        diffusion[pair] = entry;
      }
    }
    if (stretching) stretching->apply<d>(index, drift, diffusion);
  });
}

}  // namespace

Frame moved(const Frame& frame, const FrameMotion& motion, double dt) {
  Frame result = frame;
  result.centre += dt * motion.centre_rate;
  result.scale += dt * motion.scale_rate;
  return result;
}

std::vector<double> MotionSums::of(const Grid& grid, const Frame& frame, CellRange range, std::span<const double> mass,
                                   std::span<const double> drift, std::span<const double> diffusion,
                                   const Eigen::VectorXd& origin, long row_cells) {
  if (range.count <= 0) return std::vector<double>(row_cells > 0 ? 0 : size(grid.dimension()), 0.0);
  if (row_cells <= 0) row_cells = range.count;
  std::vector<double> rows(size(grid.dimension()) * (range.count / row_cells), 0.0);
  for_dimension(grid.dimension(),
                [&](auto d) { add_moments<d>(grid, frame, range, row_cells, mass, drift, diffusion, origin, rows); });
  return rows;
}

MomentRates moment_rates(std::span<const double> sums, int dimension) {
  const int d = dimension;
  const Layout at(d);
  const double mass = sums[0];
  MomentRates rates{Eigen::VectorXd(d), Eigen::VectorXd(d), Eigen::MatrixXd(d, d), Eigen::MatrixXd(d, d)};
  const auto mean = [&](int k) { return sums[at.w + k] / mass; };
  const auto drift = [&](int k) { return sums[at.b + k] / mass; };
  const auto width_drift = [&](int k, int l) { return sums[at.wb + k * d + l] / mass - mean(k) * drift(l); };
  for (int k = 0; k < d; ++k) {
    rates.mean_rate[k] = drift(k);
    for (int l = 0; l < d; ++l) {
      const int pair = packed_index(d, k, l);
      rates.covariance(k, l) = sums[at.ww + pair] / mass - mean(k) * mean(l);
      rates.covariance_rate(k, l) = width_drift(k, l) + width_drift(l, k) + 2 * sums[at.diffusion + pair] / mass;
    }
    const double variance = rates.covariance(k, k);
    rates.log_width_rate[k] = variance > 0 ? rates.covariance_rate(k, k) / (2 * variance) : 0.0;
  }
  return rates;
}

Eigen::MatrixXd anomalous_dimension(FrameKind kind, const MomentRates& rates) {
  const Eigen::LLT<Eigen::MatrixXd> factor(rates.covariance);
  if (kind != FrameKind::full || factor.info() != Eigen::Success)
    return rates.log_width_rate.asDiagonal().toDenseMatrix();
  const auto scale = factor.matrixL();
  // S^-1 dSigma/dt S^-T, then its lower triangle with half the diagonal.
  Eigen::MatrixXd growth = scale.solve(scale.solve(rates.covariance_rate).transpose().eval());
  growth.triangularView<Eigen::StrictlyUpper>().setZero();
  growth.diagonal() /= 2;
  // S growth S^-1
  const Eigen::MatrixXd transposed = scale.transpose().solve((scale * growth).transpose());
  return transposed.transpose().triangularView<Eigen::Lower>().toDenseMatrix();
}

FrameMotion frame_motion(FrameKind kind, const Frame& frame, const MomentRates& rates) {
  const int d = frame.dimension();
  FrameMotion motion{Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Zero(d, d)};
  if (kind != FrameKind::fixed) motion.centre_rate = rates.mean_rate;
  if (kind == FrameKind::diagonal || kind == FrameKind::full)
    motion.scale_rate = (anomalous_dimension(kind, rates) * frame.scale).triangularView<Eigen::Lower>();
  return motion;
}

Spread spread_of(const Grid& grid, const Frame& frame, std::span<const double> mass) {
  const int d = grid.dimension();
  const auto z = z_centres(grid);
  double total = 0;
  Eigen::VectorXd first = Eigen::VectorXd::Zero(d);
  Eigen::MatrixXd second = Eigen::MatrixXd::Zero(d, d);
  for_dimension(d, [&](auto dimension) {
    for_each_cell<dimension>(grid, {0, grid.n_cells()}, [&](std::size_t cell, const auto& index) {
      total += mass[cell];
      for (int k = 0; k < dimension; ++k) {
        const double moment = mass[cell] * z[k][index[k]];
        first[k] += moment;
        for (int l = 0; l <= k; ++l) second(k, l) += moment * z[l][index[l]];
      }
    });
  });
  first /= total;
  second = (second / total).selfadjointView<Eigen::Lower>();
  second -= first * first.transpose();
  return {frame.centre + frame.scale * first, frame.scale * second * frame.scale.transpose()};
}

Frame with_spread(FrameKind kind, const Grid& grid, const Frame& frame, std::span<const double> mass,
                  const Spread& wanted) {
  constexpr double largest_change = 0.05;
  const int d = grid.dimension();
  const Spread now = spread_of(grid, frame, mass);
  Eigen::MatrixXd stretch =
      (wanted.covariance.diagonal().array() / now.covariance.diagonal().array()).sqrt().matrix().asDiagonal();
  if (kind == FrameKind::full) {
    const Eigen::LLT<Eigen::MatrixXd> from(now.covariance);
    const Eigen::LLT<Eigen::MatrixXd> to(wanted.covariance);
    if (from.info() != Eigen::Success || to.info() != Eigen::Success) return frame;
    const Eigen::MatrixXd inverse = from.matrixL().solve(Eigen::MatrixXd::Identity(d, d));
    stretch = Eigen::MatrixXd(to.matrixL()) * inverse;
  }
  // In units of the widths: entries of a shear are.
  const Eigen::VectorXd width = now.covariance.diagonal().cwiseSqrt();
  const Eigen::MatrixXd change =
      width.cwiseInverse().asDiagonal() * (stretch - Eigen::MatrixXd::Identity(d, d)) * width.asDiagonal();
  if (!(change.cwiseAbs().maxCoeff() < largest_change)) return frame;
  return {wanted.mean + stretch * (frame.centre - now.mean), (stretch * frame.scale).triangularView<Eigen::Lower>()};
}

void to_frame(const Grid& grid, const Frame& frame, const FrameMotion& motion, CellCoefficients& coefficients) {
  for_dimension(grid.dimension(), [&](auto d) { transform<d>(grid, frame, motion, coefficients); });
}

std::vector<double> cell_centres(const Grid& grid, const Frame& frame, CellRange range) {
  std::vector<double> w(static_cast<std::size_t>(range.count) * grid.dimension());
  const auto z = z_centres(grid);
  for_dimension(grid.dimension(), [&](auto dimension) {
    constexpr int d = dimension;
    const SmallMatrix<d> scale = small_matrix<d>(frame.scale);
    const std::array<double, d> centre = small_vector<d>(frame.centre);
    for_each_cell<d>(grid, range, [&](std::size_t i, const std::array<int, d>& index) {
      const std::array<double, d> place_of_cell = place<d>(centre, scale, z, index);
      std::copy(place_of_cell.begin(), place_of_cell.end(), w.begin() + i * d);
    });
  });
  return w;
}

}  // namespace driftwood::fp
