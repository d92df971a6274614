// Gradient drifts b = -grad V with constant D: exp(-V/D) is stationary, and how fast it is reached.
#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "problems.hpp"

namespace driftwood::app::verify {

namespace {

using fp_solver::SolveOptions;

/// b = -D Sigma^-1 w with full D, Sigma: a gradient in the metric of D. The start is exp(-V/D) at the cells' centres.
std::vector<Check> stays_put(Bench& bench) {
  const Eigen::Matrix2d diffusion{{0.3, 0.1}, {0.1, 0.2}};
  const Eigen::Matrix2d covariance{{0.3, -0.1}, {-0.1, 0.4}};
  const fp::OrnsteinUhlenbeck problem(diffusion * covariance.inverse(), Eigen::Vector2d::Zero(), diffusion);
  const fp::Gaussian stationary{Eigen::Vector2d::Zero(), covariance};
  std::vector<Check> checks;
  for (const Scheme& scheme : schemes()) {
    const SolveOptions options = scheme.in(in_box({40, 40}, 0.5, stationary, 4));
    const auto result = bench.solve(problem, stationary, {0, 10}, options);
    checks.push_back(within("L1 change from t = 0 to 10, " + scheme.name,
                            l1_distance(result.snapshots[0], result.snapshots[1]), 0, 1e-12));
  }
  for (Check& check : bench.soundness(true)) checks.push_back(check);
  return checks;
}

double weight(double w, double diffusion) {
  return std::exp(-std::pow(w * w - 1, 2) / 4 / diffusion);
}

double partition_sum(double diffusion) {
  double sum = 0;
  for (int i = 0; i < 6000; ++i) sum += weight(-3 + (i + 0.5) * 1e-3, diffusion) * 1e-3;
  return sum;
}

/// Started on one side of the barrier.
std::vector<Check> is_reached(Bench& bench) {
  constexpr double diffusion = 0.2;
  const double norm = partition_sum(diffusion);
  const std::vector<int> grids = bench.grids({64, 128, 256, 512});
  std::vector<Check> checks;
  std::vector<double> errors;
  double apart = 0;
  for (const int n : grids) {
    fp::InitialDensity start;  // around 0, so that the box is
    start.components = {{0.9, line_gaussian(0.2, 0.2)}, {0.1, line_gaussian(-1.8, 0.1)}};
    const auto result = bench.solve(double_well(diffusion), start, {0, 400}, in_box({n}, 5, start, 3));
    errors.push_back(
        l1_error(result.snapshots.back(), [&](std::span<const double> w) { return weight(w[0], diffusion) / norm; }));
    const auto spectrum = bench.spectrum(double_well(diffusion), {n}, {3}, 1);
    apart = std::max(apart, l1_distance(result.snapshots.back(), *spectrum.stationary));
  }
  checks.push_back(order_of("L1 error to exp(-V/D)", grids, errors, 1.8, 2.2));
  checks.push_back(within("L1 distance, time stepping to null vector", apart, 0, 1e-9));
  for (Check& check : bench.soundness()) checks.push_back(check);
  return checks;
}

std::vector<Check> escape_rates(Bench& bench) {
  const std::pair<double, double> known[] = {{0.1, 0.0335452873}, {0.05, 0.0027761406}, {0.03, 1.02697e-4}};
  const std::vector<int> grids = bench.grids({100, 200, 400, 800});
  std::vector<Check> checks;
  for (const auto& [diffusion, rate] : known) {
    std::vector<double> errors;
    for (const int n : grids)
      errors.push_back(std::abs(bench.spectrum(double_well(diffusion), {n}, {2.2}, 2).rates[0] - rate) / rate);
    const std::string name = std::to_string(diffusion).substr(0, 4);
    checks.push_back(order_of("relative error of the slowest rate, D = " + name, grids, errors, 1.8, 2.2));
  }
  return checks;
}

/// How fast a small asymmetry decays late, from the solved density.
std::vector<Check> late_decay(Bench& bench) {
  constexpr double diffusion = 0.1;
  const double rate = bench.spectrum(double_well(diffusion), {200}, {2.2}, 1).rates[0].real();
  fp::InitialDensity start;
  start.components = {{0.9, line_gaussian(0.2, 0.2)}, {0.1, line_gaussian(-1.8, 0.1)}};
  std::vector<Check> checks;
  for (const Scheme& scheme : bench.second_order_schemes(1)) {
    const SolveOptions options = scheme.in(in_box({200}, 0.05, start, 2.2));
    const auto result = bench.solve(double_well(diffusion), start, {0, 15, 25}, options);
    const double late = std::log(result.snapshots[1].mean()[0] / result.snapshots[2].mean()[0]) / 10;
    checks.push_back(within("late decay / slowest rate - 1, " + scheme.name, late / rate - 1, -1e-3, 1e-3));
  }
  return checks;
}

/// F = int p (V + D ln p) at every step.
std::vector<Check> free_energy_falls(Bench& bench) {
  constexpr double diffusion = 0.1;
  const auto potential = [](std::span<const double> w) { return std::pow(w[0] * w[0] - 1, 2) / 4; };
  fp::InitialDensity start;
  start.components = {{0.9, line_gaussian(0.2, 0.2)}, {0.1, line_gaussian(-1.8, 0.1)}};
  const double least = -diffusion * std::log(partition_sum(diffusion));
  std::vector<double> times;
  for (int i = 0; i <= 100; ++i) times.push_back(0.1 * i);
  std::vector<Check> checks;
  for (const Scheme& scheme : schemes()) {
    const SolveOptions options = scheme.in(in_box({200}, 0.1, start, 3));
    const auto result = bench.solve(double_well(diffusion), start, times, options);
    double rise = -1;
    std::vector<double> energy;
    for (const fp::Density& density : result.snapshots)
      energy.push_back(fp::free_energy(density, potential, diffusion));
    for (std::size_t i = 1; i < energy.size(); ++i) rise = std::max(rise, energy[i] - energy[i - 1]);
    checks.push_back(within("largest rise of F in 100 steps, " + scheme.name, rise, -1, 0));
    checks.push_back(within("F above -D ln Z at t = 10, " + scheme.name, energy.back() - least, 0, 0.2));
  }
  return checks;
}

}  // namespace

std::vector<Case> equilibrium_cases() {
  return {
      {"gradient-drift", "b = -D grad(V/D), full D: exp(-V/D) stays put to round-off", true, stays_put},
      {"double-well-density", "V = (w^2 - 1)^2 / 4, D = 0.2: exp(-V/D) is reached from one side", true, is_reached},
      {"double-well-rates", "V = (w^2 - 1)^2 / 4: 0.0335452873, 0.0027761406, 1.02697e-4 (Kramers is 5-10% high)", true,
       escape_rates},
      {"double-well-decay", "the solved density relaxes at the generator's slowest rate", true, late_decay},
      {"free-energy", "F = int p (V + D ln p) falls at every step for b = -grad V", true, free_energy_falls},
  };
}

}  // namespace driftwood::app::verify
