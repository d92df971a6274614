#include "driftwood/app/point_problem.hpp"

#include <gtest/gtest.h>

#include "driftwood/core/error.hpp"

#include <cmath>

namespace driftwood::app {
namespace {

sweep::PointConfig small_config() {
  sweep::PointConfig config;
  config.network.widths = {4, 1, 1, 4};
  config.training.learning_rate = 0.02;
  config.training.time = 10;
  config.training.snapshots = 11;
  return config;
}

TEST(SnapshotSteps, AreEquallySpacedInTimeFromZeroToTheEnd) {
  const auto steps = snapshot_steps(small_config().training);
  ASSERT_EQ(steps.size(), 11u);
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i], 50 * i);
}

TEST(SnapshotSteps, NeverRepeatAndStillReachTheEnd) {
  auto training = small_config().training;
  training.time = 0.08;
  training.snapshot_spacing = "log";
  const auto steps = snapshot_steps(training);
  for (std::size_t i = 1; i < steps.size(); ++i) EXPECT_GT(steps[i], steps[i - 1]);
  EXPECT_EQ(steps.front(), 0u);
  EXPECT_EQ(steps.back(), 4u);
}

TEST(SnapshotSteps, CanBeListed) {
  auto training = small_config().training;
  training.snapshot_spacing = "listed";
  training.snapshot_steps = {1, 7, 100, 500, 900};
  EXPECT_EQ(snapshot_steps(training), (std::vector<std::uint32_t>{0, 1, 7, 100, 500}));
}

TEST(SnapshotSteps, FollowTheTimeAxisOfMomentumAndSchedule) {
  auto training = small_config().training;
  training.optimiser = "momentum";
  training.momentum = 0.9;
  EXPECT_EQ(snapshot_steps(training).back(), 50u);
  training.schedule = "step";
  training.schedule_steps = 10;
  training.schedule_factor = 0.5;
  training.time = 3.0;  // 0.2 a step for ten steps, then 0.1
  EXPECT_EQ(snapshot_steps(training).back(), 20u);
  training.time = 5.0;
  EXPECT_THROW(snapshot_steps(training), ConfigError);
}

TEST(EnsembleProblem, TakesEveryWordOfTheTrainingOptions) {
  sweep::PointConfig config = small_config();
  for (const char* activation : {"tanh", "linear", "relu", "gelu", "sigmoid"})
    for (const char* optimiser : {"sgd", "momentum", "rmsprop", "adam"})
      for (const char* sampling : {"replacement", "epochs", "full_batch"})
        for (const char* scaling : {"absolute", "xavier", "he", "orthogonal", "constant"}) {
          config.network.activation = activation;
          config.training.optimiser = optimiser;
          config.training.sampling = sampling;
          config.initial.scaling = scaling;
          EXPECT_NO_THROW(make_ensemble_problem(config));
        }
}

TEST(EnsembleProblem, LayersCanBeFrozenAndShared) {
  sweep::PointConfig config = small_config();
  config.training.frozen_layers = {1, 3};
  config.initial.shared_layers = {3};
  const auto problem = make_ensemble_problem(config);
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(problem.sgd.trained[i] != 0, i == 4);
    EXPECT_EQ(problem.initial.shared[i] != 0, i > 4);
  }
}

TEST(EnsembleProblem, TracksTheMatrixBetweenTheBottlenecks) {
  sweep::PointConfig config = small_config();
  config.initial.tracked_mean = 0.9;
  config.initial.tracked_std = 0.3;
  const auto problem = make_ensemble_problem(config);
  ASSERT_EQ(problem.tracked.positions, std::vector<int>{4});
  EXPECT_DOUBLE_EQ(problem.initial.mean[4], 0.9);
  EXPECT_DOUBLE_EQ(problem.initial.std[4], 0.3);
  EXPECT_DOUBLE_EQ(problem.initial.mean[3], config.initial.mean);
  EXPECT_DOUBLE_EQ(initial_density(problem).mean[0], 0.9);
}

TEST(EnsembleProblem, OnlyTheTrackedWeightsAreTrainedWhenAsked) {
  sweep::PointConfig config = small_config();
  config.training.trained = "tracked";
  const auto problem = make_ensemble_problem(config);
  for (std::size_t i = 0; i < problem.sgd.trained.size(); ++i) EXPECT_EQ(problem.sgd.trained[i] != 0, i == 4);
}

TEST(EnsembleProblem, XavierScalesWithTheLayersWidths) {
  sweep::PointConfig config = small_config();
  config.network.widths = {64, 16, 2, 2, 16, 64};
  config.initial.scaling = "xavier";
  const auto problem = make_ensemble_problem(config);
  EXPECT_DOUBLE_EQ(problem.initial.std[0], std::sqrt(2.0 / 80));
  EXPECT_EQ(problem.tracked.dimension(), 4);
  EXPECT_DOUBLE_EQ(problem.initial.std[problem.tracked.positions[0]], std::sqrt(0.5));
}

TEST(FixedClosure, IsExactOnlyWhereTheOthersAreOneConstantVector) {
  sweep::PointConfig config = small_config();
  EXPECT_FALSE(others_are_constant(config));
  config.training.trained = "tracked";
  EXPECT_FALSE(others_are_constant(config));
  config.initial.others = "shared";
  EXPECT_TRUE(others_are_constant(config));
  config.initial.others = "independent";
  config.initial.std = 0;
  EXPECT_TRUE(others_are_constant(config));
}

}  // namespace
}  // namespace driftwood::app
