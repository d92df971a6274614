// b = -A (w - a) with constant D: a normal density stays normal (equations.md section 9; Van Loan 1978 for the
// integral).
#include <cmath>

#include "problems.hpp"

namespace driftwood::app::verify {

namespace {

using fp_solver::SolveOptions;

/// The reference problem of d weights with a full tensor.
fp::OrnsteinUhlenbeck reference_problem(int d) {
  Eigen::MatrixXd diffusion = 0.2 * Eigen::MatrixXd::Identity(d, d);
  for (int i = 0; i + 1 < d; ++i) diffusion(i, i + 1) = diffusion(i + 1, i) = 0.08;
  return {reference_drift(d), Eigen::VectorXd::Zero(d), diffusion};
}

fp::Gaussian reference_start(int d) {
  return {Eigen::Vector4d(0.8, -0.6, 0.5, -0.4).head(d), 0.1 * Eigen::MatrixXd::Identity(d, d)};
}

/// Errors at t = 1 with `steps_per_cell` n steps of n cells an axis.
std::vector<double> reference_errors(Bench& bench, int d, const std::vector<int>& grids, double steps_per_cell,
                                     const Scheme& scheme) {
  const fp::OrnsteinUhlenbeck problem = reference_problem(d);
  std::vector<double> errors;
  for (const int n : grids) {
    const SolveOptions options = scheme.in(suited(d, n, 1 / (steps_per_cell * n), 2.3));
    const auto result = bench.solve(problem, reference_start(d), {0, 1}, options);
    errors.push_back(fp::l1_error(result.snapshots.back(), problem.evolve(reference_start(d), 1)));
  }
  return errors;
}

/// d weights: every scheme of second order with d = 1, the solver's own choice beyond.
std::vector<Check> full_matrix(Bench& bench, int d, const std::vector<int>& all_grids, double steps_per_cell) {
  const std::vector<int> grids = bench.grids(all_grids);
  std::vector<Check> checks;
  for (const Scheme& scheme : bench.second_order_schemes(d)) {
    checks.push_back(order_of("L1 error, " + scheme.name, grids,
                              reference_errors(bench, d, grids, steps_per_cell, scheme), 1.7, 2.4));
  }
  for (Check& check : bench.soundness(true)) checks.push_back(check);
  return checks;
}

/// The flux of fourth order, with steps short enough for the cells' error to show.
std::vector<Check> fourth_order_flux(Bench& bench) {
  std::vector<Check> checks;
  for (int d = 1; d <= (bench.is_quick() ? 1 : 2); ++d) {
    const fp::OrnsteinUhlenbeck problem = reference_problem(d);
    const std::vector<int> grids = bench.grids({48, 64, 96, 128});
    std::vector<double> errors;
    for (const int n : grids) {
      SolveOptions options = fixed_steps(std::vector<int>(d, n), 40.0 / (n * n));
      options.time_scheme = fp_solver::TimeScheme::strang;
      options.flux = fp::FluxKind::fourth_order;
      options.frame = fp_solver::FrameKind::fixed;
      options.low.assign(d, -3);
      options.high.assign(d, 3);
      const auto result = bench.solve(problem, reference_start(d), {0, 1}, options);
      errors.push_back(fp::l1_error(result.snapshots.back(), problem.evolve(reference_start(d), 1)));
    }
    checks.push_back(order_of("L1 error, strang, d = " + std::to_string(d), grids, errors, 3.5, 4.6));
  }
  for (Check& check : bench.soundness()) checks.push_back(check);
  return checks;
}

/// L1 distance to a solve of very small steps on the same grid, with rates that depend on time.
std::vector<Check> order_in_time(Bench& bench) {
  const Line problem([](double t, double w) { return -(1 + 0.5 * std::sin(3 * t)) * w; },
                     [](double t, double) { return 0.3 + 0.2 * std::cos(2 * t); });
  const std::vector<int> steps = bench.grids({16, 32, 64, 128});
  std::vector<Check> checks;
  for (const Scheme& scheme : schemes()) {
    const auto at = [&](double step) {
      const SolveOptions options = scheme.in(in_box({64}, step, line_gaussian(1, 0.4), 4.8));
      return bench.solve(problem, line_gaussian(1, 0.4), {0, 1}, options).snapshots.back();
    };
    const fp::Density reference = at(1.0 / 2048);
    std::vector<double> errors;
    for (const int n : steps) errors.push_back(l1_distance(at(1.0 / n), reference));
    checks.push_back(
        order_of("L1 error in time, " + scheme.name, steps, errors, scheme.order - 0.2, scheme.order + 0.3));
  }
  for (Check& check : bench.soundness(true)) checks.push_back(check);
  return checks;
}

/// The exact variance under b = -k(t) w, D: d var/dt = -2 k(t) var + 2 D, by the classical fourth-order rule.
double variance_at(double start, double t, const std::function<double(double)>& k, double diffusion) {
  constexpr int n = 4000;
  const double dt = t / n;
  const auto rate = [&](double at, double variance) { return -2 * k(at) * variance + 2 * diffusion; };
  double variance = start;
  for (int i = 0; i < n; ++i) {
    const double s = i * dt;
    const double k1 = rate(s, variance);
    const double k2 = rate(s + dt / 2, variance + dt / 2 * k1);
    const double k3 = rate(s + dt / 2, variance + dt / 2 * k2);
    variance += dt / 6 * (k1 + 2 * k2 + 2 * k3 + rate(s + dt, variance + dt * k3));
  }
  return variance;
}

std::vector<Check> time_dependent_drift(Bench& bench) {
  const auto k = [](double t) { return 1 + 0.8 * std::sin(5 * t); };
  const double end = 1.2;
  const double decay = std::exp(-(end + 0.16 * (1 - std::cos(5 * end))));
  const fp::Gaussian exact{Eigen::VectorXd::Constant(1, 1.5 * decay),
                           Eigen::MatrixXd::Constant(1, 1, variance_at(0.09, end, k, 0.2))};
  const Line problem([&](double t, double w) { return -k(t) * w; }, constant(0.2));
  const std::vector<int> grids = bench.grids({64, 128, 256, 512});
  std::vector<Check> checks;
  for (const Scheme& scheme : bench.second_order_schemes(1)) {
    std::vector<double> errors;
    for (const int n : grids) {
      const SolveOptions options = scheme.in(fixed_steps({n}, end / n));
      const auto result = bench.solve(problem, line_gaussian(1.5, 0.3), {0, end}, options);
      errors.push_back(fp::l1_error(result.snapshots.back(), exact));
    }
    checks.push_back(order_of("L1 error, " + scheme.name, grids, errors, 1.7, 2.4));
  }
  for (Check& check : bench.soundness(true)) checks.push_back(check);
  return checks;
}

/// 64 cells an axis: the frame that follows the density, and a box at rest that holds start and end.
std::vector<Check> far_away(Bench& bench) {
  std::vector<Check> checks;
  for (int d = 1; d <= (bench.is_quick() ? 1 : 2); ++d)
    for (const double start_std : {20.0, 0.002}) {
      const fp::OrnsteinUhlenbeck problem(Eigen::MatrixXd::Identity(d, d), Eigen::VectorXd::Zero(d),
                                          0.04 * Eigen::MatrixXd::Identity(d, d));
      const fp::Gaussian start{Eigen::VectorXd::Constant(d, 30),
                               start_std * start_std * Eigen::MatrixXd::Identity(d, d)};
      const fp::Gaussian exact = problem.evolve(start, 8);
      const std::string what = "d = " + std::to_string(d) + (start_std > 1 ? ", 100 x narrower" : ", 100 x wider");
      SolveOptions options;
      options.cells.assign(d, 64);
      options.tolerance = d == 1 ? 1e-4 : 5e-4;
      const auto followed = bench.solve(problem, start, {0, 8}, options);
      checks.push_back(
          within("L1 error in the frame, " + what, fp::l1_error(followed.snapshots.back(), exact), 0, 1e-3));
      options.frame = fp_solver::FrameKind::fixed;
      options.tolerance = 1e-2;
      options.when_wall_is_reached = fp_solver::WallPolicy::fail;
      options.z_max = start_std > 1 ? 7 : 20000;
      const auto fixed = fp_solver::solve(problem, start, {0, 8}, options, bench.world());
      const bool is_lost = fixed.report.status != fp_solver::SolveStatus::ok;
      checks.push_back(within("L1 error in a box (2: no result), " + what,
                              is_lost ? 2 : fp::l1_error(fixed.snapshots.back(), exact), 0.1, 2));
    }
  for (Check& check : bench.soundness()) checks.push_back(check);
  return checks;
}

std::vector<Check> spectrum_of_the_drift(Bench& bench) {
  const fp::OrnsteinUhlenbeck problem((Eigen::Matrix2d() << 1, 0.6, 0.2, 1.8).finished(), Eigen::Vector2d::Zero(),
                                      (Eigen::Matrix2d() << 0.2, 0.05, 0.05, 0.3).finished());
  const double a = 1.4 - std::sqrt(0.28);
  const double exact[] = {a, 2 * a, 1.4 + std::sqrt(0.28), 3 * a};
  const char* names[] = {"a", "2a", "b", "3a"};
  const std::vector<int> grids = bench.grids({32, 48, 72, 108});
  std::vector<std::vector<double>> errors(4);
  for (const int n : grids) {
    const auto result = bench.spectrum(problem, {n, n}, {3, 3}, 4);
    for (int k = 0; k < 4; ++k) errors[k].push_back(std::abs(result.rates[k] - exact[k]));
  }
  std::vector<Check> checks;
  for (int k = 0; k < 4; ++k)
    checks.push_back(order_of(std::string("error of the rate ") + names[k], grids, errors[k], 1.8, 2.2));
  return checks;
}

}  // namespace

std::vector<Case> ornstein_uhlenbeck_cases() {
  const std::string equation = "b = -A (w - a), A not normal, full D: Gaussian, Sigma by Van Loan 1978; ";
  return {
      {"ornstein-uhlenbeck-1", equation + "d = 1", true,
       [](Bench& bench) {
         return full_matrix(bench, 1, {64, 128, 256, 512}, 1);
       }},
      {"ornstein-uhlenbeck-2", equation + "d = 2", true,
       [](Bench& bench) {
         return full_matrix(bench, 2, {64, 96, 144, 216}, 0.5);
       }},
      {"ornstein-uhlenbeck-3", equation + "d = 3", false,
       [](Bench& bench) {
         return full_matrix(bench, 3, {24, 32, 44}, 0.25);
       }},
      {"ornstein-uhlenbeck-4", equation + "d = 4", false,
       [](Bench& bench) {
         return full_matrix(bench, 4, {14, 18, 24}, 0.25);
       }},
      {"spectrum-of-the-drift", "eigenvalues of the generator: sums of those of A (a, b)", true, spectrum_of_the_drift},
      {"fourth-order-flux", "the reference problem with flux = fourth_order, Strang splitting", true,
       fourth_order_flux},
      {"order-in-time", "b = -k(t) w, D(t): every scheme against very small steps on the same cells", true,
       order_in_time},
      {"time-dependent-drift", "b = -k(t) w, k = 1 + 0.8 sin 5t: Gaussian by integrals of k", true,
       time_dependent_drift},
      {"far-away", "m0 = 150 final widths away, width changing 100-fold, 64 cells an axis (equations 4.1-4.4)", true,
       far_away},
  };
}

}  // namespace driftwood::app::verify
