#include "driftwood/fp/frame_motion.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <vector>

#include "driftwood/core/packed.hpp"
#include "driftwood/fp/exact_solutions.hpp"
#include "driftwood/fp/initial_density.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;

Frame diagonal_frame(const Values& centre, const Values& scale) {
  return {
      Eigen::Map<const Eigen::VectorXd>(centre.data(), static_cast<long>(centre.size())),
      Eigen::Map<const Eigen::VectorXd>(scale.data(), static_cast<long>(scale.size())).asDiagonal().toDenseMatrix()};
}

/// Masses, drift a + A w and constant diffusion on a small grid in the plane.
struct LinearCase {
  Grid grid{{12, 9}, 4.0};
  Frame frame = diagonal_frame({3, -20}, {0.4, 2});
  Eigen::Vector2d a{1.5, -0.2};
  Eigen::Matrix2d A{{-1, 0.3}, {0.7, -2}};
  Values D{0.5, 0.1, 0.9};
  Values mass = Values(108);
  Values drift;
  Values diffusion;

  LinearCase() {
    const Density normal = discretise(NormalDensity{{3.1, -20.5}, {0.35, 2.5}}, grid, frame, 0);
    for (std::uint32_t i = 0; i < 108; ++i) mass[i] = normal.p[i] * normal.cell_volume() * (0.5 + test::uniform(i));
    const Values w = cell_centres(grid, frame, {0, 108});
    for (int i = 0; i < 108; ++i) {
      const Eigen::Vector2d b = a + A * Eigen::Vector2d(w[2 * i], w[2 * i + 1]);
      drift.insert(drift.end(), {b[0], b[1]});
      diffusion.insert(diffusion.end(), D.begin(), D.end());
    }
  }
  Values sums(const Eigen::VectorXd& origin) const {
    return MotionSums::of(grid, frame, {0, 108}, mass, drift, diffusion, origin);
  }
};

TEST(CellCentres, AreThoseOfTheCellsOfARangeInTheFrame) {
  const Grid grid{{2, 3}, 1.5};
  const Frame frame = diagonal_frame({10, 100}, {2, 4});
  const Values w = cell_centres(grid, frame, {1, 4});
  const Values wanted{8.5, 100, 8.5, 104, 11.5, 96, 11.5, 100};
  for (int i = 0; i < 8; ++i) EXPECT_NEAR(w[i], wanted[i], 1e-13);
}

TEST(MomentRates, AreThoseOfTheMomentEquationsForALinearDrift) {
  const LinearCase c;
  // Moments of the masses at the cells' centres, by themselves.
  const Values w = cell_centres(c.grid, c.frame, {0, 108});
  double total = 0;
  Eigen::Vector2d mean = Eigen::Vector2d::Zero();
  Eigen::Matrix2d covariance = Eigen::Matrix2d::Zero();
  const auto at = [&](int i) { return Eigen::Vector2d(w[2 * i], w[2 * i + 1]); };
  for (int i = 0; i < 108; ++i) total += c.mass[i], mean += c.mass[i] * at(i);
  mean /= total;
  for (int i = 0; i < 108; ++i) covariance += c.mass[i] / total * (at(i) - mean) * (at(i) - mean).transpose();

  const MomentRates rates = moment_rates(c.sums(c.frame.centre), 2);
  const Eigen::Vector2d mean_rate = c.a + c.A * mean;
  const Eigen::Matrix2d D = unpack_symmetric(2, c.D);
  const Eigen::Matrix2d covariance_rate = c.A * covariance + covariance * c.A.transpose() + 2 * D;
  for (int k = 0; k < 2; ++k) {
    EXPECT_NEAR(rates.mean_rate[k], mean_rate[k], 1e-12 * std::abs(mean_rate[k]));
    EXPECT_NEAR(rates.log_width_rate[k], covariance_rate(k, k) / (2 * covariance(k, k)), 1e-12);
  }
  EXPECT_NEAR((rates.covariance - covariance).norm(), 0, 1e-12);
  EXPECT_NEAR((rates.covariance_rate - covariance_rate).norm(), 0, 1e-11);
}

TEST(MomentRates, OfAnOrnsteinUhlenbeckDensityAreItsClosedForm) {
  // Discretised: mean 0.4 and variance 0.25 + h^2 / 12 at the cells' centres.
  const Grid grid{{64}, 8.0};
  const Frame frame = diagonal_frame({0.4}, {0.5});
  const Density normal = discretise(NormalDensity{{0.4}, {0.5}}, grid, frame, 0);
  const Values w = cell_centres(grid, frame, {0, 64});
  Values drift;
  for (const double x : w) drift.push_back(-3 * x);
  const MomentRates rates =
      moment_rates(MotionSums::of(grid, frame, {0, 64}, normal.p, drift, Values(64, 0.2), frame.centre), 1);
  const double variance = 0.25 + 0.125 * 0.125 / 12;
  EXPECT_NEAR(rates.mean_rate[0], -1.2, 1e-12);
  EXPECT_NEAR(rates.log_width_rate[0], -3 + 0.2 / variance, 1e-10);
}

TEST(MotionSums, OfTheRangesAddUpToTheWholes) {
  const LinearCase c;
  const Values whole = c.sums(c.frame.centre);
  ASSERT_EQ(whole.size(), MotionSums::size(2));
  Values added(whole.size(), 0.0);
  const long bounds[] = {0, 5, 40, 41, 108};
  for (int part = 0; part < 4; ++part) {
    const CellRange range{bounds[part], bounds[part + 1] - bounds[part]};
    const auto rows = [&](const Values& values, long columns) {
      return Values(values.begin() + columns * range.first, values.begin() + columns * range.last());
    };
    const Values sums =
        MotionSums::of(c.grid, c.frame, range, rows(c.mass, 1), rows(c.drift, 2), rows(c.diffusion, 3), c.frame.centre);
    for (std::size_t i = 0; i < sums.size(); ++i) added[i] += sums[i];
  }
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(added[i], whole[i], 1e-13 * (1 + std::abs(whole[i])));
}

TEST(MomentRates, DoNotDependOnTheOrigin) {
  const LinearCase c;
  const MomentRates near = moment_rates(c.sums(c.frame.centre), 2);
  const MomentRates far = moment_rates(c.sums(Eigen::Vector2d(-1, 10)), 2);
  for (int k = 0; k < 2; ++k) {
    EXPECT_NEAR(near.mean_rate[k], far.mean_rate[k], 1e-11);
    EXPECT_NEAR(near.log_width_rate[k], far.log_width_rate[k], 1e-10);
  }
}

TEST(MomentRates, DoNotDependOnTheMassUnit) {
  LinearCase c;
  const MomentRates one = moment_rates(c.sums(c.frame.centre), 2);
  for (double& m : c.mass) m *= 1e-9;
  const MomentRates small = moment_rates(c.sums(c.frame.centre), 2);
  EXPECT_NEAR(one.mean_rate[1], small.mean_rate[1], 1e-12);
  EXPECT_NEAR(one.log_width_rate[1], small.log_width_rate[1], 1e-12);
}

TEST(MomentRates, OfAPointHaveNoWidthToGrow) {
  const MomentRates rates = moment_rates(Values{2, 0, 0, 6, 0, 8}, 1);
  EXPECT_EQ(rates.mean_rate[0], 3);
  EXPECT_EQ(rates.log_width_rate[0], 0);
}

TEST(FrameMotion, FollowsWhatItsKindSays) {
  const Frame frame = diagonal_frame({1, 2}, {0.5, 4});
  const MomentRates rates{Eigen::Vector2d(3, -1), Eigen::Vector2d(-2, 0.25), {}, {}};
  const FrameMotion fixed = frame_motion(FrameKind::fixed, frame, rates);
  EXPECT_EQ(fixed.centre_rate, Eigen::Vector2d(0, 0));
  EXPECT_EQ(fixed.scale_rate, Eigen::MatrixXd::Zero(2, 2));
  const FrameMotion shifted = frame_motion(FrameKind::shifted, frame, rates);
  EXPECT_EQ(shifted.centre_rate, Eigen::Vector2d(3, -1));
  EXPECT_EQ(shifted.scale_rate, Eigen::MatrixXd::Zero(2, 2));
  const FrameMotion diagonal = frame_motion(FrameKind::diagonal, frame, rates);
  EXPECT_EQ(diagonal.centre_rate, Eigen::Vector2d(3, -1));
  EXPECT_EQ(diagonal.scale_rate, Eigen::Vector2d(-1, 1).asDiagonal().toDenseMatrix());

  const Frame later = moved(frame, diagonal, 0.5);
  EXPECT_EQ(later.centre, Eigen::Vector2d(2.5, 1.5));
  EXPECT_EQ(later.scale.diagonal(), Eigen::Vector2d(0, 4.5));
  EXPECT_TRUE(later.is_diagonal());
}

TEST(ToFrame, GivesTheValuesByHand) {
  const Grid grid{{2, 2}, 1.0};  // cells' centres at z = -1/2 and 1/2
  const Frame frame = diagonal_frame({1, 2}, {2, 4});
  const FrameMotion motion{Eigen::Vector2d(1, -2), Eigen::Vector2d(6, 8).asDiagonal().toDenseMatrix()};
  // Cells 1 and 2: z = (-1/2, 1/2) and (1/2, -1/2).
  CellCoefficients cells{{1, 2}, {5, 10, 7, -6}, {8, 16, 32, 4, -8, 16}};
  to_frame(grid, frame, motion, cells);
  // u = ((5 - 1 + 3) / 2, (10 + 2 - 4) / 4), ((7 - 1 - 3) / 2, (-6 + 2 + 4) / 4)
  EXPECT_EQ(cells.drift, (Values{3.5, 2, 1.5, 0}));
  EXPECT_EQ(cells.diffusion, (Values{2, 2, 2, 1, -1, 1}));
}

TEST(ToFrame, LeavesNoGrowthOfMeanAndWidthInAFrameThatFollowsThem) {
  const LinearCase c;
  const FrameMotion motion = frame_motion(FrameKind::diagonal, c.frame, moment_rates(c.sums(c.frame.centre), 2));
  CellCoefficients cells{{0, 108}, c.drift, c.diffusion};
  to_frame(c.grid, c.frame, motion, cells);
  const Frame unit = diagonal_frame({0, 0}, {1, 1});
  const Values sums =
      MotionSums::of(c.grid, unit, cells.range, c.mass, cells.drift, cells.diffusion, Eigen::Vector2d(0, 0));
  // In z the width stays, and the mean falls to the centre as fast as the scale grows.
  const MomentRates rates = moment_rates(sums, 2);
  double total = 0;
  for (const double m : c.mass) total += m;
  for (int k = 0; k < 2; ++k) {
    const double mean_z = sums[1 + k] / total;
    EXPECT_NEAR(rates.mean_rate[k] + motion.scale_rate(k, k) / c.frame.scale(k, k) * mean_z, 0, 1e-12);
    EXPECT_NEAR(rates.log_width_rate[k], 0, 1e-12);
  }
}

/// Entries in (-1, 1).
Eigen::MatrixXd random_matrix(int rows, int columns, std::uint32_t number) {
  Eigen::MatrixXd matrix(rows, columns);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) matrix(i, j) = 2 * test::uniform(10 * i + j, number) - 1;
  return matrix;
}

Eigen::MatrixXd random_covariance(int d, std::uint32_t number) {
  const Eigen::MatrixXd a = random_matrix(d, d, number);
  return a * a.transpose() + 0.1 * Eigen::MatrixXd::Identity(d, d);
}

/// A sheared frame of scales between 0.5 and 2.
Frame random_frame(int d, std::uint32_t number) {
  Frame frame{random_matrix(d, 1, number), random_matrix(d, d, number + 1).triangularView<Eigen::StrictlyLower>()};
  for (int k = 0; k < d; ++k) frame.scale(k, k) = 0.5 + 1.5 * test::uniform(k, number + 2);
  return frame;
}

TEST(CellCentres, FollowAShearedFrame) {
  const Grid grid{{3, 2, 2, 4}, 1.5};
  const Frame frame = random_frame(4, 3);
  const Values w = cell_centres(grid, frame, {5, 30});
  for (int i = 0; i < 30; ++i) {
    const int cell = i + 5;
    const Eigen::Vector4d z(grid.z_centre(0, cell / 16), grid.z_centre(1, cell / 8 % 2), grid.z_centre(2, cell / 4 % 2),
                            grid.z_centre(3, cell % 4));
    const Eigen::Vector4d wanted = frame.centre + frame.scale * z;
    for (int k = 0; k < 4; ++k) EXPECT_NEAR(w[4 * i + k], wanted[k], 1e-14);
  }
}

TEST(ToFrame, IsTheTransformOfAShearedFrame) {
  for (int d = 1; d <= 4; ++d) {
    const Grid grid{std::vector<int>(d, 3), 2.0};
    const Frame frame = random_frame(d, 40 + d);
    const FrameMotion motion{random_matrix(d, 1, 50 + d),
                             random_matrix(d, d, 60 + d).triangularView<Eigen::Lower>().toDenseMatrix()};
    const int n = static_cast<int>(grid.n_cells()) - 1;
    CellCoefficients cells{{1, n}, Values(n * d), Values(n * packed_size(d))};
    for (std::uint32_t i = 0; i < cells.drift.size(); ++i) cells.drift[i] = test::uniform(i, 7);
    for (std::uint32_t i = 0; i < cells.diffusion.size(); ++i) cells.diffusion[i] = test::uniform(i, 8);
    const CellCoefficients before = cells;
    to_frame(grid, frame, motion, cells);
    const Eigen::MatrixXd inverse = frame.scale.inverse();
    const Values w = cell_centres(grid, frame, cells.range);
    for (int i = 0; i < n; ++i) {
      const Eigen::VectorXd z = inverse * (Eigen::Map<const Eigen::VectorXd>(&w[i * d], d) - frame.centre);
      const Eigen::VectorXd b = Eigen::Map<const Eigen::VectorXd>(&before.drift[i * d], d);
      const Eigen::VectorXd u = inverse * (b - motion.centre_rate - motion.scale_rate * z);
      const Eigen::MatrixXd tensor =
          inverse * unpack_symmetric(d, std::span(before.diffusion).subspan(i * packed_size(d))) * inverse.transpose();
      for (int k = 0; k < d; ++k) {
        EXPECT_NEAR(cells.drift[i * d + k], u[k], 1e-12);
        for (int l = k; l < d; ++l)
          EXPECT_NEAR(cells.diffusion[i * packed_size(d) + packed_index(d, k, l)], tensor(k, l), 1e-12);
      }
    }
  }
}

TEST(ToFrame, GoesOnToTheCoordinateOfAStretchedGridByItosLemma) {
  // In one dimension with u and E by hand: kappa = 2, z_max = 3.
  const Grid grid{{6}, 3.0, 2.0};
  const Frame frame = diagonal_frame({1}, {2});
  CellCoefficients cells{{4, 1}, {6}, {8}};
  to_frame(grid, frame, {Eigen::VectorXd::Zero(1), Eigen::MatrixXd::Zero(1, 1)}, cells);
  const double slope = 2 * std::cosh(1.0) / std::sinh(2.0);  // xi = 1.5
  const double bend = 4.0 / 3 * std::sinh(1.0) / std::sinh(2.0);
  EXPECT_NEAR(cells.drift[0], 3 / slope - 2 * bend / (slope * slope * slope), 1e-14);
  EXPECT_NEAR(cells.diffusion[0], 2 / (slope * slope), 1e-14);

  // And in three, where the generator's action on a function of z must not change: L z_i = u_i, L z_i z_j.
  const Grid space{{5, 4, 6}, 3.0, 1.5};
  Grid plain = space;
  plain.stretching = 0;
  const Frame sheared = random_frame(3, 4);
  const FrameMotion still{Eigen::VectorXd::Zero(3), Eigen::MatrixXd::Zero(3, 3)};
  CellCoefficients in_xi{{0, 120}, Values(360), Values(720)};
  for (std::uint32_t i = 0; i < 360; ++i) in_xi.drift[i] = test::uniform(i, 7);
  for (std::uint32_t i = 0; i < 720; ++i) in_xi.diffusion[i] = test::uniform(i, 8);
  CellCoefficients in_z = in_xi;
  to_frame(space, sheared, still, in_xi);
  to_frame(plain, sheared, still, in_z);
  for (int cell = 0; cell < 120; ++cell) {
    const int index[] = {cell / 24, cell / 6 % 4, cell % 6};
    for (int k = 0; k < 3; ++k) {
      const double xi = space.xi_centre(k, index[k]);
      const double own = in_xi.diffusion[cell * 6 + packed_index(3, k, k)];
      EXPECT_NEAR(in_xi.drift[cell * 3 + k] * space.slope_at(xi) + own * space.bend_at(xi), in_z.drift[cell * 3 + k],
                  1e-12);
      for (int l = k; l < 3; ++l)
        EXPECT_NEAR(in_xi.diffusion[cell * 6 + packed_index(3, k, l)] * space.slope_at(xi) *
                        space.slope_at(space.xi_centre(l, index[l])),
                    in_z.diffusion[cell * 6 + packed_index(3, k, l)], 1e-12);
    }
  }
}

TEST(AnomalousDimension, OfAFullFrameMakesTheCovarianceGrow) {
  // Sigma = S S^T times a constant: dSigma/dt = gamma Sigma + Sigma gamma^T, and S stays triangular.
  for (int d = 1; d <= 4; ++d)
    for (std::uint32_t number = 0; number < 20; ++number) {
      const Eigen::MatrixXd half = random_matrix(d, d, number + 100);
      MomentRates rates{Eigen::VectorXd::Zero(d), Eigen::VectorXd::Zero(d), random_covariance(d, number),
                        half + half.transpose()};
      const Eigen::MatrixXd gamma = anomalous_dimension(FrameKind::full, rates);
      EXPECT_TRUE(gamma.isLowerTriangular(0.0));
      const Eigen::MatrixXd growth = gamma * rates.covariance + rates.covariance * gamma.transpose();
      EXPECT_NEAR((growth - rates.covariance_rate).norm(), 0, 1e-11);
    }
}

TEST(AnomalousDimension, OfOtherKindsIsTheGrowthOfTheWidths) {
  const LinearCase c;
  const MomentRates rates = moment_rates(c.sums(c.frame.centre), 2);
  const Eigen::MatrixXd wanted = rates.log_width_rate.asDiagonal().toDenseMatrix();
  for (const FrameKind kind : {FrameKind::fixed, FrameKind::shifted, FrameKind::diagonal})
    EXPECT_EQ(anomalous_dimension(kind, rates), wanted);
  const Eigen::MatrixXd full = anomalous_dimension(FrameKind::full, rates);
  EXPECT_GT((full - wanted).norm(), 0.01);
  EXPECT_NEAR(full(0, 0), wanted(0, 0), 1e-12);  // the first axis of a triangular frame is that of the diagonal one
}

TEST(AnomalousDimension, OfASingularCovarianceIsDiagonal) {
  MomentRates rates{Eigen::Vector2d(0, 0), Eigen::Vector2d(3, 0), Eigen::Matrix2d::Zero(), Eigen::Matrix2d::Zero()};
  rates.covariance(0, 0) = 1;
  rates.covariance_rate(0, 0) = 6;
  EXPECT_EQ(anomalous_dimension(FrameKind::full, rates), Eigen::Vector2d(3, 0).asDiagonal().toDenseMatrix());
}

TEST(ToFrame, LeavesNoGrowthOfTheCovarianceInAFullFrame) {
  LinearCase c;
  c.frame.scale(1, 0) = 1.1;
  const Values w = cell_centres(c.grid, c.frame, {0, 108});
  for (int i = 0; i < 108; ++i) {
    const Eigen::Vector2d b = c.a + c.A * Eigen::Vector2d(w[2 * i], w[2 * i + 1]);
    std::copy_n(b.data(), 2, &c.drift[2 * i]);
  }
  const FrameMotion motion = frame_motion(FrameKind::full, c.frame, moment_rates(c.sums(c.frame.centre), 2));
  EXPECT_TRUE(motion.scale_rate.isLowerTriangular(0.0));
  CellCoefficients cells{{0, 108}, c.drift, c.diffusion};
  to_frame(c.grid, c.frame, motion, cells);
  const Frame unit = diagonal_frame({0, 0}, {1, 1});
  const MomentRates rates = moment_rates(
      MotionSums::of(c.grid, unit, cells.range, c.mass, cells.drift, cells.diffusion, Eigen::Vector2d(0, 0)), 2);
  EXPECT_GT(rates.covariance.norm(), 0.5);
  EXPECT_NEAR(rates.covariance_rate.norm(), 0, 1e-11);
}

TEST(FrameMotion, KeepsARotatingGaussiansCovarianceConstantInZ) {
  Eigen::MatrixXd A(3, 3);
  A << 0.5, 2, 0, -2, 0.7, 0.3, 0.1, 0, 1.5;
  const OrnsteinUhlenbeck process(A, Eigen::Vector3d(1, 0, -1), random_covariance(3, 5));
  const Gaussian start{Eigen::Vector3d(3, -2, 0), random_covariance(3, 6)};
  const auto rates_at = [&](double t) {
    const Gaussian now = process.evolve(start, t);
    const Eigen::MatrixXd pull = -A * now.covariance;
    const Eigen::MatrixXd rate = pull + pull.transpose() + 2 * random_covariance(3, 5);
    return MomentRates{-A * (now.mean - Eigen::Vector3d(1, 0, -1)), Eigen::VectorXd::Zero(3), now.covariance, rate};
  };
  Values errors;
  for (const int steps : {50, 100, 200, 400}) {
    Frame frame = random_frame(3, 9);
    frame.centre = start.mean;
    const Eigen::MatrixXd in_z = frame.scale.inverse() * start.covariance * frame.scale.inverse().transpose();
    const double dt = 1.0 / steps;
    for (int step = 0; step < steps; ++step) {
      const Frame half = moved(frame, frame_motion(FrameKind::full, frame, rates_at(step * dt)), dt / 2);
      frame = moved(frame, frame_motion(FrameKind::full, half, rates_at((step + 0.5) * dt)), dt);
    }
    const Gaussian end = process.evolve(start, 1);
    const Eigen::MatrixXd at_end = frame.scale.inverse() * end.covariance * frame.scale.inverse().transpose();
    EXPECT_NEAR((frame.centre - end.mean).norm(), 0, 1e-2);
    errors.push_back((at_end - in_z).norm());
  }
  test::expect_order(errors, 1.8, 2.2);
  EXPECT_LT(errors.back(), 1e-4);
}

TEST(Spread, OfMassesIsWhatTheFrameIsFittedTo) {
  const LinearCase c;
  const Spread now = spread_of(c.grid, c.frame, c.mass);
  const Eigen::Matrix2d stretch = (Eigen::Matrix2d() << 1.02, 0, 0.03, 0.97).finished();
  const Spread wanted{now.mean + Eigen::Vector2d(0.01, -0.1), stretch * now.covariance * stretch.transpose()};
  const Frame full = with_spread(FrameKind::full, c.grid, c.frame, c.mass, wanted);
  const Spread reached = spread_of(c.grid, full, c.mass);
  EXPECT_LT((reached.mean - wanted.mean).norm(), 1e-12);
  EXPECT_LT((reached.covariance - wanted.covariance).norm(), 1e-12);
  EXPECT_EQ(full.scale(0, 1), 0);

  const Frame diagonal = with_spread(FrameKind::diagonal, c.grid, c.frame, c.mass, wanted);
  const Spread widths = spread_of(c.grid, diagonal, c.mass);
  EXPECT_EQ(diagonal.scale(1, 0), 0);
  EXPECT_LT((widths.mean - wanted.mean).norm(), 1e-12);
  EXPECT_LT((widths.covariance - wanted.covariance).diagonal().norm(), 1e-12);

  const Spread far{now.mean, 2 * now.covariance};
  EXPECT_EQ(with_spread(FrameKind::full, c.grid, c.frame, c.mass, far).scale, c.frame.scale);
}

TEST(Spread, OfOneCellLeavesTheFrame) {
  const LinearCase c;
  Values mass(108, 0.0);
  mass[50] = 1;
  const Spread now = spread_of(c.grid, c.frame, mass);
  for (const FrameKind kind : {FrameKind::diagonal, FrameKind::full})
    EXPECT_EQ(with_spread(kind, c.grid, c.frame, mass, now).scale, c.frame.scale);
}

}  // namespace
}  // namespace driftwood::fp
