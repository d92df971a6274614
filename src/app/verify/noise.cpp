// Multiplicative noise, in Ito's sense: another reading of the same noise would miss by far more than the bounds.
#include <cmath>
#include <numbers>

#include "problems.hpp"

namespace driftwood::app::verify {

namespace {

using fp_solver::SolveOptions;

double normal(double x, double mean, double variance) {
  return std::exp(-std::pow(x - mean, 2) / (2 * variance)) / std::sqrt(2 * std::numbers::pi * variance);
}

/// L1 errors of every second-order scheme at t = 1 against a start smeared by the exact kernel.
std::vector<Check> against_kernel(Bench& bench, const Line& problem, const fp::Gaussian& start,
                                  const std::function<double(double x, double y)>& kernel) {
  const std::vector<int> grids = bench.grids({256, 512, 1024, 2048});
  std::vector<Check> checks;
  for (const Scheme& scheme : bench.second_order_schemes(1)) {
    std::vector<double> errors;
    for (const int n : grids) {
      const SolveOptions options = scheme.in(fixed_steps({n}, 4.0 / n));
      const auto result = bench.solve(problem, start, {0, 1}, options);
      errors.push_back(
          l1_error(result.snapshots.back(), [&](std::span<const double> w) { return smeared(start, w[0], kernel); }));
    }
    checks.push_back(order_of("L1 error, " + scheme.name, grids, errors, 1.7, 2.4));
  }
  for (Check& check : bench.soundness(true)) checks.push_back(check);
  return checks;
}

std::vector<Check> hyperbolic_sine(Bench& bench) {
  constexpr double s2 = 0.05;
  const Line problem([](double, double w) { return s2 * w / 2; },
                     [](double, double w) { return s2 * (1 + w * w) / 2; });
  return against_kernel(bench, problem, line_gaussian(0.5, 0.2), [](double x, double y) {
    return normal(std::asinh(x), std::asinh(y), s2) / std::sqrt(1 + x * x);
  });
}

std::vector<Check> geometric(Bench& bench) {
  constexpr double growth = 0.3;
  constexpr double s2 = 0.04;
  const Line problem([](double, double w) { return growth * w; }, [](double, double w) { return s2 * w * w / 2; });
  return against_kernel(bench, problem, line_gaussian(2, 0.15), [](double x, double y) {
    return x > 0 && y > 0 ? normal(std::log(x), std::log(y) + growth - s2 / 2, s2) / x : 0.0;
  });
}

/// x = w + 1/2 in [0, 1], b = a (1 - x) - c x, D = x (1 - x) / 2.
constexpr double a = 2.0;
constexpr double c = 1.5;
Line wright_fisher() {
  return {[](double, double w) { return a * (0.5 - w) - c * (0.5 + w); },
          [](double, double w) { return std::max(0.0, (0.25 - w * w) / 2); }};
}

/// Beta(2a, 2c).
double beta_density(double x) {
  return std::exp(std::lgamma(2 * (a + c)) - std::lgamma(2 * a) - std::lgamma(2 * c)) * std::pow(x, 2 * a - 1) *
         std::pow(1 - x, 2 * c - 1);
}

/// <x> and <x^2> from m0, m2: linear equations of the moments.
std::pair<double, double> exact_moments(double m0, double second0, double t) {
  const double s = a + c;
  const double r = 2 * s + 1;
  const double limit = a / s;
  const double first = limit + (m0 - limit) * std::exp(-s * t);
  const double c0 = (2 * a + 1) * limit / r;
  const double c1 = (2 * a + 1) * (m0 - limit) / (r - s);
  return {first, c0 + c1 * std::exp(-s * t) + (second0 - c0 - c1) * std::exp(-r * t)};
}

std::vector<Check> wright_fisher_moments(Bench& bench) {
  const fp::Gaussian start = line_gaussian(0, 0.08);
  const auto [first, second] = exact_moments(0.5, 0.25 + 0.0064, 0.3);
  const std::vector<int> grids = bench.grids({40, 80, 160, 320});
  std::vector<Check> checks;
  for (const Scheme& scheme : bench.second_order_schemes(1)) {
    std::vector<std::vector<double>> errors(2);
    for (const int n : grids) {
      const SolveOptions options = scheme.in(in_box({n}, 0.6 / n, start, 0.5));
      const fp::Moments moments = fp::moments(bench.solve(wright_fisher(), start, {0, 0.3}, options).snapshots.back());
      errors[0].push_back(std::abs(moments.first[0] + 0.5 - first));
      errors[1].push_back(std::abs(moments.second(0, 0) + moments.first[0] + 0.25 - second));
    }
    checks.push_back(order_of("<x> at t = 0.3, " + scheme.name, grids, errors[0], 1.6, 2.5));
    checks.push_back(order_of("<x^2> at t = 0.3, " + scheme.name, grids, errors[1], 1.6, 2.5));
  }
  for (Check& check : bench.soundness(true)) checks.push_back(check);
  return checks;
}

/// The walls, where the diffusion vanishes, add errors of other orders to the rates.
std::vector<Check> wright_fisher_spectrum(Bench& bench) {
  const std::vector<int> grids = bench.grids({320, 640, 1280, 2560});
  std::vector<std::vector<double>> errors(3);
  for (const int n : grids) {
    const auto result = bench.spectrum(wright_fisher(), {n}, {0.5}, 2);
    errors[0].push_back(
        l1_error(*result.stationary, [](std::span<const double> w) { return beta_density(w[0] + 0.5); }));
    for (int k = 1; k <= 2; ++k)  // k (k - 1) / 2 + k (a + c)
      errors[k].push_back(std::abs(result.rates[k - 1] - (k * (k - 1) / 2.0 + k * (a + c))));
  }
  return {order_of("L1 error to Beta(2a, 2c)", grids, errors[0], 1.7, 2.4),
          order_of("error of the rate a + c", grids, errors[1], 1.6, 2.9),
          order_of("error of the rate 1 + 2 (a + c)", grids, errors[2], 1.6, 2.9)};
}

}  // namespace

std::vector<Case> noise_cases() {
  return {
      {"hyperbolic-sine", "dX = s^2 X/2 dt + s sqrt(1 + X^2) dW: asinh X is Brownian", true, hyperbolic_sine},
      {"geometric-brownian", "dX = mu X dt + s X dW: log-normal", true, geometric},
      {"wright-fisher", "b = a (1 - x) - c x, D = x (1 - x) / 2 on [0, 1]: linear equations of the moments", true,
       wright_fisher_moments},
      {"wright-fisher-spectrum", "the same: Beta(2a, 2c), rates k (k - 1) / 2 + k (a + c) (Jacobi polynomials)", true,
       wright_fisher_spectrum},
  };
}

}  // namespace driftwood::app::verify
