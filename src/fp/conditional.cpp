#include "driftwood/fp/conditional.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/fp/frame_motion.hpp"

namespace driftwood::fp {

namespace {

constexpr int validation_replicas = 1000;

/// Spacing of the nodes per axis: the unit of length where the data do not spread.
std::vector<double> spacing(const CoefficientTable& table) {
  std::vector<double> result;
  for (const std::vector<double>& axis : table.nodes) result.push_back(axis[1] - axis[0]);
  return result;
}

void put(const Eigen::VectorXd& values, std::size_t point, std::vector<double>& array) {
  std::copy(values.begin(), values.end(), array.begin() + static_cast<std::ptrdiff_t>(point) * values.size());
}

/// Every second node along the axis of a line, or both axes of a plane.
std::vector<double> thinned(const CoefficientTable& table) {
  std::vector<double> points;
  if (table.dimension() == 1) {
    for (std::size_t i = 0; i < table.nodes[0].size(); i += 2) points.push_back(table.nodes[0][i]);
    return points;
  }
  for (std::size_t i = 0; i < table.nodes[0].size(); i += 2)
    for (std::size_t j = 0; j < table.nodes[1].size(); j += 2)
      points.insert(points.end(), {table.nodes[0][i], table.nodes[1][j]});
  return points;
}

std::vector<double> lines_through(const CoefficientTable& table, std::span<const double> centre, int per_line) {
  std::vector<double> points;
  for (std::size_t axis = 0; axis < centre.size(); ++axis)
    for (int i = 0; i < per_line; ++i) {
      points.insert(points.end(), centre.begin(), centre.end());
      const std::vector<double>& nodes = table.nodes[axis];
      points[points.size() - centre.size() + axis] =
          nodes.front() + (nodes.back() - nodes.front()) * i / (per_line - 1);
    }
  return points;
}

bool is_carried(const PolynomialRegression& regression, const PolynomialRegression::Estimate& estimate,
                std::span<const double> w, double distance) {
  return estimate.is_carried && distance <= regression.allowed_gap(w);
}

}  // namespace

ConditionalNodes::ConditionalNodes(int dimension, std::vector<double> points) : w(std::move(points)) {
  const std::size_t n = w.size() / dimension;
  for (std::vector<double>* array : {&drift, &drift_band, &drift_variance}) array->assign(n * dimension, 0.0);
  for (std::vector<double>* array : {&diffusion, &diffusion_band}) array->assign(n * packed_size(dimension), 0.0);
  for (std::vector<double>* array : {&replicas, &is_carried}) array->assign(n, 0.0);
}

std::vector<std::vector<double>*> ConditionalNodes::arrays() {
  return {&drift, &drift_band, &drift_variance, &diffusion, &diffusion_band, &replicas, &is_carried};
}

ConditionalFit empty_fit(CoefficientTable table, std::span<const double> centre, int per_line) {
  const int d = table.dimension();
  std::vector<double> points = d <= 2 ? thinned(table) : lines_through(table, centre, per_line);
  std::vector<double> carried(table.n_nodes(), 0.0);
  return {std::move(table),           std::move(carried), ConditionalNodes(d, std::move(points)), 0, 0, 0,
          std::vector<double>(d, 0.0)};
}

ConditionalFit local_fit(const RegressionData& data, ConditionalFit fit, int neighbours, const BandWeights& weights) {
  if (neighbours < 0) throw ConfigError("closure 'conditional': the number of neighbours must not be negative");
  const int d = data.dimension;
  CoefficientTable& table = fit.table;
  if (table.dimension() != d) throw InternalError("closure 'conditional': the table and the data differ in dimension");
  const std::vector<double> scale = spacing(table);
  fit.neighbours = neighbours > 0 ? neighbours : choose_neighbours(data);
  LocalRegression regression(data, scale, fit.neighbours);
  const std::vector<double> points = table.points();
  for (std::size_t i = 0; i < table.n_nodes(); ++i) {
    const LocalRegression::Estimate estimate = regression.evaluate(std::span(points).subspan(i * d, d));
    put(estimate.drift, i, table.drift);
    put(estimate.diffusion, i, table.diffusion);
    fit.is_carried[i] = estimate.is_carried ? 1 : 0;
  }
  ConditionalNodes& nodes = fit.nodes;
  for (std::size_t i = 0; i < nodes.replicas.size(); ++i) {
    const auto w = std::span(nodes.w).subspan(i * d, d);
    const LocalRegression::Estimate estimate = regression.evaluate(w);
    const LocalRegression::Uncertainty known = regression.uncertainty(w, weights);
    put(estimate.drift, i, nodes.drift);
    put(known.drift, i, nodes.drift_band);
    put(known.variance, i, nodes.drift_variance);
    put(estimate.diffusion, i, nodes.diffusion);
    put(known.diffusion, i, nodes.diffusion_band);
    nodes.replicas[i] = known.replicas;
    nodes.is_carried[i] = estimate.is_carried ? 1 : 0;
  }
  const Eigen::MatrixXd unexplained = regression.leave_one_out(std::span(&fit.neighbours, 1), validation_replicas);
  for (int k = 0; k < d; ++k) fit.explained[k] = 1 - unexplained(0, k);
  return fit;
}

int choose_neighbours(const RegressionData& data) {
  const std::vector<double> unit(data.dimension, 1.0);
  std::vector<int> candidates;
  for (const int k : {25, 50, 100, 200, 400})
    if (k <= data.size() / 2) candidates.push_back(k);
  if (candidates.empty()) return static_cast<int>(std::max<long>(1, data.size()));
  const Eigen::VectorXd error =
      LocalRegression(data, unit, candidates.back()).leave_one_out(candidates, validation_replicas).rowwise().sum();
  Eigen::Index best = 0;
  error.minCoeff(&best);
  return candidates[best];
}

void tabulate(const PolynomialRegression& regression, std::span<const double> distances, std::size_t first,
              std::size_t count, ConditionalFit& fit) {
  const auto d = static_cast<std::size_t>(fit.table.dimension());
  const std::vector<double> points = fit.table.points();
  for (std::size_t i = first; i < first + count; ++i) {
    const auto w = std::span(points).subspan(i * d, d);
    const PolynomialRegression::Estimate estimate = regression.evaluate(w);
    put(estimate.drift, i, fit.table.drift);
    put(estimate.diffusion, i, fit.table.diffusion);
    fit.is_carried[i] = is_carried(regression, estimate, w, distances[i]) ? 1 : 0;
  }
}

void describe(const PolynomialRegression& regression, std::span<const double> residual_sums,
              std::span<const double> distances, ConditionalNodes& nodes) {
  const std::size_t d = nodes.w.size() / nodes.replicas.size();
  for (std::size_t i = 0; i < nodes.replicas.size(); ++i) {
    const auto w = std::span(nodes.w).subspan(i * d, d);
    const PolynomialRegression::Estimate estimate = regression.evaluate(w);
    const PolynomialRegression::Band band = regression.band(w);
    put(estimate.drift, i, nodes.drift);
    put(band.drift, i, nodes.drift_band);
    put(regression.variance_from(residual_sums, w), i, nodes.drift_variance);
    put(estimate.diffusion, i, nodes.diffusion);
    put(band.diffusion, i, nodes.diffusion_band);
    nodes.replicas[i] = estimate.replicas;
    nodes.is_carried[i] = is_carried(regression, estimate, w, distances[i]) ? 1 : 0;
  }
}

double mass_beyond(const Density& density, const ConditionalFit& fit) {
  const int d = density.dimension();
  const std::vector<double> mass = density.masses();
  constexpr long piece = 1 << 12;
  double beyond = 0;
  for (long first = 0; first < density.grid.n_cells(); first += piece) {
    const long count = std::min(piece, density.grid.n_cells() - first);
    const std::vector<double> w = cell_centres(density.grid, density.frame, {first, count});
    for (long i = 0; i < count; ++i) {
      std::size_t node = 0;
      bool is_inside = true;
      for (int k = 0; k < d; ++k) {
        const std::vector<double>& axis = fit.table.nodes[k];
        const auto last = static_cast<double>(axis.size() - 1);
        const double at = std::round((w[i * d + k] - axis.front()) / (axis.back() - axis.front()) * last);
        is_inside = is_inside && at >= 0 && at <= last;
        if (is_inside) node = node * axis.size() + static_cast<std::size_t>(at);
      }
      if (!is_inside || fit.is_carried[node] == 0) beyond += mass[first + i];
    }
  }
  return beyond;
}

}  // namespace driftwood::fp
