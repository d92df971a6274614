// Full, varying, very anisotropic and singular diffusion tensors; rotating drifts.
#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "problems.hpp"

namespace driftwood::app::verify {

namespace {

using fp_solver::SolveOptions;

constexpr double damping = 1.0;
constexpr double turning = 2.0;
fp::OrnsteinUhlenbeck rotation() {
  return {(Eigen::Matrix2d() << damping, -turning, turning, damping).finished(), Eigen::Vector2d::Zero(),
          0.2 * Eigen::Matrix2d::Identity()};
}

/// L1 errors of one problem at `end` in a frame, for every second-order scheme; the order is `least` or more.
std::vector<Check> gaussian_errors(Bench& bench, const fp::OrnsteinUhlenbeck& problem, const fp::Gaussian& start,
                                   double end, const std::vector<int>& grids, double steps_per_cell, double least,
                                   fp::FrameKind frame = fp::FrameKind::diagonal) {
  const int d = problem.dimension();
  std::vector<Check> checks;
  for (const Scheme& scheme : bench.second_order_schemes(d)) {
    std::vector<double> errors;
    for (const int n : grids) {
      SolveOptions options = scheme.in(suited(d, n, end / (steps_per_cell * n), 1.9));
      if (frame == fp::FrameKind::full) options.frame = frame;
      const auto result = bench.solve(problem, start, {0, end}, options);
      errors.push_back(fp::l1_error(result.snapshots.back(), problem.evolve(start, end)));
    }
    const std::string what = frame == fp::FrameKind::full ? "L1 error in the full frame, " : "L1 error, ";
    checks.push_back(order_of(what + scheme.name, grids, errors, least, 2.4));
  }
  for (Check& check : bench.soundness(true)) checks.push_back(check);
  return checks;
}

std::vector<Check> rotating_density(Bench& bench) {
  const fp::Gaussian start{Eigen::Vector2d(0.8, 0), 0.1 * Eigen::Matrix2d::Identity()};
  return gaussian_errors(bench, rotation(), start, 1, bench.grids({48, 64, 96, 128}), 0.5, 1.7);
}

/// The stationary density's current is omega (w_2, -w_1) p, and the slowest rates k +- i omega.
std::vector<Check> rotating_current(Bench& bench) {
  const fp::Gaussian stationary{Eigen::Vector2d::Zero(), 0.2 / damping * Eigen::Matrix2d::Identity()};
  const std::vector<int> grids = bench.grids({48, 64, 96, 128});
  std::vector<std::vector<double>> errors(4);
  for (const int n : grids) {
    const auto result = bench.spectrum(rotation(), {n, n}, {2.7, 2.7}, 2);
    const fp::Density& density = *result.stationary;
    const std::vector<double> current = fp::probability_current(density, rotation());
    const std::vector<double> curl = fp::curl(density, current);
    double of_current = 0;
    double of_curl = 0;
    for (long cell = 0; cell < density.grid.n_cells(); ++cell) {
      const Eigen::VectorXd w = centre_of(density, cell);
      const double p = fp::density_at(stationary, {w.data(), 2});
      of_current += std::hypot(current[2 * cell] - turning * w[1] * p, current[2 * cell + 1] + turning * w[0] * p);
      of_curl += std::abs(curl[cell] + turning * p * (2 - w.squaredNorm() * damping / 0.2));
    }
    errors[0].push_back(fp::l1_error(density, stationary));
    errors[1].push_back(of_current * density.cell_volume());
    errors[2].push_back(of_curl * density.cell_volume());
    errors[3].push_back(std::abs(result.rates[0] - std::complex<double>(damping, turning)));
  }
  return {order_of("L1 error of the stationary density", grids, errors[0], 1.8, 2.3),
          order_of("L1 error of its current", grids, errors[1], 1.8, 2.3),
          order_of("L1 error of the current's curl", grids, errors[2], 1.8, 2.3),
          order_of("error of the rate k + i omega", grids, errors[3], 1.8, 2.3)};
}

/// Diffusion in the velocity only: the limited flux carries what has none.
std::vector<Check> momentum(Bench& bench) {
  const fp::OrnsteinUhlenbeck problem((Eigen::Matrix2d() << 0, -1, 1, 1).finished(), Eigen::Vector2d::Zero(),
                                      (Eigen::Matrix2d() << 0, 0, 0, 0.3).finished());
  const fp::Gaussian start{Eigen::Vector2d(1, 0), 0.25 * Eigen::Matrix2d::Identity()};
  return gaussian_errors(bench, problem, start, 1, bench.grids({32, 64, 128}), 0.6, 1.7);
}

/// diag(1, 1/100, ..) turned by 30 degrees in the plane of the first and the last axis.
/// A frame that does not turn costs order on grids this coarse.
std::vector<Check> anisotropic(Bench& bench, int d, const std::vector<int>& grids,
                               fp::FrameKind frame = fp::FrameKind::diagonal) {
  Eigen::MatrixXd turn = Eigen::MatrixXd::Identity(d, d);
  turn(0, 0) = turn(d - 1, d - 1) = std::cos(M_PI / 6);
  turn(d - 1, 0) = std::sin(M_PI / 6);
  turn(0, d - 1) = -turn(d - 1, 0);
  Eigen::VectorXd axes = Eigen::VectorXd::Constant(d, 0.01);
  axes[0] = 1;
  const fp::OrnsteinUhlenbeck problem(Eigen::MatrixXd::Identity(d, d), Eigen::VectorXd::Zero(d),
                                      0.2 * turn * axes.asDiagonal() * turn.transpose());
  const fp::Gaussian start{Eigen::Vector4d(0.3, 0.2, 0.1, 0).head(d), 0.09 * Eigen::MatrixXd::Identity(d, d)};
  const bool turns = frame == fp::FrameKind::full;
  return gaussian_errors(bench, problem, start, 0.5, bench.grids(grids), 0.6, turns ? 1.7 : 0.9, frame);
}

/// A density chosen first: Gaussian, mean m(t), covariance s(t) S, carried by v = m' + s'/(2s) (w - m); the drift that
/// does this with any D(w) is b = v + div D - D (s S)^-1 (w - m).
Eigen::Vector2d path(double t) {
  return {0.4 * std::sin(t), 0.3 * std::cos(t)};
}
double size_at(double t) {
  return 0.2 + 0.1 * t;
}
const Eigen::Matrix2d shape{{1, 0.4}, {0.4, 0.8}};

Eigen::Matrix2d varying_tensor(double, const Eigen::Vector2d& w) {
  const double off = 0.08 * std::cos(w[1]);
  return Eigen::Matrix2d{{0.25 + 0.1 * std::sin(w[0]), off}, {off, 0.2 + 0.05 * std::cos(w[0] + w[1])}};
}

Eigen::Vector2d manufactured_drift(double t, const Eigen::Vector2d& w) {
  const Eigen::Vector2d away = w - path(t);
  const Eigen::Vector2d velocity = Eigen::Vector2d(0.4 * std::cos(t), -0.3 * std::sin(t)) + 0.05 / size_at(t) * away;
  const Eigen::Vector2d divergence(0.1 * std::cos(w[0]) - 0.08 * std::sin(w[1]), -0.05 * std::sin(w[0] + w[1]));
  return velocity + divergence - varying_tensor(t, w) * (size_at(t) * shape).inverse() * away;
}

std::vector<Check> manufactured(Bench& bench) {
  const Plane problem(manufactured_drift, varying_tensor);
  const std::vector<int> grids = bench.grids({64, 96, 144, 216});
  std::vector<Check> checks;
  for (const Scheme& scheme : bench.second_order_schemes(2)) {
    std::vector<double> errors;
    for (const int n : grids) {
      const SolveOptions options = scheme.in(fixed_steps({n, n}, 1 / (0.5 * n)));
      const auto result = bench.solve(problem, fp::Gaussian{path(0), size_at(0) * shape}, {0, 1}, options);
      errors.push_back(fp::l1_error(result.snapshots.back(), {path(1), size_at(1) * shape}));
    }
    checks.push_back(order_of("L1 error, " + scheme.name, grids, errors, 1.7, 2.4));
  }
  for (Check& check : bench.soundness(true)) checks.push_back(check);
  return checks;
}

}  // namespace

std::vector<Case> tensor_cases() {
  return {
      {"rotation", "A = k I + omega J: m = e^{-kt} R(omega t) m0", true, rotating_density},
      {"rotation-current", "stationary J = omega (w_2, -w_1) p, its curl, and the rates k +- i omega", true,
       rotating_current},
      {"degenerate-diffusion", "w' = v, v' = -w - v + noise, D = diag(0, 0.3): Gaussian", true, momentum},
      {"varying-tensor", "full D(w), drift made for a Gaussian that travels and grows (manufactured)", true,
       manufactured},
      {"anisotropy-2", "D of condition 100 turned by 30 degrees, b = -w: Gaussian; d = 2", true,
       [](Bench& bench) {
         return anisotropic(bench, 2, {32, 64, 128});
       }},
      {"anisotropy-full-frame", "the same in a frame that turns with the density", false,
       [](Bench& bench) {
         return anisotropic(bench, 2, {32, 64, 128}, fp::FrameKind::full);
       }},
      {"anisotropy-3", "the same; d = 3", false,
       [](Bench& bench) {
         return anisotropic(bench, 3, {32, 48, 72});
       }},
      {"anisotropy-4", "the same; d = 4", false,
       [](Bench& bench) {
         return anisotropic(bench, 4, {20, 28, 40});
       }},
  };
}

}  // namespace driftwood::app::verify
