// Langevin noise without minibatches: the ensemble ends in the density exp(-L / T).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "driftwood/ensemble/ensemble.hpp"
#include "mpi/ensemble/snapshots.hpp"
#include "support/world.hpp"

namespace driftwood::ensemble {
namespace {

using driftwood::test::world;

constexpr double temperature = 0.05;
constexpr double weight_decay = 0.3;  // tanh saturates: without it exp(-L / T) has no integral

data::Dataset bent_data() {
  return {.name = "bent data",
          .feature_names = {},
          .n_samples = 4,
          .n_features = 2,
          .values = {1.0, 0.5, -0.8, 0.3, 0.4, -0.9, -1.2, -0.4}};
}

/// 2-1-1-2 tanh, the weight in the middle trained, everything else one constant.
EnsembleProblem langevin_problem() {
  EnsembleProblem problem;
  problem.network = {{2, 1, 1, 2}, nn::Activation::tanh, false};
  problem.tracked = nn::track_layer(problem.network, 2);
  problem.sgd = {.learning_rate = 0.01,
                 .batch_size = 4,
                 .temperature = temperature,
                 .weight_decay = weight_decay,
                 .trained = {0, 0, 1, 0, 0}};
  problem.sgd.sampling = nn::Sampling::full_batch;
  problem.initial = {.mean = {1.5, 0.5, 0.0, 1.2, 0.6}, .std = {0, 0, 0.5, 0, 0}};
  problem.n_replicas = 4000;
  problem.snapshot_steps = {0, 3000};
  problem.random = CounterRandom(5, 9);
  return problem;
}

/// Quantiles of exp(-L(w) / T) by sums over a fine grid.
class StationaryDensity {
 public:
  StationaryDensity(const EnsembleProblem& problem, const data::Dataset& dataset) {
    std::vector<double> row = problem.initial.mean;
    std::vector<double> gradient(row.size());
    double sum = 0;
    for (int i = 0; i < n; ++i) {
      row[2] = place(i);
      sum += std::exp(-nn::loss_and_gradient(problem.network, dataset, weight_decay, row, gradient) / temperature);
      cdf_.push_back(sum);
    }
    for (double& value : cdf_) value /= sum;
  }
  double quantile(double probability) const {
    const auto above = std::lower_bound(cdf_.begin(), cdf_.end(), probability) - cdf_.begin();
    return place(static_cast<int>(above));
  }

 private:
  static constexpr int n = 40000;
  static double place(int i) { return -10 + 20 * (i + 0.5) / n; }
  std::vector<double> cdf_;
};

double wasserstein1(std::vector<double> sample, const StationaryDensity& density) {
  std::sort(sample.begin(), sample.end());
  double distance = 0;
  const double n = static_cast<double>(sample.size());
  for (std::size_t i = 0; i < sample.size(); ++i)
    distance += std::abs(sample[i] - density.quantile((static_cast<double>(i) + 0.5) / n)) / n;
  return distance;
}

TEST(Langevin, TheEnsembleEndsInTheStationaryDensity) {
  const EnsembleProblem problem = langevin_problem();
  const data::Dataset dataset = bent_data();
  const EnsembleResult result = train_ensemble(problem, {dataset, {}}, world());
  const StationaryDensity density(problem, dataset);
  const std::vector<double> first = world().all_gather(result.snapshot(0).tracked);
  const std::vector<double> last = world().all_gather(result.snapshot(1).tracked);
  ASSERT_EQ(last.size(), 4000u);
  double floor = 0;  // the distance of samples that are drawn from the density itself
  constexpr int n_draws = 20;
  for (int k = 0; k < n_draws; ++k) {
    std::vector<double> drawn;
    for (std::uint32_t i = 0; i < 4000; ++i)
      drawn.push_back(density.quantile(problem.random.uniform(RandomPurpose::subsample, i, k, 0)));
    floor += wasserstein1(drawn, density) / n_draws;
  }
  EXPECT_LT(wasserstein1(last, density), 2 * floor);
  EXPECT_GT(wasserstein1(first, density), 10 * floor) << "it does not start there";
}

}  // namespace
}  // namespace driftwood::ensemble
