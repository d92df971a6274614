#include "driftwood/analysis/callan_symanzik.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/edge_coefficients.hpp"

namespace driftwood::analysis {

namespace {

constexpr double smallest_eigenvalue = 1e-11;

Eigen::Map<const Eigen::VectorXd> as_vector(std::span<const double> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

}  // namespace

Conditioned::Conditioned(const Eigen::MatrixXd& covariance) {
  const Eigen::Index n = covariance.rows();
  Eigen::VectorXd per_width = Eigen::VectorXd::Zero(n);
  for (Eigen::Index a = 0; a < n; ++a)
    if (covariance(a, a) > 0) per_width[a] = 1 / std::sqrt(covariance(a, a));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(per_width.asDiagonal() * covariance *
                                                              per_width.asDiagonal());
  const Eigen::VectorXd& values = solver.eigenvalues();  // ascending
  const double largest = values[n - 1];
  condition = largest > 0 ? largest / std::max(values[0], 1e-16 * largest) : 1e16;
  Eigen::Index first = 0;
  while (first < n && !(values[first] > smallest_eigenvalue * largest)) ++first;
  basis.resize(n, n - first);
  for (Eigen::Index k = first; k < n; ++k)
    basis.col(k - first) = per_width.cwiseProduct(solver.eigenvectors().col(k)) / std::sqrt(values[k]);
}

namespace {

/// Rows of coefficients: the polynomials over the layout's first powers.
Eigen::MatrixXd coefficients_of(const std::vector<FieldPolynomial>& polynomials, const MomentLayout& layout,
                                int n_powers) {
  Eigen::MatrixXd rows = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(polynomials.size()), n_powers);
  for (std::size_t a = 0; a < polynomials.size(); ++a)
    for (const auto& [powers, coefficient] : polynomials[a].terms())
      if (coefficient != 0) rows(a, layout.field(powers)) += coefficient;
  return rows;
}

/// dO/dt at fixed w where u = zeta^-1 (w - m) moves: -grad O . zeta^-1 (dm/dt + (d zeta/dt) u), in u.
FieldPolynomial moved_by(const FieldPolynomial& each, const fp::Frame& field, const fp::FrameMotion& motion) {
  const int d = each.dimension();
  const auto inverse = field.scale.triangularView<Eigen::Lower>();
  const Eigen::VectorXd shift = inverse.solve(motion.centre_rate);
  const Eigen::MatrixXd growth = inverse.solve(motion.scale_rate);
  FieldPolynomial sum(d);
  for (int k = 0; k < d; ++k) {
    std::map<Powers, double> velocity{{Powers{}, -shift[k]}};
    for (int l = 0; l < d; ++l) {
      Powers one{};
      one[l] = 1;
      velocity[one] = -growth(k, l);
    }
    sum += each.derivative(k) * FieldPolynomial(d, velocity);
  }
  return sum;
}

/// b . grad O + D : grad grad O as a row over the layout.
void add_backward(const FieldPolynomial& each, const MomentLayout& layout, Eigen::Ref<Eigen::RowVectorXd> row) {
  const int d = each.dimension();
  for (int k = 0; k < d; ++k) {
    const FieldPolynomial slope = each.derivative(k);
    for (const auto& [powers, coefficient] : slope.terms()) row[layout.drift(k, powers)] += coefficient;
    for (int l = 0; l < d; ++l) {
      const FieldPolynomial curvature = slope.derivative(l);
      for (const auto& [powers, coefficient] : curvature.terms()) row[layout.diffusion(k, l, powers)] += coefficient;
    }
  }
}

}  // namespace

GeneratorProjection::GeneratorProjection(const OperatorSet& operators, const fp::Frame& field,
                                         const fp::FrameMotion& motion, const MomentLayout& layout,
                                         const fp::Frame& own) {
  const int d = layout.dimension();
  if (operators.dimension() != d || field.dimension() != d || own.dimension() != d)
    throw InternalError("operators, their field and their moments differ in dimension");
  if (operators.degree() > layout.degree()) throw InternalError("moments of a smaller degree than the operators");
  const std::vector<Powers> powers = all_powers(d, 0, operators.degree());
  n_powers_ = static_cast<int>(powers.size());
  for (const Powers& a : powers)
    for (const Powers& b : powers)
      product_.push_back(layout.field({a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]}));
  const OperatorSet in_own = operators.in_field(field, own);
  std::vector<FieldPolynomial> each;
  std::vector<FieldPolynomial> moving;
  std::vector<FieldPolynomial> laplacian(operators.size(), FieldPolynomial(d));
  for (int a = 0; a < operators.size(); ++a) {
    each.push_back(in_own[a]);
    moving.push_back(moved_by(operators[a], field, motion));
  }
  const OperatorSet moving_in_own = OperatorSet(operators.names(), moving).in_field(field, own);
  for (int a = 0; a < operators.size(); ++a) moving[a] = moving_in_own[a];
  for (int k = 0; k < d; ++k) {
    std::vector<FieldPolynomial> slope;
    for (int a = 0; a < operators.size(); ++a) {
      slope.push_back(each[a].derivative(k));
      laplacian[a] += slope.back().derivative(k);
    }
    gradient_.push_back(coefficients_of(slope, layout, n_powers_));
  }
  coefficient_ = coefficients_of(each, layout, n_powers_);
  motion_ = coefficients_of(moving, layout, n_powers_);
  laplacian_ = coefficients_of(laplacian, layout, n_powers_);
  backward_ = Eigen::MatrixXd::Zero(operators.size(), static_cast<Eigen::Index>(layout.size()));
  for (int a = 0; a < operators.size(); ++a) {
    Eigen::RowVectorXd row = Eigen::RowVectorXd::Zero(backward_.cols());
    add_backward(each[a], layout, row);
    backward_.row(a) = row;
  }
}

Eigen::MatrixXd GeneratorProjection::second_moments(std::span<const double> means) const {
  Eigen::MatrixXd second(n_powers_, n_powers_);
  for (int i = 0; i < n_powers_; ++i)
    for (int j = 0; j < n_powers_; ++j) second(i, j) = means[product_[i * n_powers_ + j]];
  return second;
}

Projection GeneratorProjection::operator()(std::span<const double> means) const {
  const Eigen::VectorXd first = as_vector(means).head(n_powers_);
  const Eigen::MatrixXd second = second_moments(means);
  Projection result;
  result.mean = coefficient_ * first;
  result.fisher = coefficient_ * (second - first * first.transpose()) * coefficient_.transpose();
  result.backward = backward_ * as_vector(means) + motion_ * first;
  const Conditioned inverse(result.fisher);
  result.beta = -inverse.solve(result.backward);
  result.condition = inverse.condition;
  result.rank = inverse.rank();
  Eigen::MatrixXd metric = Eigen::MatrixXd::Zero(result.fisher.rows(), result.fisher.cols());
  for (const Eigen::MatrixXd& slope : gradient_) metric += slope * second * slope.transpose();
  result.score_coupling = Conditioned(metric).solve(laplacian_ * first);
  return result;
}

Projection project(const FieldMoments& moments, const OperatorSet& operators, const fp::Frame& field,
                   const fp::FrameMotion& motion) {
  return GeneratorProjection(operators, field, motion, moments.layout, moments.own)(moments.means);
}

fp::FrameMotion at_rest(int dimension) {
  return {Eigen::VectorXd::Zero(dimension), Eigen::MatrixXd::Zero(dimension, dimension)};
}

fp::FrameMotion following(const FieldMoments& moments) {
  return {moments.mean_rate(), moments.anomalous_dimension().asDiagonal() * moments.own.scale};
}

namespace {

/// Sums over the cells of a density, for the projection of s = (d_t p) / p on operators.
struct TangentSums {
  double square = 0;        ///< <s^2>
  double mean = 0;          ///< <s>
  Eigen::VectorXd first;    ///< <O_a>
  Eigen::VectorXd overlap;  ///< <s O_a>
  Eigen::MatrixXd second;   ///< <O_a O_b>
};

TangentSums tangent_sums(const fp::Density& density, std::span<const double> rate_of_change,
                         const OperatorSet& operators, const fp::Frame& field) {
  constexpr long block = 1024;
  const int d = density.dimension();
  const int m = operators.size();
  const double mass = density.mass();
  const std::vector<double> masses = density.masses();
  TangentSums sums{0, 0, Eigen::VectorXd::Zero(m), Eigen::VectorXd::Zero(m), Eigen::MatrixXd::Zero(m, m)};
  for (long first = 0; first < density.grid.n_cells(); first += block) {
    const long n = std::min(block, density.grid.n_cells() - first);
    const std::vector<double> w = fp::cell_centres(density.grid, density.frame, {first, n});
    Eigen::MatrixXd values(n, m);
    Eigen::VectorXd tangent = Eigen::VectorXd::Zero(n);
    Eigen::VectorXd weight = Eigen::VectorXd::Zero(n);
    for (long i = 0; i < n; ++i) {
      const Eigen::VectorXd u =
          field.scale.triangularView<Eigen::Lower>().solve(as_vector(std::span(w).subspan(i * d, d)) - field.centre);
      for (int a = 0; a < m; ++a) values(i, a) = operators[a].value({u.data(), static_cast<std::size_t>(d)});
      if (!(density.p[first + i] > 0)) continue;
      weight[i] = masses[first + i] / mass;
      tangent[i] = rate_of_change[first + i] / density.p[first + i];
    }
    sums.square += weight.dot(tangent.cwiseAbs2());
    sums.mean += weight.dot(tangent);
    sums.first += values.transpose() * weight;
    sums.overlap += values.transpose() * weight.cwiseProduct(tangent);
    sums.second += values.transpose() * weight.asDiagonal() * values;
  }
  return sums;
}

}  // namespace

std::vector<double> tangent_residuals(const fp::Density& density, std::span<const double> rate_of_change,
                                      const OperatorSet& operators, const fp::Frame& field,
                                      std::span<const int> n_operators) {
  if (rate_of_change.size() != density.p.size()) throw InternalError("one rate of change a cell");
  // In the density's own field, where the operators' values are of order 1.
  fp::Frame own{density.mean(), density.covariance().diagonal().cwiseSqrt().asDiagonal()};
  const TangentSums sums = tangent_sums(density, rate_of_change, operators.in_field(field, own), own);
  const Eigen::MatrixXd fisher = sums.second - sums.first * sums.first.transpose();
  const Eigen::VectorXd overlap = sums.overlap - sums.mean * sums.first;
  std::vector<double> residuals;
  for (const int n : n_operators) {
    const Eigen::VectorXd some = overlap.head(n);
    const double left = sums.square - some.dot(Conditioned(fisher.topLeftCorner(n, n)).solve(some));
    residuals.push_back(sums.square > 0 ? std::sqrt(std::max(left, 0.0) / sums.square) : 0.0);
  }
  return residuals;
}

std::vector<int> nested_sizes(const OperatorSet& operators) {
  std::vector<int> sizes;
  int last_degree = 0;
  for (int a = 0; a < operators.size(); ++a) {
    const int degree = operators[a].degree();
    if (degree < last_degree) {
      sizes.clear();
      for (int n = 1; n <= operators.size(); ++n) sizes.push_back(n);
      return sizes;
    }
    if (degree > last_degree && a > 0) sizes.push_back(a);
    last_degree = degree;
  }
  sizes.push_back(operators.size());
  return sizes;
}

}  // namespace driftwood::analysis
