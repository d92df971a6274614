#include "driftwood/analysis/n_point.hpp"

#include <cmath>

#include "driftwood/analysis/callan_symanzik.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/fp/edge_rates.hpp"
#include "driftwood/fp/frame_motion.hpp"

namespace driftwood::analysis {

namespace {

using Vector = Eigen::VectorXd;

/// A density and its change, with the operators' values at its cells.
struct Tangent {
  Vector probability;
  Vector change;            ///< d_t of it, less what round-off leaves of its sum
  Vector relative;          ///< change / probability
  Eigen::MatrixXd w;        ///< cells x d
  Eigen::MatrixXd centred;  ///< operators less their means, cells x operators
};

Tangent tangent_of(const fp::Density& density, std::span<const double> rate_of_change, const OperatorSet& operators,
                   const fp::Frame& field) {
  const auto n = static_cast<Eigen::Index>(density.p.size());
  const int d = density.dimension();
  const std::vector<double> masses = density.masses();
  const std::vector<double> volumes = density.cell_volumes();
  const std::vector<double> w = fp::cell_centres(density.grid, density.frame, {0, density.grid.n_cells()});
  Tangent result{Vector(n), Vector(n), Vector::Zero(n), Eigen::MatrixXd(n, d), Eigen::MatrixXd(n, operators.size())};
  for (Eigen::Index cell = 0; cell < n; ++cell) {
    result.probability[cell] = masses[cell];
    result.change[cell] = rate_of_change[cell] * volumes[cell];
    result.w.row(cell) = Eigen::Map<const Vector>(&w[cell * d], d).transpose();
    const Vector u = field.scale.triangularView<Eigen::Lower>().solve(result.w.row(cell).transpose() - field.centre);
    for (int a = 0; a < operators.size(); ++a)
      result.centred(cell, a) = operators[a].value({u.data(), static_cast<std::size_t>(d)});
  }
  const double mass = result.probability.sum();
  result.probability /= mass;
  result.change /= mass;
  for (Eigen::Index cell = 0; cell < n; ++cell)
    if (result.probability[cell] > 0) result.relative[cell] = result.change[cell] / result.probability[cell];
  const Eigen::RowVectorXd mean = result.probability.transpose() * result.centred;
  result.centred.rowwise() -= mean;
  return result;
}

/// sum_k n_k d ln zeta_k / d g_a, zeta_k^2 = Var(w_k).
Vector scaling_slopes(const Tangent& tangent, const Powers& powers) {
  Vector slopes = Vector::Zero(tangent.centred.cols());
  for (Eigen::Index k = 0; k < tangent.w.cols(); ++k) {
    if (powers[k] == 0) continue;
    const Vector centred = tangent.w.col(k).array() - tangent.probability.dot(tangent.w.col(k));
    const Vector square = tangent.probability.cwiseProduct(centred.cwiseAbs2());
    slopes -= powers[k] * (tangent.centred.transpose() * square) / (2 * square.sum());
  }
  return slopes;
}

/// prod_k zeta_k^-n_k.
double scale_of(const Tangent& tangent, const Powers& powers) {
  double scale = 1;
  for (Eigen::Index k = 0; k < tangent.w.cols(); ++k) {
    const Vector centred = tangent.w.col(k).array() - tangent.probability.dot(tangent.w.col(k));
    scale *= std::pow(tangent.probability.dot(centred.cwiseAbs2()), -0.5 * powers[k]);
  }
  return scale;
}

}  // namespace

std::vector<NPointTerms> n_point_terms(const fp::Density& density, std::span<const double> rate_of_change,
                                       const OperatorSet& operators, const fp::Frame& field,
                                       std::span<const double> function, const Powers& powers, bool is_renormalised,
                                       std::span<const int> n_operators) {
  if (rate_of_change.size() != density.p.size() || function.size() != density.p.size())
    throw InternalError("one rate of change and one value of the function a cell");
  const Tangent tangent = tangent_of(density, rate_of_change, operators, field);
  const double scale = is_renormalised ? scale_of(tangent, powers) : 1;
  const Vector u = scale * Eigen::Map<const Vector>(function.data(), static_cast<Eigen::Index>(function.size()));
  const double value = tangent.probability.dot(u);
  const Vector deviation = u.array() - value;
  const Vector weighted = tangent.probability.cwiseProduct(deviation);
  const double largest = std::sqrt(weighted.dot(deviation) * tangent.change.dot(tangent.relative));
  const Eigen::MatrixXd fisher = tangent.centred.transpose() * tangent.probability.asDiagonal() * tangent.centred;
  const Vector overlap = tangent.centred.transpose() * tangent.change;
  const Vector response = -(tangent.centred.transpose() * weighted);  // dG/dg_a of bare fields
  const Vector slopes = is_renormalised ? scaling_slopes(tangent, powers) : Vector::Zero(operators.size());
  std::vector<NPointTerms> all;
  for (const int n : n_operators) {
    const Vector beta = -Conditioned(fisher.topLeftCorner(n, n)).solve(overlap.head(n));
    const double growth = beta.dot(slopes.head(n));  // sum_k n_k gamma_k
    NPointTerms terms;
    terms.value = value;
    terms.delay = -tangent.change.dot(u);
    terms.coupling_flow = beta.dot(response.head(n)) - growth * value;
    terms.scaling = growth * value;
    terms.residual = terms.delay + terms.coupling_flow + terms.scaling;
    terms.relative_residual = largest > 0 ? std::abs(terms.residual) / largest : 0.0;
    all.push_back(terms);
  }
  return all;
}

std::vector<double> discrete_rate_of_change(const fp::Density& density, const fp::Coefficients& coefficients) {
  const fp::CellRange all{0, density.grid.n_cells()};
  const int d = density.dimension();
  fp::CellCoefficients cells;
  cells.range = all;
  const std::vector<double> w = fp::cell_centres(density.grid, density.frame, all);
  cells.drift.resize(w.size());
  cells.diffusion.resize(static_cast<std::size_t>(all.count) * packed_size(d));
  coefficients.evaluate(density.time, w, cells.drift, cells.diffusion);
  fp::to_frame(density.grid, density.frame, at_rest(d), cells);
  const fp::EdgeRates rates = fp::edge_rates(density.grid, fp::edge_coefficients(density.grid, all, std::move(cells)),
                                             fp::FluxKind::chang_cooper, {}, {});
  std::vector<double> change = fp::rate_of_change(rates, density.masses(), all);
  const std::vector<double> volumes = density.cell_volumes();
  for (std::size_t cell = 0; cell < change.size(); ++cell) change[cell] /= volumes[cell];
  return change;
}

std::vector<double> product_of_weights(const fp::Grid& grid, const fp::Frame& frame, const Powers& powers) {
  const int d = grid.dimension();
  const std::vector<double> w = fp::cell_centres(grid, frame, {0, grid.n_cells()});
  const FieldPolynomial product(d, {{powers, 1.0}});
  std::vector<double> values;
  for (long cell = 0; cell < grid.n_cells(); ++cell) values.push_back(product.value(std::span(w).subspan(cell * d, d)));
  return values;
}

}  // namespace driftwood::analysis
