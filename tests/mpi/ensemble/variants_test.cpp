// Every way of training and of starting, distributed: the replicas of a serial run, bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "driftwood/ensemble/ensemble.hpp"
#include "mpi/ensemble/snapshots.hpp"
#include "support/world.hpp"

namespace driftwood::ensemble {
namespace {

using driftwood::test::world;

data::Dataset normal_data(int n_samples, int n_features) {
  const CounterRandom random(11, 0);
  data::Dataset dataset{
      .name = "normal data", .feature_names = {}, .n_samples = n_samples, .n_features = n_features, .values = {}};
  for (int i = 0; i < n_samples * n_features; ++i)
    dataset.values.push_back(random.normal(RandomPurpose::subsample, i, 0, 0));
  return dataset;
}

EnsembleProblem problem_of(const nn::Network& network) {
  EnsembleProblem problem;
  problem.network = network;
  problem.tracked = nn::track_layer(network, 2);
  const int width = network.n_parameters();
  problem.sgd = {.learning_rate = 0.02, .batch_size = 5, .trained = std::vector<char>(width, 1)};
  problem.initial = {.mean = std::vector<double>(width, 0.1), .std = std::vector<double>(width, 0.5)};
  problem.n_replicas = 37;
  problem.snapshot_steps = {0, 3, 25};
  problem.random = CounterRandom(7, 8);
  return problem;
}

std::vector<EnsembleProblem> variants() {
  std::vector<EnsembleProblem> all;
  for (nn::Optimiser optimiser : {nn::Optimiser::momentum, nn::Optimiser::rmsprop, nn::Optimiser::adam})
    for (nn::Precision precision : {nn::Precision::double_precision, nn::Precision::single_precision}) {
      EnsembleProblem problem = problem_of({{4, 2, 2, 4}, nn::Activation::gelu, true, true});
      problem.sgd.optimiser = optimiser;
      problem.sgd.momentum = 0.8;
      problem.sgd.precision = precision;
      problem.sgd.sampling = nn::Sampling::epochs;
      problem.sgd.schedule = {nn::Schedule::Kind::cosine, 20, 0.2};
      all.push_back(problem);
    }
  return all;
}

TEST(TrainEnsemble, EveryVariantIsThatOfASerialRunWhateverTheSnapshots) {
  const data::Dataset dataset = normal_data(30, 4);
  for (EnsembleProblem problem : variants()) {
    const EnsembleResult result = train_ensemble(problem, {dataset, {}}, world());
    std::vector<double> rows = initial_parameters(problem, 0, problem.n_replicas);
    const nn::SgdTrainer trainer(problem.network, dataset, problem.sgd, problem.random, nn::portable_kernel);
    std::vector<double> state(static_cast<std::size_t>(problem.n_replicas) * trainer.state_size(), 0.0);
    trainer.train(rows, state, 0, 0, problem.snapshot_steps.back());
    const long width = problem.network.n_parameters();
    const auto mine = std::span(rows).subspan(result.first_replica * width, result.n_local * width);
    EXPECT_TRUE(std::ranges::equal(mine, test::snapshots_of(result).back().parameters));
  }
}

TEST(TrainEnsemble, SnapshotsAreOnTheTimeAxisOfMomentumAndSchedule) {
  EnsembleProblem problem = variants().front();
  const EnsembleResult result = train_ensemble(problem, {normal_data(30, 4), {}}, world());
  const std::vector<double> times = problem.sgd.time_axis().times(problem.snapshot_steps);
  ASSERT_EQ(result.n_snapshots(), 3u);
  for (int k = 0; k < 3; ++k) EXPECT_EQ(result.times[k], times[k]);
  EXPECT_NEAR(times[1], 3 * 0.02 / 0.2, 0.01);
}

TEST(TrainEnsemble, TestLossesAreOverTheSamplesHeldOut) {
  EnsembleProblem problem = variants().front();
  problem.sgd.weight_decay = 0.3;
  const data::Split parts = data::split(normal_data(30, 4), 0.3, CounterRandom(1, 0));
  const EnsembleResult result = train_ensemble(problem, parts, world());
  const long width = problem.network.n_parameters();
  for (const Snapshot& snapshot : test::snapshots_of(result)) {
    ASSERT_EQ(snapshot.test_loss.size(), static_cast<std::size_t>(result.n_local));
    for (long r = 0; r < result.n_local; ++r) {
      const std::vector<double> row(&snapshot.parameters[r * width], &snapshot.parameters[r * width] + width);
      std::vector<double> gradient(row.size());
      EXPECT_NEAR(snapshot.test_loss[r], nn::loss_and_gradient(problem.network, parts.test, 0.3, row, gradient), 1e-12);
      EXPECT_NEAR(snapshot.coefficients.loss[r], nn::loss_and_gradient(problem.network, parts.train, 0.3, row, gradient),
                  1e-12);
    }
  }
}

TEST(InitialParameters, OrthogonalMatricesHaveOrthonormalRowsOrColumns) {
  EnsembleProblem problem = problem_of({{5, 2, 3, 5}, nn::Activation::tanh, true});
  problem.initial.mean.assign(problem.network.n_parameters(), 0.0);
  problem.initial.std.assign(problem.network.n_parameters(), 1.0);
  problem.initial.orthogonal = true;
  const std::vector<double> rows = initial_parameters(problem, 3, 2);
  for (int r = 0; r < 2; ++r)
    for (int layer = 1; layer <= 3; ++layer) {
      const int n_in = problem.network.widths[layer - 1];
      const int n_out = problem.network.widths[layer];
      const double* w = rows.data() + r * problem.network.n_parameters() + problem.network.weight_offset(layer);
      const bool rows_are_short = n_in >= n_out;  // then W W^T = 1, else W^T W = 1
      const int n = std::min(n_in, n_out);
      for (int a = 0; a < n; ++a)
        for (int b = 0; b < n; ++b) {
          double product = 0;
          for (int k = 0; k < std::max(n_in, n_out); ++k)
            product += rows_are_short ? w[a * n_in + k] * w[b * n_in + k] : w[k * n_in + a] * w[k * n_in + b];
          EXPECT_NEAR(product, a == b ? 1 : 0, 1e-14);
        }
    }
}

TEST(InitialParameters, OrthogonalMatricesAreUniform) {
  // Entries of a uniform 2 x 2 orthogonal matrix have mean 0, mean square 1/2, mean fourth power 3/8.
  EnsembleProblem problem = problem_of({{2, 2, 2}, nn::Activation::tanh, false});
  problem.initial.mean.assign(8, 0.0);
  problem.initial.std.assign(8, 1.0);
  problem.initial.orthogonal = true;
  const int n = 20000;
  const std::vector<double> rows = initial_parameters(problem, 0, n);
  for (int i = 0; i < 4; ++i) {
    double moments[3] = {};
    for (int r = 0; r < n; ++r)
      for (int power : {0, 1, 2}) moments[power] += std::pow(rows[r * 8 + i], power == 0 ? 1 : 2 * power) / n;
    EXPECT_NEAR(moments[0], 0, 4 * std::sqrt(0.5 / n));
    EXPECT_NEAR(moments[1], 0.5, 4 * std::sqrt(0.125 / n));
    EXPECT_NEAR(moments[2], 0.375, 4 * std::sqrt(0.133 / n));
  }
}

TEST(InitialParameters, SharedLayersAndTiedCopiesAreWhatTheySay) {
  EnsembleProblem problem = problem_of({{4, 2, 2, 4}, nn::Activation::tanh, false, true});
  problem.initial.shared.assign(problem.network.n_parameters(), 0);
  std::fill_n(problem.initial.shared.begin(), 8, 1);
  const std::vector<double> rows = initial_parameters(problem, 0, 2);
  const int width = problem.network.n_parameters();
  for (int i = 0; i < width; ++i) EXPECT_EQ(rows[i] == rows[width + i], i < 8 || i >= 12) << i;
  for (const auto& [copy, master] : problem.network.tied_pairs()) EXPECT_EQ(rows[copy], rows[master]);
}

}  // namespace
}  // namespace driftwood::ensemble
