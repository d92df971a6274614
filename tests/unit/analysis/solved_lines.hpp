#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "driftwood/fp/edge_rates.hpp"
#include "driftwood/fp/exact_solutions.hpp"
#include "driftwood/fp/frame_motion.hpp"
#include "driftwood/fp/initial_density.hpp"
#include "driftwood/fp/line_factors.hpp"
#include "driftwood/fp/problems.hpp"

/// Densities on lines, solved by Crank and Nicolson's scheme with small steps.
namespace driftwood::analysis {

inline fp::Frame unit_field(int d) {
  return {Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Identity(d, d)};
}

inline fp::Grid line_grid(int n_cells, double half_width) {
  fp::Grid grid;
  grid.cells = {n_cells};
  grid.z_max = half_width;
  return grid;
}

/// b = -k w and D.
inline fp::OrnsteinUhlenbeck line_process(double k, double diffusion) {
  const Eigen::MatrixXd one = Eigen::MatrixXd::Identity(1, 1);
  return {k * one, Eigen::VectorXd::Zero(1), diffusion * one};
}

/// b = w - w^3, D = 0.3: the numerical test of equations.md section 7.
inline std::unique_ptr<fp::Problem> quartic_problem() {
  fp::ProblemParameters parameters;
  parameters.family = "polynomial_potential";
  parameters.potential = "0.25 w^4 - 0.5 w^2";
  parameters.diffusion = {0.3};
  return fp::make_problem(parameters);
}

/// The function's values at the cells' centres, normalised.
template <class Function>
fp::Density sampled_line(int n_cells, double half_width, Function&& f) {
  fp::Density density{0, line_grid(n_cells, half_width), unit_field(1), std::vector<double>(n_cells)};
  for (int i = 0; i < n_cells; ++i) density.p[i] = f(density.grid.z_centre(0, i));
  const double mass = density.mass();
  for (double& p : density.p) p /= mass;
  return density;
}

/// Chang and Cooper's rates at time 0 in a fixed box, times `step`.
inline fp::EdgeRates line_rates(const fp::Coefficients& coefficients, const fp::Grid& grid, double step) {
  const fp::CellRange all{0, grid.n_cells()};
  fp::CellCoefficients cells;
  cells.range = all;
  const std::vector<double> w = fp::cell_centres(grid, unit_field(1), all);
  cells.drift.resize(w.size());
  cells.diffusion.resize(w.size());
  coefficients.evaluate(0, w, cells.drift, cells.diffusion);
  const fp::FrameMotion rest{Eigen::VectorXd::Zero(1), Eigen::MatrixXd::Zero(1, 1)};
  fp::to_frame(grid, unit_field(1), rest, cells);
  const fp::EdgeRates rates =
      fp::edge_rates(grid, fp::edge_coefficients(grid, all, cells), fp::FluxKind::chang_cooper, {}, {});
  const std::vector<fp::ScaledRates> parts{{&rates, step, {}, all}};
  return fp::sum_of(parts);
}

/// N(mean, std^2) at time 0, evolved to `time`.
inline fp::Density evolved_line(const fp::Coefficients& coefficients, const fp::Grid& grid, double mean, double std,
                                double time, int n_steps) {
  const fp::InitialDensity start(std::vector<double>{mean}, std::vector<double>{std});
  const fp::EdgeRates half_step = line_rates(coefficients, grid, time / n_steps / 2);
  const fp::LineFactors factors(half_step);
  const fp::CellRange all{0, grid.n_cells()};
  std::vector<double> mass = fp::discretised_masses(start, grid, unit_field(1));
  for (int step = 0; step < n_steps; ++step) {
    const std::vector<double> change = fp::rate_of_change(half_step, mass, all);
    for (std::size_t i = 0; i < mass.size(); ++i) mass[i] += change[i];
    factors.solve(mass);
  }
  return fp::density_from_masses(time, grid, unit_field(1), std::move(mass));
}

/// d_t p at the cells.
inline std::vector<double> rate_of_change_on_line(const fp::Coefficients& coefficients, const fp::Density& density) {
  return fp::rate_of_change(line_rates(coefficients, density.grid, 1), density.p, {0, density.grid.n_cells()});
}

}  // namespace driftwood::analysis
