// Langevin noise without minibatches: the ensemble ends in the density exp(-L / T), which is also the stationary
// density that the Fokker-Planck solver finds for the network's own drift and diffusion.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "driftwood/ensemble/ensemble.hpp"
#include "driftwood/fp_solver/spectrum.hpp"
#include "support/world.hpp"
#include "verify/training/network_coefficients.hpp"

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

constexpr double range = 6;
constexpr int n_cells = 1200;

/// The solved stationary density's mass in every cell of [-range, range]. Collective.
std::vector<double> stationary_masses(const EnsembleProblem& problem, const data::Dataset& dataset) {
  const driftwood::test::NetworkCoefficients coefficients(problem, dataset, problem.initial.mean);
  fp::Grid grid;
  grid.cells = {n_cells};
  grid.z_max = 1;
  const fp::Frame frame{Eigen::VectorXd::Zero(1), Eigen::MatrixXd::Constant(1, 1, range)};
  const fp_solver::Spectrum result = fp_solver::spectrum(coefficients, grid, frame, {}, world());
  EXPECT_TRUE(result.converged) << result.message;
  std::vector<double> masses = result.stationary.value().p;
  for (double& value : masses) value *= result.stationary->cell_volume();
  return masses;
}

double centre(int cell) {
  return range * (2 * (cell + 0.5) / n_cells - 1);
}

/// Quantiles of a density that is constant in every cell.
class Quantiles {
 public:
  explicit Quantiles(const std::vector<double>& masses) {
    for (double mass : masses) cdf_.push_back((cdf_.empty() ? 0.0 : cdf_.back()) + mass);
  }
  double operator()(double probability) const {
    const auto above = std::lower_bound(cdf_.begin(), cdf_.end() - 1, probability) - cdf_.begin();
    const double below = above > 0 ? cdf_[above - 1] : 0.0;
    const double part = (probability - below) / (cdf_[above] - below);
    return centre(static_cast<int>(above)) + (part - 0.5) * 2 * range / n_cells;
  }

 private:
  std::vector<double> cdf_;
};

double wasserstein1(std::vector<double> sample, const Quantiles& quantile) {
  std::sort(sample.begin(), sample.end());
  double distance = 0;
  const double n = static_cast<double>(sample.size());
  for (std::size_t i = 0; i < sample.size(); ++i)
    distance += std::abs(sample[i] - quantile((static_cast<double>(i) + 0.5) / n)) / n;
  return distance;
}

TEST(Langevin, TheSolvedStationaryDensityIsThatOfBoltzmann) {
  const EnsembleProblem problem = langevin_problem();
  const data::Dataset dataset = bent_data();
  std::vector<double> row = problem.initial.mean;
  std::vector<double> gradient(row.size());
  std::vector<double> boltzmann;
  double sum = 0;
  for (int i = 0; i < n_cells; ++i) {
    row[2] = centre(i);
    boltzmann.push_back(
        std::exp(-nn::loss_and_gradient(problem.network, dataset, weight_decay, row, gradient) / temperature));
    sum += boltzmann.back();
  }
  const std::vector<double> masses = stationary_masses(problem, dataset);
  double distance = 0;
  for (int i = 0; i < n_cells; ++i) distance += std::abs(masses[i] - boltzmann[i] / sum);
  EXPECT_LT(distance, 1e-4);
}

TEST(Langevin, TheEnsembleEndsInTheSolvedStationaryDensity) {
  const EnsembleProblem problem = langevin_problem();
  const data::Dataset dataset = bent_data();
  const EnsembleResult result = train_ensemble(problem, {dataset, {}}, world());
  const Quantiles quantile(stationary_masses(problem, dataset));
  const std::vector<double> first = world().all_gather(result.snapshot(0).tracked);
  const std::vector<double> last = world().all_gather(result.snapshot(1).tracked);
  ASSERT_EQ(last.size(), 4000u);
  double floor = 0;  // the distance of samples that are drawn from the density itself
  constexpr int n_draws = 20;
  for (int k = 0; k < n_draws; ++k) {
    std::vector<double> drawn;
    for (std::uint32_t i = 0; i < 4000; ++i)
      drawn.push_back(quantile(problem.random.uniform(RandomPurpose::subsample, i, k, 0)));
    floor += wasserstein1(drawn, quantile) / n_draws;
  }
  EXPECT_LT(wasserstein1(last, quantile), 2 * floor);
  EXPECT_GT(wasserstein1(first, quantile), 10 * floor) << "it does not start there";
}

}  // namespace
}  // namespace driftwood::ensemble
