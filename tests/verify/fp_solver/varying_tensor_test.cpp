// Four dimensions on few cells with the diffusion of a gradient's noise: of rank one but for a little, along a
// direction and of a size that vary with w. The moment equations (4.4) are closed for it.
#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "driftwood/core/packed.hpp"
#include "support/world.hpp"
#include "verify/fp_solver/problems.hpp"

namespace driftwood::fp_solver {
namespace {

using test::world;

/// dw = -A w dt, D = v v^T + floor I with v = v_0 + V w.
class LinearNoise : public fp::Coefficients {
 public:
  int dimension() const override { return 4; }
  bool depends_on_time() const override { return false; }
  void evaluate(double, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    for (std::size_t i = 0; i < w.size() / 4; ++i) {
      const Eigen::Map<const Eigen::Vector4d> at(&w[4 * i]);
      const Eigen::Vector4d b = -drift_matrix() * at;
      std::copy(b.begin(), b.end(), drift.begin() + static_cast<long>(4 * i));
      const Eigen::Matrix4d D = noise(at, Eigen::Matrix4d::Zero());
      for (int k = 0; k < 4; ++k)
        for (int l = k; l < 4; ++l) diffusion[10 * i + packed_index(4, k, l)] = D(k, l);
    }
  }

  static Eigen::Matrix4d drift_matrix() { return reference_drift(4); }
  /// <D> where w has this mean and covariance.
  static Eigen::Matrix4d noise(const Eigen::Vector4d& mean, const Eigen::Matrix4d& covariance) {
    Eigen::Matrix4d V;
    V << 0.1, 0.25, 0, -0.1, -0.2, 0.1, 0.15, 0, 0, -0.15, 0.2, 0.2, 0.25, 0, -0.1, 0.1;
    V *= 0.6;
    const Eigen::Vector4d v = Eigen::Vector4d(0.1, -0.06, 0.04, 0.06) + V * mean;
    return v * v.transpose() + V * covariance * V.transpose() + 1e-6 * Eigen::Matrix4d::Identity();
  }
};

/// Mean and covariance after a time, by Runge and Kutta's method.
fp::Gaussian exact_moments(fp::Gaussian at, double time) {
  using Moments = std::pair<Eigen::Vector4d, Eigen::Matrix4d>;
  const Eigen::Matrix4d A = LinearNoise::drift_matrix();
  const auto rate = [&](const Moments& x) -> Moments {
    return {-A * x.first, -A * x.second - x.second * A.transpose() + 2 * LinearNoise::noise(x.first, x.second)};
  };
  const auto ahead = [](const Moments& x, const Moments& k, double h) -> Moments {
    return {x.first + h * k.first, x.second + h * k.second};
  };
  constexpr int n_steps = 200;
  const double h = time / n_steps;
  Moments x{at.mean, at.covariance};
  for (int step = 0; step < n_steps; ++step) {
    const Moments k1 = rate(x);
    const Moments k2 = rate(ahead(x, k1, h / 2));
    const Moments k3 = rate(ahead(x, k2, h / 2));
    const Moments k4 = rate(ahead(x, k3, h));
    for (const auto& [k, weight] : {std::pair{k1, 1.0}, {k2, 2.0}, {k3, 2.0}, {k4, 1.0}})
      x = ahead(x, k, weight * h / 6);
  }
  return {x.first, x.second};
}

TEST(VaryingTensor, MovesAndSpreadsADensityAsItsMomentEquationsSay) {
  const LinearNoise problem;
  const fp::Gaussian start{Eigen::Vector4d(0.8, -0.6, 0.5, -0.4), 0.04 * Eigen::MatrixXd::Identity(4, 4)};
  const SolveOptions options = few_cells(4, 16, fp::FluxKind::fourth_order, fp::FrameKind::full);
  const auto result = solve(problem, start, {0, 0.25}, options, world());
  ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
  EXPECT_GT(result.report.max_added_diffusion, 0.3) << "the tensor needs more than the lattice has";
  EXPECT_LE(result.report.max_mass_error, 1e-12);
  const fp::Gaussian exact = exact_moments(start, 0.25);
  for (int k = 0; k < 4; ++k) {
    const fp::Marginal marginal = fp::smoothed(fp::marginal(result.snapshots.back(), k), 1024);
    const double width = std::sqrt(exact.covariance(k, k));
    EXPECT_NEAR((marginal.mean() - exact.mean[k]) / width, 0, 1e-2) << k;
    EXPECT_NEAR(std::sqrt(marginal.variance()) / width, 1, 5e-3) << k;
  }
}

}  // namespace
}  // namespace driftwood::fp_solver
