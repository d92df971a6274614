#include "driftwood/fp/initial_density.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {

namespace {

/// P(a < standard normal < b), accurate in the tails.
double normal_probability(double a, double b) {
  const double s = std::numbers::sqrt2;
  if (a > 0) return (std::erfc(a / s) - std::erfc(b / s)) / 2;
  if (b < 0) return (std::erfc(-b / s) - std::erfc(-a / s)) / 2;
  return (std::erf(b / s) - std::erf(a / s)) / 2;
}

using LineMasses = std::vector<std::vector<double>>;

/// Exact masses of a Gaussian with independent coordinates along every axis of a diagonal frame.
LineMasses line_masses(const Gaussian& gaussian, const Grid& grid, const Frame& frame) {
  LineMasses mass(grid.dimension());
  for (int k = 0; k < grid.dimension(); ++k) {
    const double std = std::sqrt(gaussian.covariance(k, k));
    const auto edge = [&](int i) {
      return (frame.centre[k] + frame.scale(k, k) * (-grid.z_max + i * grid.spacing(k)) - gaussian.mean[k]) / std;
    };
    for (int i = 0; i < grid.cells[k]; ++i) mass[k].push_back(normal_probability(edge(i), edge(i + 1)));
  }
  return mass;
}

/// Index of a cell along every axis.
std::array<int, 4> index_of(const Grid& grid, long cell) {
  std::array<int, 4> index{};
  for (int k = grid.dimension() - 1; k >= 0; --k) {
    index[k] = static_cast<int>(cell % grid.cells[k]);
    cell /= grid.cells[k];
  }
  return index;
}

void add_exact(const InitialDensity::Component& component, Density& density) {
  const Grid& grid = density.grid;
  const LineMasses mass = line_masses(component.gaussian, grid, density.frame);
  const double volume = density.cell_volume();
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    const std::array<int, 4> index = index_of(grid, cell);
    double product = component.weight / volume;
    for (int k = 0; k < grid.dimension(); ++k) product *= mass[k][index[k]];
    density.p[cell] += product;
  }
}

void add_values(const InitialDensity::Component& component, Density& density) {
  const Grid& grid = density.grid;
  const GaussianValue value(component.gaussian);
  Eigen::VectorXd z(grid.dimension());
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    const std::array<int, 4> index = index_of(grid, cell);
    for (int k = 0; k < grid.dimension(); ++k) z[k] = grid.z_centre(k, index[k]);
    density.p[cell] += component.weight * value.at(density.frame.centre + density.frame.scale * z);
  }
}

}  // namespace

GaussianValue::GaussianValue(const Gaussian& gaussian) : mean_(gaussian.mean), factor_(gaussian.covariance) {
  log_norm_ = -gaussian.dimension() / 2.0 * std::log(2 * std::numbers::pi);
  for (Eigen::Index k = 0; k < mean_.size(); ++k) log_norm_ -= std::log(factor_.matrixLLT()(k, k));
}

double GaussianValue::at(const Eigen::VectorXd& w) const {
  return std::exp(log_norm_ - factor_.matrixL().solve(w - mean_).squaredNorm() / 2);
}

double density_at(const Gaussian& gaussian, std::span<const double> w) {
  return GaussianValue(gaussian).at(Eigen::Map<const Eigen::VectorXd>(w.data(), gaussian.mean.size()));
}

InitialDensity::InitialDensity(const NormalDensity& normal) {
  const auto d = static_cast<Eigen::Index>(normal.mean.size());
  const Eigen::VectorXd std = Eigen::Map<const Eigen::VectorXd>(normal.std.data(), d);
  components.push_back({1.0,
                        {Eigen::Map<const Eigen::VectorXd>(normal.mean.data(), d),
                         std.array().square().matrix().asDiagonal().toDenseMatrix()}});
}

InitialDensity::InitialDensity(Gaussian gaussian) {
  components.push_back({1.0, std::move(gaussian)});
}

Eigen::VectorXd InitialDensity::mean() const {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(dimension());
  for (const Component& component : components) sum += component.weight * component.gaussian.mean;
  return sum;
}

Eigen::MatrixXd InitialDensity::covariance() const {
  const Eigen::VectorXd centre = mean();
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(dimension(), dimension());
  for (const Component& component : components) {
    const Eigen::VectorXd away = component.gaussian.mean - centre;
    sum += component.weight * (component.gaussian.covariance + away * away.transpose());
  }
  return sum;
}

double InitialDensity::at(std::span<const double> w) const {
  double sum = 0;
  for (const Component& component : components) sum += component.weight * density_at(component.gaussian, w);
  return sum;
}

Density discretise(const InitialDensity& initial, const Grid& grid, const Frame& frame, double time) {
  Density density{time, grid, frame, std::vector<double>(grid.n_cells(), 0.0)};
  for (const InitialDensity::Component& component : initial.components) {
    const bool is_exact = frame.is_diagonal() && component.gaussian.covariance.isDiagonal(0.0);
    is_exact ? add_exact(component, density) : add_values(component, density);
  }
  const double mass = density.mass();
  if (!(mass > 1e-3)) throw ConfigError("the initial density lies outside the box");
  for (double& value : density.p) value /= mass;
  return density;
}

}  // namespace driftwood::fp
