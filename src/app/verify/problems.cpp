#include "problems.hpp"

#include <algorithm>
#include <cmath>

#include "driftwood/core/packed.hpp"

namespace driftwood::app::verify {

void Line::evaluate(double t, std::span<const double> w, std::span<double> drift, std::span<double> diffusion) const {
  for (std::size_t i = 0; i < w.size(); ++i) {
    drift[i] = drift_(t, w[i]);
    diffusion[i] = diffusion_(t, w[i]);
  }
}

void Plane::evaluate(double t, std::span<const double> w, std::span<double> drift, std::span<double> diffusion) const {
  for (std::size_t i = 0; 2 * i < w.size(); ++i) {
    const Eigen::Vector2d at(w[2 * i], w[2 * i + 1]);
    const Eigen::Vector2d velocity = drift_(t, at);
    std::copy_n(velocity.data(), 2, drift.begin() + 2 * i);
    const Eigen::Matrix2d tensor = diffusion_(t, at);
    for (int k = 0; k < 2; ++k)
      for (int l = k; l < 2; ++l) diffusion[i * packed_size(2) + packed_index(2, k, l)] = tensor(k, l);
  }
}

Line::Function constant(double value) {
  return [value](double, double) { return value; };
}

Line double_well(double diffusion) {
  return {[](double, double w) { return w - w * w * w; }, constant(diffusion)};
}

Eigen::MatrixXd reference_drift(int d) {
  Eigen::MatrixXd a(4, 4);
  a << 1, .6, .2, -.1, -.4, .8, .3, .2, .1, -.5, 1.2, .4, .3, .1, -.2, .9;
  return a.topLeftCorner(d, d);
}

fp::Gaussian line_gaussian(double mean, double std) {
  return {Eigen::VectorXd::Constant(1, mean), Eigen::MatrixXd::Constant(1, 1, std * std)};
}

fp_solver::SolveOptions fixed_steps(std::vector<int> cells, double step) {
  fp_solver::SolveOptions options;
  options.cells = std::move(cells);
  options.tolerance = 0;
  options.max_step = step;
  return options;
}

fp_solver::SolveOptions in_box(std::vector<int> cells, double step, const fp::InitialDensity& initial,
                               double half_width) {
  fp_solver::SolveOptions options = fixed_steps(std::move(cells), step);
  options.frame = fp_solver::FrameKind::fixed;
  options.flux = fp::FluxKind::chang_cooper;
  options.max_wall_mass = 1;
  options.z_max = half_width / std::sqrt(initial.covariance()(0, 0));
  for (const double centre : initial.mean()) {
    options.low.push_back(centre - half_width);
    options.high.push_back(centre + half_width);
  }
  return options;
}

fp_solver::SolveOptions suited(int d, int n, double step, double half_width) {
  fp_solver::SolveOptions options = fixed_steps(std::vector<int>(d, n), step);
  if (d <= 2) return options;
  options.frame = fp_solver::FrameKind::fixed;
  options.flux = fp::FluxKind::chang_cooper;
  options.low.assign(d, -half_width);
  options.high.assign(d, half_width);
  return options;
}

Eigen::VectorXd centre_of(const fp::Density& density, long cell) {
  const fp::Grid& grid = density.grid;
  Eigen::VectorXd z(grid.dimension());
  for (int k = grid.dimension() - 1; k >= 0; --k) {
    z[k] = grid.z_centre(k, static_cast<int>(cell % grid.cells[k]));
    cell /= grid.cells[k];
  }
  return density.frame.centre + density.frame.scale * z;
}

double l1_error(const fp::Density& density, const fp::ScalarFunction& exact) {
  double sum = 0;
  for (long cell = 0; cell < density.grid.n_cells(); ++cell) {
    const Eigen::VectorXd w = centre_of(density, cell);
    sum += std::abs(density.p[cell] - exact({w.data(), static_cast<std::size_t>(w.size())}));
  }
  return sum * density.cell_volume();
}

double l1_distance(const fp::Density& a, const fp::Density& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.p.size(); ++i) sum += std::abs(a.p[i] - b.p[i]);
  return sum * a.cell_volume();
}

double smeared(const fp::Gaussian& gaussian, double x, const std::function<double(double x, double y)>& kernel) {
  constexpr int n = 200;
  constexpr double reach = 8;
  const double std = std::sqrt(gaussian.covariance(0, 0));
  double sum = 0;
  double norm = 0;
  for (int i = 0; i <= n; ++i) {
    const double u = reach * (2.0 * i / n - 1);
    const double weight = std::exp(-u * u / 2);
    norm += weight;
    sum += weight * kernel(x, gaussian.mean[0] + std * u);
  }
  return sum / norm;
}

}  // namespace driftwood::app::verify
