// Four dimensions on few cells: a density that turns, shrinks, and hardly spreads but along one direction, as weights
// under stochastic gradients do.
#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <cmath>

#include "support/world.hpp"
#include "verify/fp_solver/problems.hpp"

namespace driftwood::fp_solver {
namespace {

using test::world;

/// Diffusion with eigenvalues 4e-3, 4e-5, 1e-5 and 2e-6 along oblique directions.
Eigen::MatrixXd narrow_diffusion() {
  Eigen::MatrixXd axes(4, 4);
  axes << 1, 2, 1, -2, 2, -1, 2, 1, 1, 2, -1, 2, -2, 1, 2, 1;
  axes /= std::sqrt(10.0);
  return axes * Eigen::Vector4d(4e-3, 4e-5, 1e-5, 2e-6).asDiagonal() * axes.transpose();
}

/// Largest relative error of a standard deviation at t = 1 on 16^4 cells, from the smoothed marginals.
double worst_std(fp::FluxKind flux, fp::FrameKind frame, SolveReport& report) {
  const fp::OrnsteinUhlenbeck problem(reference_drift(4), Eigen::VectorXd::Zero(4), narrow_diffusion());
  const fp::Gaussian start{Eigen::Vector4d(0.8, -0.6, 0.5, -0.4), 0.09 * Eigen::MatrixXd::Identity(4, 4)};
  const SolveOptions options = few_cells(4, 16, flux, frame);
  const auto result = solve(problem, start, {0, 1}, options, world());
  report = result.report;
  EXPECT_EQ(report.status, SolveStatus::ok) << report.message;
  if (report.status != SolveStatus::ok) return 1;
  const Eigen::MatrixXd exact = problem.evolve(start, 1).covariance;
  double worst = 0;
  for (int k = 0; k < 4; ++k) {
    const double variance = fp::smoothed(fp::marginal(result.snapshots.back(), k), 1024).variance();
    worst = std::max(worst, std::abs(std::sqrt(variance / exact(k, k)) - 1));
  }
  return worst;
}

TEST(NarrowTensor, IsCarriedByTheFourthOrderFluxWithoutSmearing) {
  SolveReport report;
  for (const fp::FrameKind frame : {fp::FrameKind::full, fp::FrameKind::diagonal}) {
    EXPECT_LT(worst_std(fp::FluxKind::fourth_order, frame, report), 0.02);
    EXPECT_GT(report.max_added_diffusion, 0.5) << "the tensor needs more than the lattice has";
    EXPECT_GT(report.max_cell_peclet, 100);
    EXPECT_LE(report.max_mass_error, 1e-12);
    EXPECT_GE(report.min_density, 0);
  }
}

TEST(NarrowTensor, IsSmearedByTheLimitedFlux) {
  SolveReport report;
  EXPECT_GT(worst_std(fp::FluxKind::limited, fp::FrameKind::full, report), 0.08) << "or the test above shows nothing";
}

TEST(NarrowTensor, GivesTheSameBitsOnAnyNumberOfRanks) {
  const mpi::Communicator alone = world().split(world().rank());
  const fp::OrnsteinUhlenbeck problem(reference_drift(4), Eigen::VectorXd::Zero(4), narrow_diffusion());
  const fp::Gaussian start{Eigen::VectorXd::Zero(4), 0.09 * Eigen::MatrixXd::Identity(4, 4)};
  SolveOptions options = few_cells(4, 16, fp::FluxKind::fourth_order, fp::FrameKind::full);
  options.cells = {16, 13, 12, 14};
  options.support_tail = 1e-4;
  options.max_wall_mass = 1e-3;
  options.tolerance = 0.02;
  const auto together = solve(problem, start, {0, 0.1}, options, world());
  const auto single = solve(problem, start, {0, 0.1}, options, alone);
  ASSERT_EQ(single.report.status, SolveStatus::ok) << single.report.message;
  EXPECT_GT(single.report.max_added_diffusion, 0);
  EXPECT_EQ(together.snapshots.back().p, single.snapshots.back().p);
}

/// Two dimensions, modified Patankar: the linear solver's edges take off what was added as the splitting's lines do.
TEST(NarrowTensor, IsCarriedByModifiedPatankarToo) {
  const Eigen::Vector2d along = Eigen::Vector2d(1, 0.3).normalized();
  const Eigen::MatrixXd diffusion = 4e-3 * along * along.transpose() + 2e-6 * Eigen::MatrixXd::Identity(2, 2);
  const fp::OrnsteinUhlenbeck problem(reference_drift(2), Eigen::VectorXd::Zero(2), diffusion);
  const fp::Gaussian start{Eigen::Vector2d(0.8, -0.6), 0.09 * Eigen::MatrixXd::Identity(2, 2)};
  SolveOptions options = few_cells(2, 16, fp::FluxKind::fourth_order, fp::FrameKind::full);
  options.time_scheme = TimeScheme::modified_patankar;
  const auto result = solve(problem, start, {0, 1}, options, world());
  ASSERT_EQ(result.report.status, SolveStatus::ok) << result.report.message;
  EXPECT_GT(result.report.max_added_diffusion, 0.1) << "the tensor needs more than the lattice has";
  const Eigen::MatrixXd exact = problem.evolve(start, 1).covariance;
  for (int k = 0; k < 2; ++k) {
    const double variance = fp::smoothed(fp::marginal(result.snapshots.back(), k), 1024).variance();
    EXPECT_NEAR(std::sqrt(variance / exact(k, k)), 1, 0.01) << k;
  }
}

}  // namespace
}  // namespace driftwood::fp_solver
