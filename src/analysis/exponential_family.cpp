#include "driftwood/analysis/exponential_family.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "driftwood/analysis/callan_symanzik.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/fp/frame_motion.hpp"

namespace driftwood::analysis {

namespace {

constexpr int most_iterations = 100;
constexpr double largest_coupling = 1e12;

/// u at the cells' centres, cells x d.
Eigen::MatrixXd field_at_cells(const fp::Grid& grid, const fp::Frame& frame, const fp::Frame& field) {
  const int d = grid.dimension();
  const std::vector<double> w = fp::cell_centres(grid, frame, {0, grid.n_cells()});
  Eigen::MatrixXd u(grid.n_cells(), d);
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    const Eigen::Map<const Eigen::VectorXd> at(&w[cell * d], d);
    u.row(cell) = field.scale.triangularView<Eigen::Lower>().solve(at - field.centre).transpose();
  }
  return u;
}

Eigen::MatrixXd values_at(const std::vector<FieldPolynomial>& polynomials, const Eigen::MatrixXd& u) {
  Eigen::MatrixXd values(u.rows(), static_cast<Eigen::Index>(polynomials.size()));
  Eigen::VectorXd point(u.cols());
  for (Eigen::Index cell = 0; cell < u.rows(); ++cell) {
    point = u.row(cell).transpose();
    for (Eigen::Index a = 0; a < values.cols(); ++a)
      values(cell, a) = polynomials[a].value({point.data(), static_cast<std::size_t>(point.size())});
  }
  return values;
}

}  // namespace

ExponentialFamily::ExponentialFamily(OperatorSet operators, fp::Frame field, fp::Grid grid, fp::Frame frame)
    : operators_(std::move(operators)), field_(std::move(field)), grid_(std::move(grid)), frame_(std::move(frame)) {
  const int d = operators_.dimension();
  if (d > 2 || grid_.dimension() != d || field_.dimension() != d || frame_.dimension() != d)
    throw InternalError("a family of densities on a grid has one or two dimensions");
  const std::vector<double> volumes = fp::Density{0, grid_, frame_, {}}.cell_volumes();
  volume_ = Eigen::Map<const Eigen::VectorXd>(volumes.data(), static_cast<Eigen::Index>(volumes.size()));
  volume_ /= volume_.maxCoeff();
  std::vector<FieldPolynomial> each;
  for (int a = 0; a < size(); ++a) each.push_back(operators_[a]);
  values_ = values_at(each, field_at_cells(grid_, frame_, field_));
}

ExponentialFamily::State ExponentialFamily::state(const Eigen::VectorXd& coupling) const {
  const Eigen::VectorXd exponent = -(values_ * coupling);
  const double largest = exponent.maxCoeff();
  State result;
  result.probability = (exponent.array() - largest).exp() * volume_.array();
  const double sum = result.probability.sum();
  result.probability /= sum;
  result.log_sum = largest + std::log(sum);
  result.mean = values_.transpose() * result.probability;
  return result;
}

/// Cov(values_b, O_a): b down, a across.
Eigen::MatrixXd ExponentialFamily::covariance(const State& at, const Eigen::MatrixXd& values) const {
  const Eigen::MatrixXd weighted = at.probability.asDiagonal() * (values_.rowwise() - at.mean.transpose());
  return values.transpose() * weighted;
}

fp::Density ExponentialFamily::density(const Eigen::VectorXd& coupling, double time) const {
  const State at = state(coupling);
  return fp::density_from_masses(time, grid_, frame_,
                                 {at.probability.data(), at.probability.data() + at.probability.size()});
}

Eigen::VectorXd ExponentialFamily::means(const Eigen::VectorXd& coupling) const {
  return state(coupling).mean;
}

Eigen::MatrixXd ExponentialFamily::fisher(const Eigen::VectorXd& coupling) const {
  const State at = state(coupling);
  return covariance(at, values_.rowwise() - at.mean.transpose());
}

double ExponentialFamily::edge_mass(const Eigen::VectorXd& coupling) const {
  const State at = state(coupling);
  double sum = 0;
  for (long cell = 0; cell < grid_.n_cells(); ++cell) {
    long rest = cell;
    bool is_edge = false;
    for (int k = grid_.dimension() - 1; k >= 0; --k) {
      const long index = rest % grid_.cells[k];
      is_edge = is_edge || index == 0 || index == grid_.cells[k] - 1;
      rest /= grid_.cells[k];
    }
    if (is_edge) sum += at.probability[cell];
  }
  return sum;
}

CouplingFit ExponentialFamily::fit(const Eigen::VectorXd& means, const Eigen::VectorXd& start) const {
  const auto potential = [&](const State& at, const Eigen::VectorXd& g) { return at.log_sum + g.dot(means); };
  CouplingFit result;
  result.coupling = Eigen::VectorXd::Zero(size());
  State at = state(result.coupling);
  double value = potential(at, result.coupling);
  if (start.allFinite()) {
    const State other = state(start);
    const double other_value = potential(other, start);
    if (other_value < value) {
      result.coupling = start;
      at = other;
      value = other_value;
    }
  }
  while (result.n_iterations < most_iterations) {
    ++result.n_iterations;
    const Eigen::VectorXd excess = at.mean - means;
    const Eigen::VectorXd step = Conditioned(covariance(at, values_.rowwise() - at.mean.transpose())).solve(excess);
    const double decrement = step.dot(excess);
    if (decrement < 1e-20) {
      result.converged = excess.norm() <= 1e-6 * (1 + means.norm());
      break;
    }
    // Damped until the convex function falls; near the minimum its change is round-off, and the full step is right.
    double part = 1;
    for (; part > 1e-10; part /= 2) {
      const Eigen::VectorXd next = result.coupling + part * step;
      State there = state(next);
      const double there_value = potential(there, next);
      if (there_value <= value - 0.1 * part * decrement || decrement < 1e-12) {
        result.coupling = next;
        at = std::move(there);
        value = there_value;
        break;
      }
    }
    if (part <= 1e-10 || !(result.coupling.norm() < largest_coupling)) break;
  }
  return result;
}

ExponentialFamily::Derivatives ExponentialFamily::derivatives() const {
  const int d = grid_.dimension();
  const Eigen::MatrixXd u = field_at_cells(grid_, frame_, field_);
  Derivatives result;
  for (int k = 0; k < d; ++k) {
    std::vector<FieldPolynomial> slopes;
    for (int a = 0; a < size(); ++a) slopes.push_back(operators_[a].derivative(k));
    result.first.push_back(values_at(slopes, u));
    for (int l = k; l < d; ++l) {
      std::vector<FieldPolynomial> curvatures;
      for (int a = 0; a < size(); ++a) curvatures.push_back(slopes[a].derivative(l));
      result.second.push_back(values_at(curvatures, u));
    }
  }
  return result;
}

Eigen::MatrixXd ExponentialFamily::backward(const Derivatives& derivatives, const fp::Coefficients& coefficients,
                                            double time) const {
  const int d = grid_.dimension();
  const auto n = static_cast<std::size_t>(grid_.n_cells());
  const std::vector<double> w = fp::cell_centres(grid_, frame_, {0, grid_.n_cells()});
  std::vector<double> drift(n * d);
  std::vector<double> diffusion(n * packed_size(d));
  coefficients.evaluate(time, w, drift, diffusion);
  const Eigen::MatrixXd inverse = field_.scale.triangularView<Eigen::Lower>().solve(Eigen::MatrixXd::Identity(d, d));
  // b and D of the field, per cell; what is off the diagonal of D counts twice.
  Eigen::MatrixXd field_drift(n, d);
  Eigen::MatrixXd field_diffusion(n, packed_size(d));
  for (std::size_t cell = 0; cell < n; ++cell) {
    field_drift.row(cell) = (inverse * Eigen::Map<const Eigen::VectorXd>(&drift[cell * d], d)).transpose();
    const Eigen::MatrixXd tensor =
        inverse * unpack_symmetric(d, std::span(diffusion).subspan(cell * packed_size(d), packed_size(d))) *
        inverse.transpose();
    for (int k = 0; k < d; ++k)
      for (int l = k; l < d; ++l) field_diffusion(cell, packed_index(d, k, l)) = (k == l ? 1 : 2) * tensor(k, l);
  }
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(n), size());
  for (int k = 0; k < d; ++k) result += field_drift.col(k).asDiagonal() * derivatives.first[k];
  for (int k = 0; k < packed_size(d); ++k) result += field_diffusion.col(k).asDiagonal() * derivatives.second[k];
  return result;
}

Eigen::MatrixXd ExponentialFamily::backward(const fp::Coefficients& coefficients, double time) const {
  return backward(derivatives(), coefficients, time);
}

fp::Grid family_grid(int dimension, double reach) {
  fp::Grid grid;
  grid.cells.assign(dimension, dimension == 1 ? 400 : 64);
  grid.z_max = std::max(7.0, reach);
  return grid;
}

}  // namespace driftwood::analysis
