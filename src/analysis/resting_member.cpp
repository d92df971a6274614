#include "driftwood/analysis/resting_member.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "driftwood/analysis/callan_symanzik.hpp"
#include "driftwood/analysis/exponential_family.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/fp/frame_motion.hpp"

namespace driftwood::analysis {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr int most_steps = 300;
constexpr int most_boxes = 8;
constexpr double box_widths = 8;
constexpr double felt_mass = 1e-6;

/// Drift and diffusion at one time.
class Frozen {
 public:
  Frozen(const fp::Coefficients& coefficients, double time) : coefficients_(coefficients), time_(time) {}

  Vector drift(const Vector& w) const { return at(w).first; }
  Matrix diffusion(const Vector& w) const { return at(w).second; }
  /// d_j b_i by central differences over `width`.
  Matrix slope(const Vector& w, const Vector& width) const {
    const Eigen::Index d = w.size();
    Matrix result(d, d);
    for (Eigen::Index j = 0; j < d; ++j) {
      const Vector offset = width[j] * Vector::Unit(d, j);
      result.col(j) = (drift(w + offset) - drift(w - offset)) / (2 * width[j]);
    }
    return result;
  }

 private:
  std::pair<Vector, Matrix> at(const Vector& w) const {
    const auto d = static_cast<int>(w.size());
    Vector drift(d);
    std::vector<double> diffusion(packed_size(d));
    coefficients_.evaluate(time_, {w.data(), static_cast<std::size_t>(d)}, {drift.data(), static_cast<std::size_t>(d)},
                           diffusion);
    return {drift, unpack_symmetric(d, diffusion)};
  }

  const fp::Coefficients& coefficients_;
  double time_;
};

bool pulls_back(const Matrix& slope) {
  return slope.allFinite() && slope.eigenvalues().real().maxCoeff() < 0;
}

/// A S + S A^T = -2 D.
Matrix balanced_covariance(const Matrix& slope, const Matrix& diffusion) {
  const Eigen::Index d = slope.rows();
  Matrix system = Matrix::Zero(d * d, d * d);
  for (Eigen::Index i = 0; i < d; ++i)
    for (Eigen::Index j = 0; j < d; ++j)
      for (Eigen::Index k = 0; k < d; ++k) {
        system(i + d * j, k + d * j) += slope(i, k);
        system(i + d * j, i + d * k) += slope(j, k);
      }
  const Vector right = -2 * Eigen::Map<const Vector>(diffusion.data(), d * d);
  const Vector solution = system.fullPivLu().solve(right);
  return Eigen::Map<const Matrix>(solution.data(), d, d);
}

Vector widths_of(const Matrix& covariance) {
  return covariance.diagonal().cwiseMax(0).cwiseSqrt();
}

/// The normal density with these widths, at a box's cells.
fp::Density normal_in(const fp::Grid& grid, const fp::Frame& frame, double time) {
  const std::vector<double> w = fp::cell_centres(grid, frame, {0, grid.n_cells()});
  const int d = grid.dimension();
  std::vector<double> mass;
  double sum = 0;
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    const Eigen::Map<const Vector> at(&w[cell * d], d);
    const Vector u = (at - frame.centre).cwiseQuotient(frame.scale.diagonal());
    mass.push_back(std::exp(-u.squaredNorm() / 2));
    sum += mass.back();
  }
  for (double& m : mass) m /= sum;
  return fp::density_from_masses(time, grid, frame, std::move(mass));
}

}  // namespace

std::optional<Rest> rest_of(const fp::Coefficients& coefficients, double time, const Vector& start, const Vector& width,
                            const std::function<bool(const Vector&)>& is_known) {
  if (!(width.minCoeff() > 0)) throw InternalError("a drift's slope needs a width");
  const Frozen frozen(coefficients, time);
  const Eigen::Index d = start.size();
  const auto in_widths = [&](const Vector& x) { return x.cwiseQuotient(width).norm(); };
  Vector w = start;
  Vector drift = frozen.drift(w);
  double step = 0.5 / std::max(in_widths(drift), 1e-300);
  for (int i = 0; i < most_steps; ++i) {
    const Matrix system = Matrix::Identity(d, d) / step - frozen.slope(w, width);
    Vector move = system.fullPivLu().solve(drift);
    // Where the drift bends on the scale of a width a longer step is not what the slope says.
    const double length = in_widths(move);
    if (!std::isfinite(length)) return {};
    move /= std::max(1.0, length);
    w += move;
    if (!is_known(w)) return {};
    const Vector next = frozen.drift(w);
    step *= std::clamp(in_widths(drift) / std::max(in_widths(next), 1e-300), 0.5, 3.0);
    drift = next;
    if (std::min(length, 1.0) > 1e-7) continue;
    Matrix covariance = Matrix::Zero(d, d);
    Vector scale = width;
    for (int round = 0; round < 10; ++round) {
      const Matrix slope = frozen.slope(w, scale);
      if (!pulls_back(slope)) return {};
      covariance = balanced_covariance(slope, frozen.diffusion(w));
      scale = widths_of(covariance).cwiseMin(width).cwiseMax(1e-6 * width);
    }
    if (!(widths_of(covariance).minCoeff() > 0)) return {};
    return Rest{w, covariance};
  }
  return {};
}

std::optional<RestingMember> resting_member(const OperatorSet& operators, const fp::Frame& field,
                                            const fp::Coefficients& coefficients, double time, const Rest& rest) {
  const int d = operators.dimension();
  fp::Frame own{rest.place, widths_of(rest.covariance).asDiagonal()};
  const bool is_complete = couplings_in_field(operators, Vector::Ones(operators.size()), field, own).size() > 0;
  for (int box = 0; box < most_boxes; ++box) {
    const fp::Grid grid = family_grid(d, box_widths);
    const fp::Frame& of_operators = is_complete ? own : field;
    const ExponentialFamily family(operators, of_operators, grid, own);
    const Projection start = project(field_moments(normal_in(grid, own, time), coefficients, operators.degree()),
                                     operators, of_operators, at_rest(d));
    const FixedPoint point = family.fixed_point(start.score_coupling, family.backward(coefficients, time));
    if (!point.converged) return {};
    const fp::Density density = family.density(point.coupling, time);
    const Vector mean = density.mean();
    const Matrix covariance = density.covariance();
    const Vector width = widths_of(covariance);
    const Vector ratio = width.cwiseQuotient(own.scale.diagonal());
    const Vector shift = (mean - own.centre).cwiseQuotient(width);
    if (ratio.maxCoeff() < 1.3 && ratio.minCoeff() > 0.75 && shift.norm() < 0.5) {
      if (family.edge_mass(point.coupling) > felt_mass) return {};
      const Vector coupling =
          is_complete ? couplings_in_field(operators, point.coupling, own, field) : Vector(point.coupling);
      return RestingMember{coupling, mean, covariance, point.stability};
    }
    own = {mean, width.asDiagonal()};
  }
  return {};
}

}  // namespace driftwood::analysis
