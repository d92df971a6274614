// A linear network with only w trained: mean and covariance of the ensemble are known exactly at every step.
#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <vector>

#include "driftwood/ensemble/ensemble.hpp"
#include "mpi/ensemble/snapshots.hpp"
#include "support/skewed_data.hpp"
#include "support/world.hpp"

namespace driftwood::ensemble {
namespace {

using driftwood::test::world;

/// 4-2-2-4 linear, the 2 x 2 matrix in the middle trained, everything else one shared constant.
EnsembleProblem linear_problem() {
  EnsembleProblem problem;
  problem.network = {{4, 2, 2, 4}, nn::Activation::linear, false};
  problem.tracked = nn::track_layer(problem.network, 2);
  const int width = problem.network.n_parameters();
  problem.sgd = {.learning_rate = 0.05,
                 .batch_size = 3,
                 .temperature = 2e-3,
                 .weight_decay = 0.1,
                 .trained = std::vector<char>(width, 0)};
  problem.initial = {
      .mean = std::vector<double>(width, 0.0), .std = std::vector<double>(width, 0.5), .others_shared = true};
  for (int position : problem.tracked.positions) {
    problem.sgd.trained[position] = 1;
    problem.initial.mean[position] = 0.7;
    problem.initial.std[position] = 0.1;
  }
  problem.n_replicas = 40000;
  problem.snapshot_steps = {0, 1, 5, 25, 100};
  problem.random = CounterRandom(3, 1);
  return problem;
}

struct Gaussian {
  Eigen::Vector4d mean;
  Eigen::Matrix4d covariance;
};

/// The gradient of each sample is affine in w: g_s = H_s w - h_s, H_s = (A^T A) x (y y^T), h_s = vec(A^T x y^T) with y
/// = B x, f = A W B x, w = vec(W) row by row. Mean and covariance of SGD's w then obey a closed recursion.
class LinearTheory {
 public:
  LinearTheory(const EnsembleProblem& problem, const data::Dataset& dataset) : sgd_(problem.sgd) {
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const std::vector<double> row = initial_parameters(problem, 0, 1);
    const Eigen::MatrixXd below = Eigen::Map<const RowMajor>(row.data(), 2, 4);
    const Eigen::MatrixXd above = Eigen::Map<const RowMajor>(row.data() + problem.network.weight_offset(3), 4, 2);
    for (int s = 0; s < dataset.n_samples; ++s) {
      const Eigen::Vector4d x = Eigen::Map<const Eigen::Vector4d>(dataset.sample(s));
      const Eigen::Vector2d y = below * x;
      const Eigen::Matrix2d left = above.transpose() * above;
      const Eigen::Vector2d right = above.transpose() * x;
      Eigen::Matrix4d hessian;
      Eigen::Vector4d target;
      for (int i = 0; i < 4; ++i) {
        target[i] = right[i / 2] * y[i % 2];
        for (int j = 0; j < 4; ++j) hessian(i, j) = left(i / 2, j / 2) * y[i % 2] * y[j % 2];
      }
      hessians_.push_back(hessian);
      targets_.push_back(target);
    }
  }

  /// One step: m' = (I - eta H) m + eta h; Cov' = E[(I - eta H_B) Cov (I - eta H_B)^T] + eta^2 Cov[h_B - H_B m] + 2 eta
  /// T.
  Gaussian step(const Gaussian& now) const {
    const double n = static_cast<double>(hessians_.size());
    const double eta = sgd_.learning_rate;
    const double b = sgd_.batch_size;
    Eigen::Matrix4d hessian = Eigen::Matrix4d::Zero();
    Eigen::Matrix4d scatter = Eigen::Matrix4d::Zero();  // E[H_s Cov H_s] + E[g_s g_s^T]
    Eigen::Vector4d gradient = Eigen::Vector4d::Zero();
    for (std::size_t s = 0; s < hessians_.size(); ++s) {
      const Eigen::Vector4d g = hessians_[s] * now.mean - targets_[s];
      hessian += hessians_[s] / n;
      gradient += g / n;
      scatter += (hessians_[s] * now.covariance * hessians_[s] + g * g.transpose()) / n;
    }
    const Eigen::Matrix4d noise = scatter - hessian * now.covariance * hessian - gradient * gradient.transpose();
    const Eigen::Matrix4d shrink = Eigen::Matrix4d::Identity() * (1 - eta * sgd_.weight_decay) - eta * hessian;
    return {now.mean - eta * (gradient + sgd_.weight_decay * now.mean),
            shrink * now.covariance * shrink.transpose() + eta * eta / b * noise +
                2 * eta * sgd_.temperature * Eigen::Matrix4d::Identity()};
  }

 private:
  nn::SgdOptions sgd_;
  std::vector<Eigen::Matrix4d> hessians_;
  std::vector<Eigen::Vector4d> targets_;
};

/// Compares the ensemble's mean and covariance at one snapshot with `expected`, in standard errors. Collective.
void expect_within_four_standard_errors(const EnsembleProblem& problem, const Snapshot& snapshot,
                                        const Gaussian& expected) {
  const long width = problem.network.n_parameters();
  const double n = static_cast<double>(problem.n_replicas);
  std::vector<double> sums(4 + 16 + 16, 0.0);
  for (std::size_t row = 0; row < snapshot.parameters.size(); row += width) {
    Eigen::Vector4d x;
    for (int i = 0; i < 4; ++i) x[i] = snapshot.parameters[row + problem.tracked.positions[i]] - expected.mean[i];
    for (int i = 0; i < 4; ++i) sums[i] += x[i] / n;
    for (int k = 0; k < 16; ++k) {
      sums[4 + k] += x[k / 4] * x[k % 4] / n;
      sums[20 + k] += std::pow(x[k / 4] * x[k % 4], 2) / n;
    }
  }
  world().sum(sums);
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(sums[i], 0, 4 * std::sqrt(sums[4 + 5 * i] / n)) << "mean of w" << i << " at step " << snapshot.step;
  for (int k = 0; k < 16; ++k) {
    const double standard_error = std::sqrt((sums[20 + k] - sums[4 + k] * sums[4 + k]) / n);
    EXPECT_NEAR(sums[4 + k], expected.covariance(k / 4, k % 4), 4 * standard_error)
        << "covariance " << k / 4 << k % 4 << " at step " << snapshot.step;
  }
}

TEST(LinearNetwork, EnsembleFollowsTheClosedRecursionOfMeanAndCovariance) {
  const EnsembleProblem problem = linear_problem();
  const data::Dataset dataset = driftwood::test::skewed_data();
  const LinearTheory theory(problem, dataset);
  const EnsembleResult result = train_ensemble(problem, {dataset, {}}, world());
  Gaussian expected{Eigen::Vector4d::Constant(0.7), Eigen::Matrix4d::Identity() * 0.01};
  std::uint32_t step = 0;
  for (const Snapshot& snapshot : test::snapshots_of(result)) {
    for (; step < snapshot.step; ++step) expected = theory.step(expected);
    expect_within_four_standard_errors(problem, snapshot, expected);
  }
}

}  // namespace
}  // namespace driftwood::ensemble
