// Every rank also trains all replicas by itself: the distributed ensemble must be that one, bit for bit.
#include "driftwood/ensemble/ensemble.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "driftwood/core/error.hpp"
#include "driftwood/ensemble/replay.hpp"
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

EnsembleProblem small_problem() {
  EnsembleProblem problem;
  problem.network = {{4, 2, 2, 4}, nn::Activation::tanh, true};
  problem.tracked = nn::track_layer(problem.network, 2);
  const int width = problem.network.n_parameters();
  problem.sgd = {.learning_rate = 0.05,
                 .batch_size = 5,
                 .temperature = 1e-4,
                 .weight_decay = 0.01,
                 .trained = std::vector<char>(width, 1)};
  problem.initial = {.mean = std::vector<double>(width, 0.1), .std = std::vector<double>(width, 0.5)};
  problem.n_replicas = 37;
  problem.snapshot_steps = {0, 3, 10};
  problem.random = CounterRandom(7, 8);
  return problem;
}

nn::KramersMoyalOptions coefficient_options(const EnsembleProblem& problem) {
  return {.learning_rate = problem.sgd.learning_rate,
          .batch_size = problem.sgd.batch_size,
          .temperature = problem.sgd.temperature,
          .weight_decay = problem.sgd.weight_decay,
          .modified_loss = problem.modified_loss,
          .trained = problem.sgd.trained};
}

/// All replicas at `step`, trained by this rank alone.
std::vector<double> serial_parameters(const EnsembleProblem& problem, const data::Dataset& dataset, std::uint32_t step,
                                      const nn::Kernel& kernel) {
  std::vector<double> parameters = initial_parameters(problem, 0, problem.n_replicas);
  nn::SgdTrainer(problem.network, dataset, problem.sgd, problem.random, kernel).train(parameters, 0, 0, step);
  return parameters;
}

/// This rank's rows of an array of `width` values a replica.
std::vector<double> local_rows(const EnsembleResult& result, const std::vector<double>& all, long width) {
  const auto rows = std::span(all).subspan(result.first_replica * width, result.n_local * width);
  return {rows.begin(), rows.end()};
}

/// The snapshot at which each replica stops being finite, by a serial run; UINT32_MAX where it never does.
std::vector<std::uint32_t> serial_losses(const EnsembleProblem& problem, const data::Dataset& dataset) {
  std::vector<std::uint32_t> lost_at(problem.n_replicas, UINT32_MAX);
  for (std::uint32_t step : problem.snapshot_steps) {
    const std::vector<double> all = serial_parameters(problem, dataset, step, nn::portable_kernel);
    const nn::KramersMoyal values =
        nn::kramers_moyal(problem.network, dataset, problem.tracked, coefficient_options(problem), all);
    const auto mark = [&](const std::vector<double>& column, double largest) {
      for (std::size_t at = 0; at < column.size(); ++at) {
        std::uint32_t& lost = lost_at[at * problem.n_replicas / column.size()];
        if (!(std::abs(column[at]) <= largest)) lost = std::min(lost, step);
      }
    };
    mark(all, 1e100);
    for (const std::vector<double>* column : {&values.loss, &values.drift, &values.diffusion}) mark(*column, 1.7e308);
  }
  return lost_at;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

TEST(TrainEnsemble, ReplicasAreThoseOfASerialRunOnEveryKernelAndRankCount) {
  const EnsembleProblem problem = small_problem();
  const data::Dataset dataset = normal_data(30, 4);
  const EnsembleResult result = train_ensemble(problem, {dataset, {}}, world());
  EXPECT_EQ(world().sum(result.n_local), problem.n_replicas);
  ASSERT_EQ(result.n_snapshots(), 3u);
  EXPECT_TRUE(result.diverged.empty());
  for (const Snapshot& snapshot : test::snapshots_of(result))
    for (const nn::Kernel* kernel : nn::available_kernels()) {
      const std::vector<double> all = serial_parameters(problem, dataset, snapshot.step, *kernel);
      EXPECT_TRUE(same_bits(snapshot.parameters, local_rows(result, all, problem.network.n_parameters())))
          << kernel->name << ", step " << snapshot.step;
    }
}

TEST(TrainEnsemble, SnapshotsHoldTheKramersMoyalCoefficientsAndTheTime) {
  EnsembleProblem problem = small_problem();
  problem.modified_loss = true;
  const data::Dataset dataset = normal_data(30, 4);
  const EnsembleResult result = train_ensemble(problem, {dataset, {}}, world());
  for (std::size_t k = 0; k < 3; ++k) {
    const Snapshot snapshot = result.snapshot(k);
    EXPECT_EQ(snapshot.step, problem.snapshot_steps[k]);
    EXPECT_DOUBLE_EQ(snapshot.time, 0.05 * problem.snapshot_steps[k]);
    const nn::KramersMoyal expected =
        nn::kramers_moyal(problem.network, dataset, problem.tracked, coefficient_options(problem),
                          serial_parameters(problem, dataset, snapshot.step, nn::portable_kernel));
    EXPECT_TRUE(same_bits(snapshot.coefficients.loss, local_rows(result, expected.loss, 1)));
    EXPECT_TRUE(same_bits(snapshot.coefficients.drift, local_rows(result, expected.drift, 4)));
    EXPECT_TRUE(same_bits(snapshot.coefficients.diffusion, local_rows(result, expected.diffusion, 10)));
  }
}

TEST(Replay, GivesTheBitsThatTheReplicaHasInTheEnsemble) {
  const EnsembleProblem problem = small_problem();
  const data::Dataset dataset = normal_data(30, 4);
  const EnsembleResult result = train_ensemble(problem, {dataset, {}}, world());
  const ReplicaPath path = replay(problem, {dataset, {}}, result.first_replica);
  ASSERT_EQ(path.snapshots.size(), result.n_snapshots());
  EXPECT_FALSE(path.diverged_at);
  const long width = problem.network.n_parameters();
  for (std::size_t k = 0; k < path.snapshots.size(); ++k) {
    const std::vector<double> all = result.snapshot(k).parameters;
    EXPECT_TRUE(same_bits(path.snapshots[k].parameters, {all.begin(), all.begin() + width}));
  }
}

TEST(Replay, FindsTheStepAtWhichAReplicaDiverges) {
  EnsembleProblem problem = small_problem();
  problem.network.activation = nn::Activation::linear;
  problem.sgd.learning_rate = 3;
  problem.snapshot_steps = {0, 50, 100};
  const data::Dataset dataset = normal_data(30, 4);
  const ReplicaPath path = replay(problem, {dataset, {}}, 5);
  ASSERT_TRUE(path.diverged_at);
  EXPECT_EQ(*path.diverged_at, 50u);
  const std::uint32_t last = path.last_sound_step.value();
  ASSERT_GT(last, 0u);
  const auto largest_after = [&](std::uint32_t step) {
    std::vector<double> parameters = initial_parameters(problem, 5, 1);
    nn::SgdTrainer(problem.network, dataset, problem.sgd, problem.random).train(parameters, 5, 0, step);
    double largest = 0;
    for (const double x : parameters) largest = std::isfinite(x) ? std::max(largest, std::abs(x)) : INFINITY;
    return largest;
  };
  EXPECT_LE(largest_after(last), 1e100);
  EXPECT_GT(largest_after(last + 1), 1e100);
}

TEST(TrainEnsemble, MoreSnapshotsChangeNothing) {
  EnsembleProblem problem = small_problem();
  const data::Dataset dataset = normal_data(30, 4);
  problem.snapshot_steps = {0, 1, 2, 3, 17, 4500};
  const EnsembleResult often = train_ensemble(problem, {dataset, {}}, world());
  problem.snapshot_steps = {4500};
  const EnsembleResult once = train_ensemble(problem, {dataset, {}}, world());
  EXPECT_TRUE(same_bits(test::snapshots_of(often).back().parameters, test::snapshots_of(once).back().parameters));
}

TEST(TrainEnsemble, RunsWithFewerReplicasThanRanks) {
  EnsembleProblem problem = small_problem();
  problem.n_replicas = 1;
  const data::Dataset dataset = normal_data(30, 4);
  const EnsembleResult result = train_ensemble(problem, {dataset, {}}, world());
  EXPECT_EQ(world().sum(result.n_local), 1);
  const std::vector<double> all = serial_parameters(problem, dataset, 10, nn::portable_kernel);
  EXPECT_TRUE(
      same_bits(test::snapshots_of(result).back().parameters, local_rows(result, all, problem.network.n_parameters())));
}

TEST(TrainEnsemble, DivergedReplicasAreListedOnEveryRankAndTheOthersGoOn) {
  EnsembleProblem problem = small_problem();
  problem.network = {{4, 2, 2, 4}, nn::Activation::linear, true};
  problem.initial.std.assign(problem.network.n_parameters(), 1.0);  // some start beyond the largest stable curvature
  problem.snapshot_steps = {0, 1, 4, 40, 100};
  const data::Dataset dataset = normal_data(30, 4);
  const EnsembleResult result = train_ensemble(problem, {dataset, {}}, world());

  const std::vector<std::uint32_t> lost_at = serial_losses(problem, dataset);
  std::size_t n_lost = 0;
  for (long r = 0; r < problem.n_replicas; ++r) {
    if (lost_at[r] == UINT32_MAX) continue;
    ASSERT_LT(n_lost, result.diverged.size()) << "replica " << r;
    EXPECT_EQ(result.diverged[n_lost].replica, r);
    EXPECT_EQ(result.diverged[n_lost].step, lost_at[r]);
    ++n_lost;
  }
  EXPECT_EQ(n_lost, result.diverged.size());
  EXPECT_GT(n_lost, 0u);
  EXPECT_LT(n_lost, 37u);

  for (const Snapshot& snapshot : test::snapshots_of(result)) {
    const std::vector<double> all = serial_parameters(problem, dataset, snapshot.step, nn::portable_kernel);
    const long width = problem.network.n_parameters();
    for (long r = 0; r < result.n_local; ++r) {
      const bool lost = lost_at[result.first_replica + r] <= snapshot.step;
      EXPECT_EQ(std::isnan(snapshot.coefficients.loss[r]), lost);
      EXPECT_EQ(std::isnan(snapshot.coefficients.drift[r * 4]), lost);
      EXPECT_EQ(std::isnan(snapshot.coefficients.diffusion[r * 10]), lost);
      for (long i = 0; i < width; ++i)
        if (lost)
          EXPECT_TRUE(std::isnan(snapshot.parameters[r * width + i]));
        else
          EXPECT_EQ(snapshot.parameters[r * width + i], all[(result.first_replica + r) * width + i]);
    }
  }
}

TEST(TrainEnsemble, ReportsProgressOnRootOnlyUpToOne) {
  std::vector<double> reports;
  EnsembleProblem problem = small_problem();
  problem.snapshot_steps = {0, 100, 5000};
  train_ensemble(problem, {normal_data(30, 4), {}}, world(),
                 {.progress = [&](double fraction) { reports.push_back(fraction); }});
  ASSERT_EQ(reports.empty(), !world().is_root());
  if (reports.empty()) return;
  EXPECT_TRUE(std::is_sorted(reports.begin(), reports.end()));
  EXPECT_GT(reports.size(), 2u);
  EXPECT_EQ(reports.back(), 1.0);
}

TEST(TrainEnsemble, AWrongProblemIsTheSameErrorOnEveryRank) {
  EXPECT_THROW(train_ensemble(small_problem(), {normal_data(30, 3), {}}, world()), Error);
  EnsembleProblem problem = small_problem();
  problem.snapshot_steps = {3, 0};
  EXPECT_THROW(train_ensemble(problem, {normal_data(30, 4), {}}, world()), Error);
}

TEST(InitialParameters, AreDrawnPerReplicaAndParameter) {
  EnsembleProblem problem = small_problem();
  problem.initial.std[3] = 0;
  const int width = problem.network.n_parameters();
  const std::vector<double> all = initial_parameters(problem, 0, 9);
  const std::vector<double> some = initial_parameters(problem, 4, 3);
  EXPECT_TRUE(same_bits(some, {all.begin() + 4 * width, all.begin() + 7 * width}));
  for (int r = 0; r < 9; ++r)
    for (int i = 0; i < width; ++i)
      EXPECT_DOUBLE_EQ(all[r * width + i],
                       i == 3 ? 0.1 : 0.1 + 0.5 * problem.random.normal(RandomPurpose::initial_weights, i, 0, r));
}

TEST(InitialParameters, SharedOthersAreOneDrawForAllReplicas) {
  EnsembleProblem problem = small_problem();
  const std::vector<double> own = initial_parameters(problem, 0, 2);
  problem.initial.others_shared = true;
  const int width = problem.network.n_parameters();
  const std::vector<double> shared = initial_parameters(problem, 0, 2);
  for (int i = 0; i < width; ++i) {
    const bool tracked = i >= problem.tracked.positions.front() && i <= problem.tracked.positions.back();
    EXPECT_EQ(shared[i] == shared[width + i], !tracked);
    EXPECT_EQ(shared[i] == own[i], tracked);
  }
}

}  // namespace
}  // namespace driftwood::ensemble
