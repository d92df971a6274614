// The closure `conditional` on an ensemble whose law is known: the solved density has the moments that exact
// coefficients give.
#include "driftwood/fp/conditional.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "driftwood/fp/closures.hpp"
#include "support/world.hpp"
#include "verify/fp_solver/problems.hpp"

namespace driftwood::fp_solver {
namespace {

using test::world;

/// Replicas of an Ornstein-Uhlenbeck process at one time, their drift scattered by what w does not know.
struct Ensemble {
  std::vector<long> numbers;
  std::vector<double> w;
  std::vector<double> drift;
  std::vector<double> diffusion;
};

Ensemble draw_ensemble(const fp::OrnsteinUhlenbeck& problem, const fp::Gaussian& law, double t, long first,
                       long count) {
  const int d = problem.dimension();
  const CounterRandom random(1, 2);
  const Eigen::MatrixXd root = law.covariance.llt().matrixL();
  Ensemble ensemble;
  for (long r = first; r < first + count; ++r) {
    Eigen::VectorXd normal(2 * d);
    for (int k = 0; k < 2 * d; ++k)
      normal[k] = random.normal(RandomPurpose::subsample, k, static_cast<std::uint32_t>(100 * t), r);
    const Eigen::VectorXd w = law.mean + root * normal.head(d);
    ensemble.numbers.push_back(r);
    ensemble.w.insert(ensemble.w.end(), w.begin(), w.end());
    std::vector<double> drift(d), diffusion(packed_size(d));
    problem.evaluate(t, std::span(w.data(), d), drift, diffusion);
    for (int k = 0; k < d; ++k) ensemble.drift.push_back(drift[k] + 0.05 * normal[d + k]);
    ensemble.diffusion.insert(ensemble.diffusion.end(), diffusion.begin(), diffusion.end());
  }
  return ensemble;
}

/// The polynomial fit from this rank's part of the replicas and those of the others.
fp::ConditionalFit fit_of(const Ensemble& own, int d) {
  const fp::RegressionData data{d, own.w, own.drift, own.diffusion};
  std::vector<double> moments = fp::moment_sums(data);
  world().sum(moments);
  const std::vector<double> unit(d, 1.0);
  fp::PolynomialSums sums(fp::standardise(moments, unit), 2);
  sums.add(own.numbers, data);
  world().sum(sums.numbers());
  const fp::PolynomialRegression regression(sums, {}, fp::BandWeights(2, CounterRandom(1, 2)));
  EXPECT_EQ(regression.drift_degree(), 1);
  const Eigen::VectorXd& centre = regression.standardisation().centre;
  std::vector<double> low, high;
  for (int k = 0; k < d; ++k) {
    const double reach = 3.5 * regression.standardisation().scale.row(k).norm();
    low.push_back(centre[k] - reach);
    high.push_back(centre[k] + reach);
  }
  fp::ConditionalFit fit = fp::empty_fit(fp::empty_table(low, high, 7), std::span(centre.data(), d), 5);
  const std::vector<double> near(fit.table.n_nodes(), 0.0);
  fp::tabulate(regression, near, 0, fit.table.n_nodes(), fit);
  return fit;
}

class ConditionalClosure : public testing::TestWithParam<int> {};

TEST_P(ConditionalClosure, GivesTheMomentsOfAnOrnsteinUhlenbeckEnsemble) {
  const int d = GetParam();
  const fp::OrnsteinUhlenbeck problem(reference_drift(d), Eigen::VectorXd::Zero(d),
                                      0.2 * Eigen::MatrixXd::Identity(d, d));
  const std::vector<double> mean{0.8, -0.6, 0.5, -0.4};
  const fp::NormalDensity start{{mean.begin(), mean.begin() + d}, std::vector<double>(d, std::sqrt(0.1))};
  const std::vector<double> times{0, 0.25, 0.5, 0.75, 1};
  constexpr long n_replicas = 4000;
  const mpi::Share share = mpi::share_of(n_replicas, world().rank(), world().size());
  std::vector<fp::CoefficientTable> tables;
  std::vector<fp::ConditionalFit> fits;
  for (const double t : times) {
    fits.push_back(
        fit_of(draw_ensemble(problem, problem.evolve(gaussian_of(start), t), t, share.first, share.count), d));
    tables.push_back(fits.back().table);
  }
  const fp::TabulatedCoefficients coefficients(times, tables);
  SolveOptions options = fixed_steps(std::vector<int>(d, d == 3 ? 24 : 20), 0.05);
  options.frame = FrameKind::diagonal;
  options.time_scheme = TimeScheme::strang;
  options.support_tail = 1e-6;
  const SolveResult result = solve(coefficients, start, times, options, world());
  ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
  // The exact coefficients on the same grid: what is left is the regression's scatter, 0.05 / sqrt(4000), and where the
  // density lies beyond the replicas.
  const SolveResult reference = solve(problem, start, times, options, world());
  const fp::Density& last = result.snapshots.back();
  const fp::Density& exact = reference.snapshots.back();
  EXPECT_LT((last.mean() - exact.mean()).norm(), 0.01);
  EXPECT_LT((last.covariance() - exact.covariance()).norm(), 0.02 * exact.covariance().norm());
  EXPECT_LT((exact.mean() - problem.evolve(gaussian_of(start), 1).mean).norm(), 0.01);
  // Some of a density in 3 or 4 dimensions lies beyond 4000 replicas, but not much.
  EXPECT_LT(fp::mass_beyond(last, fits.back()), 0.02);
  EXPECT_GT(fp::mass_beyond(last, fits.back()), 0);
}

INSTANTIATE_TEST_SUITE_P(Dimensions, ConditionalClosure, testing::Values(3, 4));

}  // namespace
}  // namespace driftwood::fp_solver
