// Boxes with physical walls: no flux, or absorbing.
#include <cmath>
#include <numbers>

#include "driftwood/fp/first_passage.hpp"
#include "problems.hpp"

namespace driftwood::app::verify {

namespace {

using fp_solver::SolveOptions;
using std::numbers::pi;

/// Two normal densities, mean 0 and not symmetric, well inside [-1, 1].
fp::InitialDensity two_peaks() {
  fp::InitialDensity initial;
  initial.components = {{0.6, line_gaussian(-0.2, 0.08)}, {0.4, line_gaussian(0.3, 0.1)}};
  return initial;
}

/// Reflected at -1 and 1 without end: the method of images.
double reflected(double x, double t, double diffusion) {
  double sum = 0;
  for (const auto& component : two_peaks().components)
    for (int image = -6; image <= 6; ++image) {
      const double mean = component.gaussian.mean[0];
      const double variance = component.gaussian.covariance(0, 0) + 2 * diffusion * t;
      const double at = 2 * image + (image % 2 == 0 ? mean : -mean);
      sum += component.weight * std::exp(-std::pow(x - at, 2) / (2 * variance)) / std::sqrt(2 * pi * variance);
    }
  return sum;
}

/// Amplitude of the discrete mode cos(k pi (i + 1/2) / N).
double amplitude(const fp::Density& density, int k) {
  const auto n = static_cast<double>(density.p.size());
  double sum = 0;
  for (std::size_t i = 0; i < density.p.size(); ++i)
    sum += density.p[i] * std::cos(k * pi * (static_cast<double>(i) + 0.5) / n);
  return sum;
}

/// A linear scheme multiplies every mode by its stability function.
Check stability_function(Bench& bench, const Scheme& scheme) {
  constexpr int n = 40;
  constexpr int n_steps = 6;
  constexpr double diffusion = 0.2;
  constexpr double dt = 0.004;
  const Line problem(constant(0), constant(diffusion));
  const auto result = bench.solve(problem, two_peaks(), {0, n_steps * dt}, scheme.in(in_box({n}, dt, two_peaks(), 1)));
  if (result.report.n_redone > 0) throw CaseFailed("a step went negative where none should");
  double error = 0;
  for (int k = 1; k <= 12; ++k) {
    const double lambda = -4 * diffusion * std::pow(n / 2.0, 2) * std::pow(std::sin(k * pi / (2 * n)), 2);
    const double exact = scheme.amplification(lambda * dt, n_steps) * amplitude(result.snapshots[0], k);
    error = std::max(error, std::abs(amplitude(result.snapshots[1], k) - exact));
  }
  return within("modes 1-12 in six steps, R(lambda dt), " + scheme.name, error / amplitude(result.snapshots[0], 0), 0,
                1e-12);
}

std::vector<Check> brownian_box(Bench& bench) {
  constexpr double diffusion = 0.3;
  const Line problem(constant(0), constant(diffusion));
  const std::vector<int> grids = bench.grids({50, 100, 200, 400});
  std::vector<Check> checks;
  for (const Scheme& scheme : bench.second_order_schemes(1)) {
    std::vector<double> errors;
    for (const int n : grids) {
      const SolveOptions options = scheme.in(in_box({n}, 10.0 / (n * 20), two_peaks(), 1));
      const auto result = bench.solve(problem, two_peaks(), {0, 0.5}, options);
      errors.push_back(
          l1_error(result.snapshots.back(), [](std::span<const double> w) { return reflected(w[0], 0.5, diffusion); }));
    }
    checks.push_back(order_of("L1 error at t = 0.5, " + scheme.name, grids, errors, 1.7, 2.5));
  }
  for (const Scheme& scheme : schemes()) {
    const SolveOptions options = scheme.in(in_box({60}, 0.05, two_peaks(), 1));
    const auto result = bench.solve(problem, two_peaks(), {0, 45}, options);
    checks.push_back(within("L1 error of the steady state, " + scheme.name,
                            l1_error(result.snapshots.back(), [](std::span<const double>) { return 0.5; }), 0,
                            scheme.is_positive ? 1e-12 : 1e-9));
    if (scheme.is_linear()) checks.push_back(stability_function(bench, scheme));
  }
  for (Check& check : bench.soundness(true)) checks.push_back(check);
  return checks;
}

std::vector<Check> brownian_spectrum(Bench& bench) {
  constexpr double diffusion = 0.3;
  const Line problem(constant(0), constant(diffusion));
  std::vector<Check> checks;
  for (const int n : bench.grids({25, 50, 100, 200})) {
    const auto result = bench.spectrum(problem, {n}, {1}, 5);
    double error = 0;
    for (int k = 1; k <= 5; ++k) {
      const double exact = diffusion * n * n * std::pow(std::sin(k * pi / (2 * n)), 2);
      error = std::max(error, std::abs(result.rates[k - 1] - exact) / exact);
    }
    checks.push_back(within("relative error of five rates, N = " + std::to_string(n), error, 0, 1e-9));
  }
  return checks;
}

/// Absorbing walls at -1 and 1 around a narrow start at x0.
constexpr double start_mean = -0.2;
constexpr double start_std = 0.1;
fp::InitialDensity narrow_start() {
  return line_gaussian(start_mean, start_std);
}

fp_solver::SolveResult absorbed(Bench& bench, double velocity, double diffusion, int n, double end,
                                const Scheme& scheme) {
  SolveOptions options = in_box({n}, end / (4 * n), fp::InitialDensity(line_gaussian(0, start_std)), 1);
  options.walls = {fp_solver::Wall::absorbing, fp_solver::Wall::absorbing};
  std::vector<double> times;
  for (int i = 0; i <= 100; ++i) times.push_back(end * i / 100);
  const Line problem(constant(velocity), constant(diffusion));
  auto result = bench.solve(problem, narrow_start(), times, scheme.in(options));
  if (result.absorbed.size() != 2 * times.size()) throw CaseFailed("the solver reports no losses through its walls");
  return result;
}

/// Survival of Brownian motion at t = 1 and its mean first-passage time, averaged over the start.
double exact_survival(double diffusion, double t) {
  return smeared(narrow_start().components[0].gaussian, 0, [&](double, double start) {
    double sum = 0;
    for (int k = 1; k < 200; k += 2)
      sum += 4 / (pi * k) * std::sin(k * pi * (start + 1) / 2) * std::exp(-diffusion * k * k * pi * pi * t / 4);
    return sum;
  });
}

std::vector<Check> absorbing_walls(Bench& bench) {
  constexpr double diffusion = 0.4;
  constexpr double velocity = 0.5;
  const std::vector<int> grids = bench.grids({50, 100, 200, 400});
  const double mean_time = (1 - start_mean * start_mean - start_std * start_std) / (2 * diffusion);
  const double high = smeared(narrow_start().components[0].gaussian, 0, [](double, double x) {
    return std::expm1(-velocity * (x + 1) / diffusion) / std::expm1(-2 * velocity / diffusion);
  });
  std::vector<Check> checks;
  for (const Scheme& scheme : bench.second_order_schemes(1)) {
    std::vector<std::vector<double>> errors(3);
    double lost = 0;
    for (const int n : grids) {
      const auto still = absorbed(bench, 0, diffusion, n, 6, scheme);
      const auto driven = absorbed(bench, velocity, diffusion, n, 6, scheme);
      std::vector<double> times;
      for (const fp::Density& density : still.snapshots) times.push_back(density.time);
      const fp::FirstPassage passage = fp::first_passage(times, still.absorbed);
      errors[0].push_back(std::abs(still.snapshots[20].mass() - exact_survival(diffusion, times[20])));
      errors[1].push_back(std::abs(passage.mean - mean_time));
      errors[2].push_back(std::abs(fp::first_passage(times, driven.absorbed).splitting[1] - high));
      for (std::size_t i = 0; i < times.size(); ++i)
        lost = std::max(lost, std::abs(still.snapshots[i].mass() - passage.survival[i]));
    }
    checks.push_back(order_of("survival at t = 1.2, " + scheme.name, grids, errors[0], 1.7, 2.4));
    checks.push_back(within("mean first-passage time, finest grid, " + scheme.name, errors[1].back(), 0, 2e-3));
    checks.push_back(order_of("splitting with drift, " + scheme.name, grids, errors[2], 1.7, 2.4));
    checks.push_back(within("lost mass is the walls' current, " + scheme.name, lost, 0, 1e-12));
  }
  return checks;
}

/// Two independent coordinates in a square: absorbing walls across the first, across both.
std::vector<Check> absorbing_square(Bench& bench) {
  using fp_solver::Wall;
  constexpr double diffusion = 0.4;
  constexpr double end = 0.8;
  const Plane problem([](double, const Eigen::Vector2d&) { return Eigen::Vector2d::Zero(); },
                      [=](double, const Eigen::Vector2d&) { return diffusion * Eigen::Matrix2d::Identity(); });
  const fp::Gaussian start{Eigen::Vector2d::Constant(start_mean), start_std * start_std * Eigen::Matrix2d::Identity()};
  const std::vector<int> grids = bench.grids({32, 48, 64, 96});
  std::vector<Check> checks;
  for (const Scheme& scheme : bench.second_order_schemes(2)) {
    std::vector<std::vector<double>> errors(2);
    for (const int n : grids)
      for (int closed = 0; closed < 2; ++closed) {
        SolveOptions options = scheme.in(fixed_steps({n, n}, end / (2 * n)));
        options.frame = fp_solver::FrameKind::fixed;
        options.flux = fp::FluxKind::chang_cooper;
        options.low = {-1, -1};
        options.high = {1, 1};
        options.walls.assign(4, Wall::absorbing);
        if (closed == 1) options.walls[2] = options.walls[3] = Wall::no_flux;
        const auto result = bench.solve(problem, start, {0, end}, options);
        const double exact = std::pow(exact_survival(diffusion, end), 2 - closed);
        errors[closed].push_back(std::abs(result.snapshots.back().mass() - exact));
      }
    checks.push_back(order_of("survival, four walls, " + scheme.name, grids, errors[0], 1.7, 2.4));
    checks.push_back(order_of("survival, two walls, " + scheme.name, grids, errors[1], 1.7, 2.4));
  }
  for (Check& check : bench.soundness(true)) checks.push_back(check);
  return checks;
}

/// Between absorbing walls: rates D (k pi / 2)^2, and cos(pi w / 2) pi / 4 is how survivors are distributed.
std::vector<Check> escape(Bench& bench) {
  constexpr double diffusion = 0.4;
  const Line problem(constant(0), constant(diffusion));
  const std::vector<int> grids = bench.grids({25, 50, 100, 200});
  std::vector<std::vector<double>> errors(3);
  for (const int n : grids) {
    const auto result = bench.spectrum(problem, {n}, {1}, 2, {fp_solver::Wall::absorbing, fp_solver::Wall::absorbing});
    for (int k = 1; k <= 2; ++k)
      errors[k - 1].push_back(std::abs(result.rates[k - 1] - diffusion * std::pow(k * pi / 2, 2)));
    errors[2].push_back(
        l1_error(*result.stationary, [](std::span<const double> w) { return pi / 4 * std::cos(pi * w[0] / 2); }));
  }
  return {order_of("error of the rate of escape", grids, errors[0], 1.8, 2.2),
          order_of("error of the next rate", grids, errors[1], 1.8, 2.2),
          order_of("L1 error of the quasi-stationary density", grids, errors[2], 1.8, 2.2)};
}

}  // namespace

std::vector<Case> box_cases() {
  return {
      {"brownian-box",
       "b = 0, no flux at the walls: images (cosine series); uniform at the end; R(lambda dt) on the modes", true,
       brownian_box},
      {"brownian-spectrum", "the discrete modes' eigenvalues -(4D/h^2) sin^2(k pi / 2N), exactly", true,
       brownian_spectrum},
      {"absorbing-walls", "p = 0 at the walls: survival series, x0 (L - x0) / 2D, (e^{-v x0/D} - 1) / (e^{-vL/D} - 1)",
       true, absorbing_walls},
      {"absorbing-square", "the same for two coordinates: products of the survival series", true, absorbing_square},
      {"escape-spectrum", "absorbing walls: rates D (k pi / L)^2, survivors as sin(pi x / L)", true, escape},
  };
}

}  // namespace driftwood::app::verify
