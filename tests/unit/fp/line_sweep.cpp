#include "driftwood/fp/line_sweep.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <unsupported/Eigen/MatrixFunctions>
#include <vector>

#include "driftwood/core/error.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;

/// `n_lines` lines of `length` cells with rough rates, cells of a line `offset` apart (1 or n_lines).
LineProblem rough_lines(long n_lines, long length, long offset, double scale, bool has_exits = false) {
  LineProblem problem;
  problem.offset = offset;
  problem.block = offset == 1 ? length : 0;
  const long n = n_lines * length;
  problem.forward.assign(n, 0.0);
  problem.backward.assign(n, 0.0);
  if (has_exits) problem.exit_rate.assign(n, 0.0);
  for (long line = 0; line < n_lines; ++line)
    for (long m = 0; m < length; ++m) {
      const long cell = offset == 1 ? line * length + m : m * n_lines + line;
      const std::uint64_t key = line * 1000 + m;
      if (m + 1 < length) {
        problem.forward[cell] = scale * test::uniform(0, key);
        problem.backward[cell] = scale * test::uniform(1, key);
      }
      if (has_exits && (m == 0 || m + 1 == length)) problem.exit_rate[cell] = scale * test::uniform(2, key);
    }
  return problem;
}

Values rough_mass(long n) {
  Values mass(n);
  for (long i = 0; i < n; ++i) mass[i] = std::pow(test::uniform(5, i), 8);
  return mass;
}

/// The generator of one line of cells next to each other.
Eigen::MatrixXd generator(const LineProblem& problem) {
  const long n = problem.n_cells();
  Eigen::MatrixXd L = Eigen::MatrixXd::Zero(n, n);
  for (long i = 0; i < n; ++i) {
    if (i + 1 < n) {
      L(i + 1, i) += problem.forward[i];
      L(i, i) -= problem.forward[i];
      L(i, i + 1) += problem.backward[i];
      L(i + 1, i + 1) -= problem.backward[i];
    }
    if (!problem.exit_rate.empty()) L(i, i) -= problem.exit_rate[i];
  }
  return L;
}

double sum(const Values& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double distance(const Values& a, const Values& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

TEST(LineSweep, StaysPositiveAndKeepsTheMassAtAnyStep) {
  const LineProblem problem = rough_lines(70, 33, 70, 1.0);
  for (const double step : {1e-3, 1.0, 1e3, 1e9}) {
    for (const bool second_order : {false, true}) {
      Values mass(problem.n_cells(), 0.0);
      for (long line = 0; line < 70; ++line) mass[line + 70 * (line % 33)] = 1.0 / 70;  // a peak on every line
      second_order ? second_order_sweep(problem, step, mass) : euler_sweep(problem, step, mass);
      EXPECT_GE(*std::min_element(mass.begin(), mass.end()), 0) << step;
      EXPECT_NEAR(sum(mass), 1, 1e-14) << step;
    }
  }
}

TEST(LineSweep, WithALimitedFluxStaysPositiveWhereProductsOfTwoValuesAreNoNumbers) {
  // The product of a tail's slopes has lost its digits there: a face value made of it was negative, and so was a rate.
  LineProblem line;
  line.flux = FluxKind::limited;
  line.forward.assign(90, 0.005);
  line.backward.assign(90, 4.0);
  line.cell_weight.assign(90, 0.6);
  for (const int end : {20, 89}) line.forward[end] = line.backward[end] = 0;
  for (int size = 0; size < 500; ++size) {
    Values mass(90, 0.0);
    mass[20] = 1e-60;
    mass.back() = std::pow(10, -20 - 0.02 * size);
    second_order_sweep(line, 0.002, mass);
    EXPECT_TRUE(std::all_of(mass.begin(), mass.end(), [](double value) { return value >= 0; })) << size;
  }
}

TEST(LineSweep, EndsAndStaysPositiveNearTheSmallestNumbers) {
  const LineProblem problem = rough_lines(3, 33, 3, 1.0);
  for (const double size : {1e-323, 3e-322, 1e-315, 1e-308}) {
    for (const double step : {0.3, 10.0, 1e3}) {
      Values mass = rough_mass(problem.n_cells());
      for (double& value : mass) value *= size;
      mass[50] = 20 * size;
      second_order_sweep(problem, step, mass);
      EXPECT_GE(*std::min_element(mass.begin(), mass.end()), 0) << size;
    }
  }
}

TEST(LineSweep, GivesTheSameBitsHoweverLinesAreStored) {
  constexpr long lines = 37;
  constexpr long length = 29;
  const Values across = rough_mass(lines * length);
  Values along(across.size());
  for (long line = 0; line < lines; ++line)
    for (long m = 0; m < length; ++m) along[line * length + m] = across[m * lines + line];
  Values a = across;
  Values b = along;
  second_order_sweep(rough_lines(lines, length, lines, 2.0), 0.7, a);
  second_order_sweep(rough_lines(lines, length, 1, 2.0), 0.7, b);
  for (long line = 0; line < lines; ++line)
    for (long m = 0; m < length; ++m) EXPECT_EQ(a[m * lines + line], b[line * length + m]);
}

TEST(LineSweep, IsBackwardEulerToFirstOrder) {
  const LineProblem problem = rough_lines(1, 20, 1, 1.0);
  Values mass = rough_mass(20);
  const Eigen::VectorXd start = Eigen::Map<Eigen::VectorXd>(mass.data(), 20);
  euler_sweep(problem, 0.8, mass);
  const Eigen::MatrixXd system = Eigen::MatrixXd::Identity(20, 20) - 0.8 * generator(problem);
  EXPECT_LT((system * Eigen::Map<Eigen::VectorXd>(mass.data(), 20) - start).cwiseAbs().maxCoeff(), 1e-14);
}

/// What a sweep is to reproduce where nothing limits it: SDIRK2's stability function of the line's generator.
Eigen::VectorXd sdirk2(const Eigen::MatrixXd& L, double step, const Eigen::VectorXd& start) {
  const double gamma = 1 - std::sqrt(0.5);
  const Eigen::MatrixXd system = Eigen::MatrixXd::Identity(L.rows(), L.cols()) - gamma * step * L;
  const Eigen::VectorXd stage = system.inverse() * start;
  return system.inverse() * (start + (1 - gamma) / gamma * (stage - start));
}

TEST(LineSweep, IsSdirk2WhereNothingIsNearZero) {
  const LineProblem problem = rough_lines(1, 20, 1, 1.0);
  Values mass(20, 0.05);
  const Eigen::VectorXd expected = sdirk2(generator(problem), 0.5, Eigen::Map<Eigen::VectorXd>(mass.data(), 20));
  second_order_sweep(problem, 0.5, mass);
  EXPECT_LT((expected - Eigen::Map<Eigen::VectorXd>(mass.data(), 20)).cwiseAbs().maxCoeff(), 1e-15);
}

TEST(LineSweep, IsOfSecondOrderAlsoWhereCurrentsAreLimited) {
  const LineProblem problem = rough_lines(1, 40, 1, 1.0);
  Values start(40, 0.0);
  start[20] = 1;  // everywhere else nothing: SDIRK2 alone would go negative
  const Eigen::VectorXd exact = generator(problem).exp() * Eigen::Map<Eigen::VectorXd>(start.data(), 40);
  Values errors;
  for (const int n : {16, 32, 64, 128}) {
    Values mass = start;
    for (int i = 0; i < n; ++i) second_order_sweep(problem, 1.0 / n, mass);
    errors.push_back((exact - Eigen::Map<Eigen::VectorXd>(mass.data(), 40)).cwiseAbs().sum());
  }
  test::expect_order(errors, 1.8, 2.4);
}

TEST(LineSweep, AccountsForWhatLeavesThroughExits) {
  const LineProblem problem = rough_lines(1, 12, 1, 1.0, true);
  for (const double step : {0.1, 5.0}) {
    Values mass = rough_mass(12);
    const double before = sum(mass);
    Values lost(12, 0.0);
    second_order_sweep(problem, step, mass, lost);
    EXPECT_NEAR(sum(mass) + sum(lost), before, 1e-15 * 12);
    EXPECT_GT(lost[0], 0);
    EXPECT_GT(lost[11], 0);
    EXPECT_EQ(lost[5], 0);
  }
  Values mass(12, 1.0 / 12);
  Values lost(12, 0.0);
  const Eigen::VectorXd expected = sdirk2(generator(problem), 0.3, Eigen::Map<Eigen::VectorXd>(mass.data(), 12));
  second_order_sweep(problem, 0.3, mass, lost);
  EXPECT_LT(distance(mass, {expected.begin(), expected.end()}), 1e-15);
}

TEST(LineSweep, LeavesAnEquilibriumAlone) {
  LineProblem problem = rough_lines(1, 30, 1, 1.0);
  Values equilibrium(30, 1.0);
  for (int i = 0; i + 1 < 30; ++i) equilibrium[i + 1] = equilibrium[i] * problem.forward[i] / problem.backward[i];
  for (const double step : {0.1, 100.0}) {
    Values mass = equilibrium;
    second_order_sweep(problem, step, mass);
    for (int i = 0; i < 30; ++i) EXPECT_NEAR(mass[i] / equilibrium[i], 1, 1e-11) << i;
  }
}

TEST(LineSweep, RefusesOtherSizes) {
  const LineProblem problem = rough_lines(1, 12, 1, 1.0, true);
  Values mass(12, 1.0);
  Values lost(11, 0.0);
  EXPECT_THROW(second_order_sweep(problem, 1, mass, lost), InternalError);
  lost.push_back(0.0);
  mass.pop_back();
  EXPECT_THROW(euler_sweep(problem, 1, mass, lost), InternalError);
}

}  // namespace
}  // namespace driftwood::fp
