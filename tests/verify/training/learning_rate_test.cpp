// A linear network with one weight trained: mean and variance of SGD's ensemble are known exactly at every step, so the
// error of the Fokker-Planck equation itself is seen, without sampling. It is of first order in the learning rate; with
// the drift of the modified loss (2.4), of second.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "driftwood/fp_solver/solver.hpp"
#include "support/skewed_data.hpp"
#include "support/world.hpp"
#include "verify/training/network_coefficients.hpp"

namespace driftwood {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

const std::vector<double> start_row = {0.6, -0.3, 0.5, 0.2, /*w*/ 0.0, 0.7, -0.4, 0.3, 0.5};
constexpr int position = 4;
constexpr double start_mean = 0.3;
constexpr double start_std = 0.3;
constexpr double end_time = 2;

ensemble::EnsembleProblem problem_at(double learning_rate, bool modified_loss) {
  ensemble::EnsembleProblem problem;
  problem.network = {{4, 1, 1, 4}, nn::Activation::linear, false};
  problem.tracked = nn::track_layer(problem.network, 2);
  problem.sgd = {.learning_rate = learning_rate,
                 .batch_size = 3,
                 .weight_decay = 0.1,
                 .trained = std::vector<char>(start_row.size(), 0)};
  problem.sgd.trained[position] = 1;
  problem.modified_loss = modified_loss;
  return problem;
}

struct Moments {
  double mean;
  double variance;
};

/// The closed recursion. The gradient of sample s is H_s w - h_s, H_s = |c|^2 y^2, h_s = c.x y, y = a.x.
Moments exact(const nn::SgdOptions& sgd, const data::Dataset& dataset) {
  std::vector<std::pair<double, double>> samples;
  for (int s = 0; s < dataset.n_samples; ++s) {
    double y = 0;
    double c_x = 0;
    double c_c = 0;
    for (int i = 0; i < 4; ++i) {
      y += start_row[i] * dataset.sample(s)[i];
      c_x += start_row[5 + i] * dataset.sample(s)[i];
      c_c += start_row[5 + i] * start_row[5 + i];
    }
    samples.emplace_back(c_c * y * y, c_x * y);
  }
  const double n = static_cast<double>(samples.size());
  const double eta = sgd.learning_rate;
  Moments now{start_mean, start_std * start_std};
  const auto n_steps = std::lround(end_time / eta);
  for (long k = 0; k < n_steps; ++k) {
    double hessian = 0;
    double gradient = 0;
    double scatter = 0;  // E[H_s^2] Var + E[g_s^2]
    for (const auto& [h, target] : samples) {
      const double g = h * now.mean - target;
      hessian += h / n;
      gradient += g / n;
      scatter += (h * h * now.variance + g * g) / n;
    }
    const double noise = scatter - hessian * hessian * now.variance - gradient * gradient;
    const double shrink = 1 - eta * (hessian + sgd.weight_decay);
    now = {now.mean - eta * (gradient + sgd.weight_decay * now.mean),
           shrink * shrink * now.variance + eta * eta / sgd.batch_size * noise + 2 * eta * sgd.temperature};
  }
  return now;
}

Moments solved(const ensemble::EnsembleProblem& problem, const data::Dataset& dataset) {
  fp_solver::SolveOptions options;
  options.cells = {1024};
  options.tolerance = 0;
  options.max_step = 0.01;
  const fp::NormalDensity start{{start_mean}, {start_std}};
  const fp_solver::SolveResult result = fp_solver::solve(test::NetworkCoefficients(problem, dataset, start_row), start,
                                                         {0, end_time}, options, test::world());
  EXPECT_EQ(result.report.status, fp_solver::SolveStatus::ok) << result.report.message;
  return {result.snapshots.back().mean()(0), result.snapshots.back().covariance()(0, 0)};
}

/// Orders in the learning rate of the errors of the mean and of the variance.
std::vector<double> orders(bool modified_loss) {
  const data::Dataset dataset = test::skewed_data();
  std::vector<Moments> errors;
  for (double learning_rate : {0.08, 0.04, 0.02}) {
    const ensemble::EnsembleProblem problem = problem_at(learning_rate, modified_loss);
    const Moments theory = solved(problem, dataset);
    const Moments experiment = exact(problem.sgd, dataset);
    errors.push_back({std::abs(theory.mean - experiment.mean), std::abs(theory.variance - experiment.variance)});
  }
  std::vector<double> result;
  for (std::size_t k = 0; k + 1 < errors.size(); ++k) {
    result.push_back(std::log2(errors[k].mean / errors[k + 1].mean));
    result.push_back(std::log2(errors[k].variance / errors[k + 1].variance));
  }
  return result;
}

TEST(FokkerPlanckOfTraining, ItsErrorHalvesWithTheLearningRate) {
  EXPECT_THAT(orders(false), Each(AllOf(Ge(0.85), Le(1.2))));
}

TEST(FokkerPlanckOfTraining, WithTheModifiedLossItsErrorIsOfSecondOrderInTheLearningRate) {
  EXPECT_THAT(orders(true), Each(AllOf(Ge(1.7), Le(2.4))));
}

}  // namespace
}  // namespace driftwood
