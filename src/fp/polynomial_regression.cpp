#include "driftwood/fp/polynomial_regression.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/stats/neighbours.hpp"
#include "polynomial_choice.hpp"

namespace driftwood::fp {

namespace {

/// A fit with fewer effective replicas behind it is no estimate.
constexpr double least_replicas = 10;
/// Of the bisection that finds where the data end on a ray.
constexpr int n_halvings = 12;
constexpr int variance_degree = 2;
constexpr double replicas_per_term = 10;
constexpr double widest_hole = 0.5;
constexpr double expected_in_empty_ball = 7;

/// Moves eigenvalues below `least` up to it.
void project(Eigen::VectorXd& packed, int d, double least) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      unpack_symmetric(d, std::span(packed.data(), static_cast<std::size_t>(packed.size()))));
  if (solver.eigenvalues()[0] >= least) return;
  const Eigen::MatrixXd projected =
      solver.eigenvectors() * solver.eigenvalues().cwiseMax(least).asDiagonal() * solver.eigenvectors().transpose();
  for (int i = 0; i < d; ++i)
    for (int j = i; j < d; ++j) packed[packed_index(d, i, j)] = projected(i, j);
}

/// Volume of the unit ball.
double unit_ball(int d) {
  return std::pow(std::numbers::pi, d / 2.0) / std::tgamma(d / 2.0 + 1);
}

}  // namespace

int highest_degree(int dimension, double n_replicas) {
  const int cap = dimension <= 2 ? 6 : dimension == 3 ? 5 : 4;
  int degree = 1;
  while (degree < cap && HermiteBasis::n_terms(dimension, degree + 1) * replicas_per_term <= n_replicas) ++degree;
  return degree;
}

PolynomialRegression::PolynomialRegression(const PolynomialSums& sums, const Options& options,
                                           const BandWeights& weights)
    : standardisation_(sums.standardisation()),
      basis_(sums.basis()),
      least_diffusion_(std::max(0.0, options.least_diffusion)) {
  const int d = basis_.dimension();
  for (int group = 0; group < PolynomialSums::n_groups; ++group) n_replicas_ += sums.count(group);
  if (n_replicas_ < 1) throw InternalError("a polynomial regression without replicas");
  if (options.degree > basis_.degree()) throw InternalError("a polynomial of higher degree than the sums are for");
  const DegreeChoice drift(sums, 0, d, options.degree);
  const DegreeChoice diffusion(sums, d, packed_size(d), options.degree);
  drift_ = fit(sums, 0, d, drift.degree(), weights);
  diffusion_ = fit(sums, d, packed_size(d), diffusion.degree(), weights);
  explained_ = drift.explained();
}

PolynomialRegression::Part PolynomialRegression::fit(const PolynomialSums& sums, int first_column, int n_columns,
                                                     int degree, const BandWeights& weights) const {
  Part part;
  part.degree = degree;
  part.n_terms = HermiteBasis::n_terms(basis_.dimension(), degree);
  const auto solve = [&](const Eigen::VectorXd& of_group) {
    const NormalEquations equations(sums, first_column, n_columns, part.n_terms, of_group);
    part.gram.compute(equations.gram);
    return Eigen::MatrixXd(part.gram.solve(equations.products));
  };
  constexpr int n_groups = PolynomialSums::n_groups;
  Eigen::MatrixXd of_sample(weights.n_samples(), n_groups);
  std::vector<double> row(weights.n_samples());
  for (int group = 0; group < n_groups; ++group) {
    weights.write(group, row);
    of_sample.col(group) = Eigen::Map<const Eigen::VectorXd>(row.data(), weights.n_samples());
  }
  for (int sample = 0; sample < weights.n_samples(); ++sample)
    part.samples.push_back(solve(of_sample.row(sample).transpose()));
  part.coefficients = solve(Eigen::VectorXd::Ones(n_groups));
  return part;
}

double PolynomialRegression::leverage(const Eigen::VectorXd& x) const {
  const Eigen::VectorXd terms = basis_.values(x).head(drift_.n_terms);
  return drift_.gram.matrixL().solve(terms).squaredNorm();
}

PolynomialRegression::Place PolynomialRegression::place(std::span<const double> w) const {
  const Eigen::VectorXd x = standardisation_.scaled(w);
  const double own = leverage(x);
  const Place here{x, Eigen::VectorXd::Zero(x.size()), 1 / own};
  if (own * least_replicas <= 1) return here;
  double carried = 0;
  double beyond = 1;
  for (int i = 0; i < n_halvings; ++i) {
    const double middle = (carried + beyond) / 2;
    (leverage(middle * x) * least_replicas <= 1 ? carried : beyond) = middle;
  }
  return {carried * x, (1 - carried) * x, here.replicas};
}

PolynomialRegression::Estimate PolynomialRegression::evaluate(std::span<const double> w) const {
  const Place at = place(w);
  const Eigen::VectorXd terms = basis_.values(at.x);
  Estimate result;
  result.replicas = at.replicas;
  result.is_carried = at.replicas >= least_replicas;
  result.drift = drift_.coefficients.transpose() * terms.head(drift_.n_terms);
  result.diffusion = diffusion_.coefficients.transpose() * terms.head(diffusion_.n_terms);
  project(result.diffusion, basis_.dimension(), least_diffusion_);
  const double distance = at.way.norm();
  if (distance > 0) {
    const Eigen::VectorXd outward = at.way / distance;
    Eigen::VectorXd change = standardisation_.inverse * drift_.coefficients.transpose() *
                             (basis_.slopes(at.x).topRows(drift_.n_terms) * at.way);
    change -= std::max(0.0, outward.dot(change)) * outward;
    result.drift += standardisation_.scale * change;
  }
  return result;
}

PolynomialRegression::Band PolynomialRegression::band(std::span<const double> w) const {
  const Place at = place(w);
  const Eigen::VectorXd terms = basis_.values(at.x);
  const Eigen::VectorXd continued = terms + basis_.slopes(at.x) * at.way;
  const auto of = [&](const Part& part, const Eigen::VectorXd& where) {
    Eigen::MatrixXd values(part.samples.size(), part.coefficients.cols());
    for (std::size_t sample = 0; sample < part.samples.size(); ++sample)
      values.row(static_cast<Eigen::Index>(sample)) = where.head(part.n_terms).transpose() * part.samples[sample];
    // In-sample residuals are smaller than the scatter, and so are those of finitely many groups.
    const double inflation = n_replicas_ > part.n_terms ? std::sqrt(n_replicas_ / (n_replicas_ - part.n_terms)) : 1.0;
    return Eigen::VectorXd(inflation * half_widths(values, PolynomialSums::n_groups - 1));
  };
  return {of(drift_, continued), of(diffusion_, terms)};
}

std::vector<double> PolynomialRegression::residual_sums(const RegressionData& replicas) const {
  const int d = basis_.dimension();
  const int degree = std::min({variance_degree, basis_.degree(), highest_degree(d, n_replicas_)});
  const int m = HermiteBasis::n_terms(d, degree);
  std::vector<double> sums(static_cast<std::size_t>(m) * (m + d), 0.0);
  Eigen::Map<Eigen::MatrixXd> gram(sums.data(), m, m);
  Eigen::Map<Eigen::MatrixXd> products(sums.data() + static_cast<std::ptrdiff_t>(m) * m, m, d);
  for (long r = 0; r < replicas.size(); ++r) {
    const Eigen::VectorXd terms = basis_.values(standardisation_.scaled(replicas.w.subspan(r * d, d)));
    const Eigen::VectorXd residual = Eigen::Map<const Eigen::VectorXd>(&replicas.drift[r * d], d) -
                                     drift_.coefficients.transpose() * terms.head(drift_.n_terms);
    gram.noalias() += terms.head(m) * terms.head(m).transpose();
    products.noalias() += terms.head(m) * residual.cwiseAbs2().transpose();
  }
  return sums;
}

Eigen::VectorXd PolynomialRegression::variance_from(std::span<const double> residual_sums,
                                                    std::span<const double> w) const {
  const int d = basis_.dimension();
  int m = 1;
  while (static_cast<std::size_t>(m) * (m + d) < residual_sums.size()) ++m;
  const Eigen::Map<const Eigen::MatrixXd> gram(residual_sums.data(), m, m);
  const Eigen::Map<const Eigen::MatrixXd> products(residual_sums.data() + static_cast<std::ptrdiff_t>(m) * m, m, d);
  const Eigen::MatrixXd fitted = with_ridge(gram, n_replicas_).llt().solve(products);
  const double inflation = n_replicas_ > drift_.n_terms ? n_replicas_ / (n_replicas_ - drift_.n_terms) : 1.0;
  return inflation * (fitted.transpose() * basis_.values(place(w).x).head(m)).cwiseMax(0.0);
}

double PolynomialRegression::allowed_gap(std::span<const double> w) const {
  const int d = basis_.dimension();
  const double square = standardisation_.scaled(w).squaredNorm();
  const double density = std::exp(-square / 2) * std::pow(2 * std::numbers::pi, -d / 2.0);
  const double radius = std::pow(expected_in_empty_ball / (n_replicas_ * density * unit_ball(d)), 1.0 / d);
  return std::max(widest_hole, radius);
}

std::vector<double> nearest_distances(const Standardisation& standardisation, std::span<const double> replicas,
                                      std::span<const double> points) {
  const auto d = static_cast<std::size_t>(standardisation.centre.size());
  std::vector<double> distances(points.size() / d, std::numeric_limits<double>::infinity());
  if (replicas.empty()) return distances;
  std::vector<double> scaled;
  for (std::size_t start = 0; start < replicas.size(); start += d)
    for (const double x : standardisation.scaled(replicas.subspan(start, d))) scaled.push_back(x);
  const stats::NeighbourIndex index(scaled, static_cast<int>(d));
  for (std::size_t i = 0; i < distances.size(); ++i) {
    const Eigen::VectorXd x = standardisation.scaled(points.subspan(i * d, d));
    distances[i] = index.nearest(std::span(x.data(), d), 1).front().distance;
  }
  return distances;
}

}  // namespace driftwood::fp
