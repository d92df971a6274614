#include "driftwood/fp/conditional.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/core/random.hpp"
#include "driftwood/fp/closures.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;

double normal(std::uint32_t draw, std::uint64_t replica) {
  return CounterRandom(11, 12).normal(RandomPurpose::bootstrap, draw, 0, replica);
}

/// Replicas of one tracked weight: drift b(w) + noise, diffusion D(w).
struct Line {
  Values w;
  Values drift;
  Values diffusion;

  RegressionData data() const { return {1, w, drift, diffusion}; }
  void add(int n, double mean, double std, const std::function<double(double)>& b, double noise = 0) {
    for (int i = 0; i < n; ++i) {
      const auto replica = w.size();
      w.push_back(mean + std * normal(0, replica));
      drift.push_back(b(w.back()) + noise * normal(1, replica));
      diffusion.push_back(0.1 + 0.05 * w.back() * w.back());
    }
  }
};

CoefficientTable line_table(double low, double high, int nodes) {
  return empty_table(Values{low}, Values{high}, nodes);
}

/// w = 0 of the drift by linear interpolation between the nodes in [low, high] where its sign changes from + to -.
Values stable_points(const CoefficientTable& table) {
  Values result;
  for (std::size_t i = 0; i + 1 < table.drift.size(); ++i)
    if (table.drift[i] > 0 && table.drift[i + 1] <= 0) {
      const double part = table.drift[i] / (table.drift[i] - table.drift[i + 1]);
      result.push_back(table.nodes[0][i] + part * (table.nodes[0][i + 1] - table.nodes[0][i]));
    }
  return result;
}

ConditionalFit local(const RegressionData& data, CoefficientTable nodes, int neighbours) {
  return local_fit(data, empty_fit(std::move(nodes), Values(data.dimension, 0.0), 5), neighbours,
                   BandWeights(2, CounterRandom(1, 2)));
}

CoefficientTable conditional_table(const RegressionData& data, CoefficientTable nodes, int neighbours) {
  return local(data, std::move(nodes), neighbours).table;
}

TEST(ConditionalTable, IsExactForALinearDriftWithinTheSupport) {
  for (const double slope : {-1.5, 0.8}) {
    Line line;
    line.add(2000, 0.4, 0.2, [&](double w) { return slope * w + 0.3; });
    const CoefficientTable table = conditional_table(line.data(), line_table(-0.2, 1.0, 101), 50);
    for (std::size_t i = 0; i < table.drift.size(); ++i)
      EXPECT_NEAR(table.drift[i], slope * table.nodes[0][i] + 0.3, 1e-12);
  }
}

TEST(ConditionalTable, IsExactForALinearDriftInThePlane) {
  Values w;
  Values drift;
  Values diffusion;
  for (int r = 0; r < 4000; ++r) {
    const double x = 5 + normal(0, r);
    const double y = 0.01 * (normal(1, r) + 0.5 * normal(0, r));
    w.insert(w.end(), {x, y});
    drift.insert(drift.end(), {1 - 2 * x + 30 * y, 0.01 * x - 0.5 * y});
    diffusion.insert(diffusion.end(), {1, 0, 1});
  }
  const CoefficientTable table =
      conditional_table({2, w, drift, diffusion}, empty_table(Values{4, -0.01}, Values{6, 0.01}, 21), 60);
  const Values points = table.points();
  for (std::size_t i = 0; i < table.n_nodes(); ++i) {
    const double x = points[2 * i];
    const double y = points[2 * i + 1];
    EXPECT_NEAR(table.drift[2 * i], 1 - 2 * x + 30 * y, 1e-11);
    EXPECT_NEAR(table.drift[2 * i + 1], 0.01 * x - 0.5 * y, 1e-11);
  }
}

TEST(ConditionalTable, AveragesNoiseAway) {
  Line line;
  line.add(
      10000, 0, 1, [](double w) { return w - w * w * w; }, 0.3);
  const CoefficientTable table = conditional_table(line.data(), line_table(-2, 2, 801), 200);
  for (std::size_t i = 0; i < table.drift.size(); ++i) {
    const double w = table.nodes[0][i];
    // 5 times the noise, 0.3 / sqrt(150), and the curvature b'' h^2 / 14 of the widest kernels. No node is an
    // exception: a chance gap between replicas must not be taken for the end of a basin.
    EXPECT_NEAR(table.drift[i], w - w * w * w, std::abs(w) > 1.5 ? 0.16 : 0.12);
    EXPECT_NEAR(table.diffusion[i], 0.1 + 0.05 * w * w, 0.01);
  }
}

TEST(ConditionalTable, GoesOnLinearlyWhereThatPullsBack) {
  Line line;
  line.add(1000, 0, 1, [](double w) { return 2 - 3 * w; });
  const CoefficientTable table = conditional_table(line.data(), line_table(-10, 10, 81), 100);
  for (std::size_t i = 0; i < table.drift.size(); ++i) EXPECT_NEAR(table.drift[i], 2 - 3 * table.nodes[0][i], 1e-10);
}

TEST(ConditionalTable, GoesOnAsAConstantWhereALineWouldPushAway) {
  Line line;
  line.add(1000, 0, 1, [](double w) { return 2 + 3 * w; });
  const auto [least, most] = std::minmax_element(line.w.begin(), line.w.end());
  const CoefficientTable table = conditional_table(line.data(), line_table(-10, 10, 81), 100);
  EXPECT_NEAR(table.drift.front(), 2 + 3 * *least, 1e-10);
  EXPECT_NEAR(table.drift.back(), 2 + 3 * *most, 1e-10);
  EXPECT_EQ(table.diffusion[0], table.diffusion[8]);
}

TEST(ConditionalTable, KeepsTheDriftOfAMinorityBasin) {
  for (const int neighbours : {50, 100, 400}) {
    Line line;
    const double scatter = 0.03;
    line.add(
        9980, 0.8, 0.15, [](double w) { return -1.0 * (w - 0.8); }, scatter);
    line.add(
        20, -0.7, 0.05, [](double w) { return -3.0 * (w + 0.7); }, scatter);
    const CoefficientTable table = conditional_table(line.data(), line_table(-2, 2, 401), neighbours);
    const Values stable = stable_points(table);
    ASSERT_EQ(stable.size(), 2u) << neighbours;
    // The fixed point's error: scatter / sqrt(20) over the slope 3.
    EXPECT_NEAR(stable[0], -0.7, 3 * scatter / std::sqrt(20.0) / 3) << neighbours;
    EXPECT_NEAR(stable[1], 0.8, 0.02) << neighbours;
    const auto drift_at = [&](double w) { return table.drift[static_cast<std::size_t>(std::lround((w + 2) * 100))]; };
    EXPECT_NEAR((drift_at(-0.65) - drift_at(-0.75)) / 0.1, -3, 0.6) << neighbours;
  }
}

TEST(ConditionalTable, FallsFromBasinToBasinAcrossTheGap) {
  Line line;
  line.add(500, -1, 0.05, [](double w) { return -2 * (w + 1); });
  line.add(500, 1, 0.05, [](double w) { return -2 * (w - 1); });
  const CoefficientTable table = conditional_table(line.data(), line_table(-1.2, 1.2, 241), 50);
  const Values stable = stable_points(table);
  ASSERT_EQ(stable.size(), 2u);
  EXPECT_NEAR(stable[0], -1, 1e-6);
  EXPECT_NEAR(stable[1], 1, 1e-6);
  for (int i = 30; i < 210; ++i) {  // the gap, from -0.9 to 0.9
    const double w = table.nodes[0][i];
    const double outward = table.drift[i] * (w < 0 ? 1 : -1);
    EXPECT_LT(outward, std::abs(w) > 0.1 ? 0 : 0.1) << w;  // pulls to the nearer basin, but for the watershed
    EXPECT_LT(std::abs(table.drift[i + 1] - table.drift[i]), 0.1) << w;
  }
}

TEST(ConditionalTable, KeepsTheDriftOfAMinorityBasinInThePlane) {
  Values w;
  Values drift;
  Values diffusion;
  for (int r = 0; r < 5000; ++r) {
    const bool minority = r % 250 == 0;
    const double centre = minority ? -1.0 : 1.0;
    const double rate = minority ? 4.0 : 1.0;
    w.insert(w.end(), {centre + 0.1 * normal(0, r), 0.1 * normal(1, r)});
    drift.insert(drift.end(), {-rate * (w[2 * r] - centre), -rate * w[2 * r + 1]});
    diffusion.insert(diffusion.end(), {rate, 0, rate});
  }
  const CoefficientTable table =
      conditional_table({2, w, drift, diffusion}, empty_table(Values{-1.5, -1.5}, Values{1.5, 1.5}, 61), 100);
  const auto node = [](double x, double y) { return std::lround((x + 1.5) * 20) * 61 + std::lround((y + 1.5) * 20); };
  EXPECT_NEAR(table.drift[2 * node(-1.1, 0.05)], 0.4, 1e-10);
  EXPECT_NEAR(table.drift[2 * node(-1.1, 0.05) + 1], -0.2, 1e-10);
  EXPECT_NEAR(table.diffusion[3 * node(-1, 0)], 4, 1e-10);
  EXPECT_NEAR(table.drift[2 * node(1.1, 0.05)], -0.1, 1e-10);
  EXPECT_NEAR(table.diffusion[3 * node(1, 0)], 1, 1e-10);
  EXPECT_NEAR(table.drift[2 * node(1, 1.5) + 1], -1.5, 1e-9);  // beyond the data the line goes on
}

TEST(ConditionalTable, GivesPositiveSemidefiniteDiffusionEverywhere) {
  Values w;
  Values drift;
  Values diffusion;
  for (int r = 0; r < 500; ++r) {
    w.insert(w.end(), {normal(0, r), normal(1, r)});
    drift.insert(drift.end(), {0, 0});
    const double a = normal(2, r);
    const double b = normal(3, r);
    diffusion.insert(diffusion.end(), {a * a, a * b, b * b});  // rank one: on the edge of the cone
  }
  const CoefficientTable table =
      conditional_table({2, w, drift, diffusion}, empty_table(Values{-5, -5}, Values{5, 5}, 15), 25);
  for (std::size_t i = 0; i < table.n_nodes(); ++i) {
    const double* D = &table.diffusion[3 * i];
    EXPECT_GE(D[0], 0);
    EXPECT_GE(D[0] * D[2] - D[1] * D[1], -1e-12 * D[0] * D[2]);
  }
}

TEST(ConditionalTable, StaysBoundedWhenTheReplicasLieOnALine) {
  Values w;
  Values drift;
  Values diffusion;
  for (int r = 0; r < 1000; ++r) {
    const double s = normal(0, r);
    w.insert(w.end(), {s, 2 * s});
    drift.insert(drift.end(), {-s, 1});
    diffusion.insert(diffusion.end(), {1, 0, 1});
  }
  const CoefficientTable table =
      conditional_table({2, w, drift, diffusion}, empty_table(Values{-2, -4}, Values{2, 4}, 21), 50);
  for (std::size_t i = 0; i < table.n_nodes(); ++i) {
    EXPECT_LT(std::abs(table.drift[2 * i]), 5);
    EXPECT_LT(std::abs(table.drift[2 * i + 1]), 5);
  }
  const std::size_t on_the_line = 15 * 21 + 15;  // s = 1
  EXPECT_NEAR(table.drift[2 * on_the_line], -1, 1e-9);
  EXPECT_NEAR(table.drift[2 * on_the_line + 1], 1, 1e-9);
}

TEST(ConditionalTable, TakesTheirMeanWhereAllReplicasAreOnePoint) {
  for (const double w : {0.0, 0.3}) {
    const Line line{Values(30, w), Values(30, 2.0), Values(30, 0.5)};
    const CoefficientTable table = conditional_table(line.data(), line_table(w - 1, w + 1, 21), 10);
    for (int i = 0; i < 21; ++i) {
      EXPECT_NEAR(table.drift[i], 2, 1e-12);
      EXPECT_NEAR(table.diffusion[i], 0.5, 1e-12);
    }
  }
}

TEST(ConditionalTable, TakesFewReplicasForWhatTheyAre) {
  const Line line{Values{1, 2}, Values{3, 5}, Values{1, 1}};
  const CoefficientTable table = conditional_table(line.data(), line_table(0, 3, 7), 100);
  for (const double b : table.drift) {
    EXPECT_GE(b, 3 - 1e-9);
    EXPECT_LE(b, 5 + 1e-9);
  }
}

TEST(ConditionalFit, TellsWhatTheReplicasCarryAndHowWell) {
  Line line;
  line.add(
      1000, -1, 0.1, [](double w) { return -2 * (w + 1); }, 0.1);
  line.add(
      1000, 1, 0.1, [](double w) { return -2 * (w - 1); }, 0.1);
  const ConditionalFit fit = local(line.data(), line_table(-2, 2, 201), 100);
  const auto node = [](double w) { return static_cast<std::size_t>(std::lround((w + 2) * 50)); };
  for (const double w : {-1.0, -0.9, 1.0, 1.1}) EXPECT_EQ(fit.is_carried[node(w)], 1) << w;
  for (const double w : {-2.0, -1.5, 0.0, 0.3, 1.6}) EXPECT_EQ(fit.is_carried[node(w)], 0) << w;
  ASSERT_EQ(fit.nodes.drift.size(), 101u);
  for (std::size_t i = 0; i < fit.nodes.drift.size(); ++i) {
    EXPECT_EQ(fit.nodes.is_carried[i], fit.is_carried[2 * i]);
    EXPECT_EQ(fit.nodes.drift[i], fit.table.drift[2 * i]);
  }
  EXPECT_EQ(fit.neighbours, 100);
  EXPECT_GT(fit.nodes.drift_band[node(1.68) / 2], 3 * fit.nodes.drift_band[node(1.0) / 2]);
  // The drift's variance: 4 of 0.01 from w, 0.01 of scatter.
  EXPECT_NEAR(fit.explained[0], 0.8, 0.03);
}

TEST(ConditionalFit, HasPointsForTheReaderOnTheTableOrOnLinesThroughTheCentre) {
  const auto fit = [](int d) { return empty_fit(empty_table(Values(d, -1), Values(d, 1), 9), Values(d, 0.25), 5); };
  EXPECT_EQ(fit(1).nodes.replicas.size(), 5u);
  EXPECT_EQ(fit(2).nodes.replicas.size(), 25u);
  const ConditionalFit space = fit(3);
  ASSERT_EQ(space.nodes.replicas.size(), 15u);
  EXPECT_EQ(Values(space.nodes.w.begin() + 15, space.nodes.w.begin() + 21), (Values{0.25, -1, 0.25, 0.25, -0.5, 0.25}));
  EXPECT_EQ(space.nodes.diffusion.size(), 90u);
}

TEST(ConditionalFit, CountsTheMassBeyondTheReplicas) {
  Line line;
  line.add(2000, 0, 1, [](double w) { return -w; });
  const ConditionalFit fit = local(line.data(), line_table(-4, 4, 81), 50);
  const auto beyond = [&](double centre, double scale) {
    const Density density{0, Grid{{400}, 1.0},
                          Frame{Eigen::VectorXd::Constant(1, centre), Eigen::MatrixXd::Constant(1, 1, scale)},
                          Values(400, 1 / (2 * scale))};
    return mass_beyond(density, fit);
  };
  EXPECT_EQ(beyond(0, 1), 0);
  EXPECT_NEAR(beyond(100, 1), 1, 1e-12);
  // The replicas end between 3 and 4, or a hole of a cell before: of 3 .. 5 that leaves about half or more, of -10 ..
  // 10 two thirds.
  EXPECT_NEAR(beyond(4, 1), 0.75, 0.28);
  EXPECT_NEAR(beyond(0, 10), 0.65, 0.06);
}

TEST(ConditionalTable, RefusesWhatItCannotDo) {
  const Values three(3, 1.0);
  const Values six(6, 1.0);
  EXPECT_THROW(conditional_table({3, three, three, six}, empty_table(three, Values(3, 2.0), 4), 10), ConfigError);
  EXPECT_THROW(conditional_table({1, three, three, three}, line_table(0, 1, 4), -1), ConfigError);
  EXPECT_THROW(conditional_table({1, three, six, three}, line_table(0, 1, 4), 1), InternalError);
  EXPECT_THROW(conditional_table({1, three, Values{1, NAN, 1}, three}, line_table(0, 1, 4), 1), InternalError);
  EXPECT_THROW(conditional_table({1, {}, {}, {}}, line_table(0, 1, 4), 1), InternalError);
}

TEST(ChooseNeighbours, TakesFewWhereTheDriftBendsAndManyWhereItIsNoisy) {
  Line bends;
  bends.add(
      2000, 0, 1, [](double w) { return std::sin(12 * w); }, 0.05);
  Line noisy;
  noisy.add(
      2000, 0, 1, [](double w) { return -w; }, 3.0);
  EXPECT_LE(choose_neighbours(bends.data()), 50);
  EXPECT_GE(choose_neighbours(noisy.data()), 100);
}

TEST(ChooseNeighbours, IsWhatNoChoiceMeans) {
  Line line;
  line.add(
      1000, 0, 1, [](double w) { return std::sin(3 * w); }, 0.2);
  const int k = choose_neighbours(line.data());
  EXPECT_EQ(conditional_table(line.data(), line_table(-1, 1, 9), 0).drift,
            conditional_table(line.data(), line_table(-1, 1, 9), k).drift);
}

}  // namespace
}  // namespace driftwood::fp
