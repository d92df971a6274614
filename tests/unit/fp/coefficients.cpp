#include "driftwood/fp/coefficients.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;
using Function = std::function<double(double)>;
using Field = std::function<Values(const double*)>;

Values spaced(double low, double high, int n) {
  Values nodes;
  for (int i = 0; i < n; ++i) nodes.push_back(low + (high - low) * i / (n - 1));
  return nodes;
}

CoefficientTable table_of(std::vector<Values> nodes, const Field& drift, const Field& diffusion) {
  CoefficientTable table{std::move(nodes), {}, {}};
  const Values points = table.points();
  for (std::size_t i = 0; i < table.n_nodes(); ++i) {
    const Values b = drift(&points[i * table.dimension()]);
    const Values D = diffusion(&points[i * table.dimension()]);
    table.drift.insert(table.drift.end(), b.begin(), b.end());
    table.diffusion.insert(table.diffusion.end(), D.begin(), D.end());
  }
  return table;
}

CoefficientTable line(
    Values nodes, const Function& drift, const Function& diffusion = [](double) { return 1.0; }) {
  return table_of(
      {std::move(nodes)}, [&](const double* w) { return Values{drift(*w)}; },
      [&](const double* w) { return Values{diffusion(*w)}; });
}

CoefficientTable plane(Values x, Values y, const Field& drift) {
  return table_of({std::move(x), std::move(y)}, drift, [](const double*) { return Values{1, 0, 1}; });
}

struct Result {
  Values drift;
  Values diffusion;
};

Result at(const TabulatedCoefficients& coefficients, double t, const Values& w) {
  const int d = coefficients.dimension();
  const std::size_t n = w.size() / d;
  Result result{Values(n * d, NAN), Values(n * packed_size(d), NAN)};
  coefficients.evaluate(t, w, result.drift, result.diffusion);
  return result;
}

Result at(const CoefficientTable& table, const Values& w) {
  return at(TabulatedCoefficients({0}, {table}), 0, w);
}

TEST(CoefficientTable, ListsItsPointsWithTheLastAxisFastest) {
  const CoefficientTable table{{{1, 2}, {10, 20, 30}}, {}, {}};
  EXPECT_EQ(table.n_nodes(), 6u);
  EXPECT_EQ(table.points(), (Values{1, 10, 1, 20, 1, 30, 2, 10, 2, 20, 2, 30}));
}

TEST(TabulatedCoefficients, ReproduceAQuadraticDriftBetweenInteriorNodes) {
  const Function b = [](double w) { return 3 - 2 * w + 0.7 * w * w; };
  const CoefficientTable table = line(spaced(-1, 2, 7), b);
  for (double w = -0.5; w <= 1.5; w += 0.0625) EXPECT_NEAR(at(table, {w}).drift[0], b(w), 1e-14) << w;
}

TEST(TabulatedCoefficients, ReproduceALinearDriftUpToTheEnds) {
  const Function b = [](double w) { return 3 - 2 * w; };
  for (const int n : {2, 3, 4, 9}) {
    const CoefficientTable table = line(spaced(-1, 2, n), b);
    for (double w = -1; w <= 2; w += 0.0625) EXPECT_NEAR(at(table, {w}).drift[0], b(w), 1e-14) << n << " " << w;
  }
}

TEST(TabulatedCoefficients, AreOfThirdOrderForASmoothDriftInside) {
  std::vector<double> errors;
  for (const int intervals : {16, 32, 64, 128}) {
    const CoefficientTable table = line(spaced(-2, 2, intervals + 1), [](double w) { return std::exp(w); });
    double error = 0;
    for (double w = -1.5; w < 1.5; w += 1.0 / 512)
      error = std::max(error, std::abs(at(table, {w}).drift[0] - std::exp(w)));
    errors.push_back(error);
  }
  test::expect_order(errors, 2.8, 3.2);
}

TEST(TabulatedCoefficients, HaveTheTablesValuesAtItsNodes) {
  const Values nodes = spaced(0, 1, 6);
  const CoefficientTable table = line(
      nodes, [](double w) { return std::sin(40 * w); }, [](double w) { return w * w; });
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(at(table, {nodes[i]}).drift[0], table.drift[i], 1e-13);
    EXPECT_NEAR(at(table, {nodes[i]}).diffusion[0], table.diffusion[i], 1e-14);
  }
}

TEST(TabulatedCoefficients, InterpolateTheDiffusionLinearly) {
  const CoefficientTable table = line(
      {0, 1, 2}, [](double) { return 0.0; }, [](double w) { return w * w; });
  EXPECT_NEAR(at(table, {0.25}).diffusion[0], 0.25, 1e-15);
  EXPECT_NEAR(at(table, {1.5}).diffusion[0], 2.5, 1e-15);
}

TEST(TabulatedCoefficients, ReproduceAQuadraticDriftAndALinearDiffusionInThePlane) {
  const Field b = [](const double* w) {
    return Values{1 + w[0] * w[1] - 2 * w[1] * w[1], w[0] * w[0] * w[1] * w[1] - 3 * w[0]};
  };
  const Field D = [](const double* w) { return Values{1 + w[0], 0.1 * w[1], 2 - w[0] * w[1]}; };
  const CoefficientTable table = table_of({spaced(-1, 1, 6), spaced(-2, 2, 9)}, b, D);
  for (const Values& w : {Values{0.13, 0.9}, Values{-0.55, -1.4}, Values{0.6, 1.5}, Values{-0.31, 0}}) {
    const Result result = at(table, w);
    for (int i = 0; i < 2; ++i) EXPECT_NEAR(result.drift[i], b(w.data())[i], 1e-14);
    for (int i = 0; i < 3; ++i) EXPECT_NEAR(result.diffusion[i], D(w.data())[i], 1e-14);
  }
}

TEST(TabulatedCoefficients, TellTheAxesApartInFourDimensions) {
  const Field b = [](const double* w) { return Values{w[1], w[2], w[3], 1 + 2 * w[0] + w[1] * w[3]}; };
  const Field D = [](const double* w) { return Values{1, w[0], w[1], w[2], w[3], 5, 6, 7, 8, 9}; };
  const CoefficientTable table = table_of({{0, 1, 2, 3}, {0, 1, 2}, {0, 1}, {0, 1, 2, 3, 4}}, b, D);
  const Values w{1.3, 0.4, 0.8, 2.6};
  const Result result = at(table, w);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(result.drift[i], b(w.data())[i], 1e-13);
  for (int i = 0; i < 10; ++i) EXPECT_NEAR(result.diffusion[i], D(w.data())[i], 1e-13);
}

TEST(TabulatedCoefficients, ContinueADriftLinearlyWhereItPullsBack) {
  const CoefficientTable table = line(
      spaced(-1, 2, 7), [](double w) { return 5 - 2 * w; }, [](double w) { return w * w; });
  for (const double w : {-1.5, -30.0, 2.5, 40.0}) EXPECT_NEAR(at(table, {w}).drift[0], 5 - 2 * w, 1e-12);
  EXPECT_EQ(at(table, {-30}).diffusion[0], 1);
  EXPECT_EQ(at(table, {40}).diffusion[0], 4);
}

TEST(TabulatedCoefficients, ContinueADriftAsAConstantWhereItWouldPushAway) {
  const CoefficientTable table = line(spaced(-1, 2, 7), [](double w) { return 5 + 2 * w; });
  for (const double w : {-1.5, -30.0}) EXPECT_NEAR(at(table, {w}).drift[0], 3, 1e-12);
  for (const double w : {2.5, 40.0}) EXPECT_NEAR(at(table, {w}).drift[0], 9, 1e-12);
}

TEST(TabulatedCoefficients, AreContinuousAtTheLastNode) {
  const CoefficientTable table = line(spaced(-1, 2, 7), [](double w) { return std::cos(3 * w); });
  for (const double end : {-1.0, 2.0})
    EXPECT_NEAR(at(table, {end - 1e-9}).drift[0], at(table, {end + 1e-9}).drift[0], 1e-7);
}

TEST(TabulatedCoefficients, ContinueEachAxisOfAPlaneByItself) {
  // Pulls back along x and pushes away along y.
  const CoefficientTable table = plane(spaced(-1, 1, 5), spaced(-2, 2, 5), [](const double* w) {
    return Values{-w[0], 2 * w[1]};
  });
  EXPECT_NEAR(at(table, {4, 0.5}).drift[0], -4, 1e-13);
  EXPECT_NEAR(at(table, {4, 0.5}).drift[1], 1, 1e-13);
  EXPECT_NEAR(at(table, {0.5, 4}).drift[0], -0.5, 1e-13);
  EXPECT_NEAR(at(table, {0.5, 4}).drift[1], 4, 1e-13);
}

TEST(TabulatedCoefficients, TakeOnlyTheOutwardPartFromTheChangeBeyondACorner) {
  const CoefficientTable table = plane(spaced(-1, 1, 5), spaced(-2, 2, 5), [](const double* w) {
    return Values{-w[0], 2 * w[1]};
  });
  // Overshoot (1, 1) of ranges (2, 4): the change (-1, 2) points inward, -1/4 + 2/16 < 0.
  const Values inward = at(table, {2, 3}).drift;
  EXPECT_NEAR(inward[0], -2, 1e-13);
  EXPECT_NEAR(inward[1], 6, 1e-13);
  // Overshoot (1, 2): the change (-1, 4) points outward by 1/4 of a squared length 1/2: less (1, 2) / 2.
  const Values outward = at(table, {2, 4}).drift;
  EXPECT_NEAR(outward[0], -1 - 1.5, 1e-13);
  EXPECT_NEAR(outward[1], 4 + 3, 1e-13);
}

TEST(TabulatedCoefficients, ContinueARotationLinearly) {
  const CoefficientTable table = plane(spaced(-1, 1, 5), spaced(-1, 1, 5), [](const double* w) {
    return Values{-w[1], w[0]};
  });
  for (const Values& w : {Values{3, 0.2}, Values{-0.4, 5}, Values{3, -4}}) {
    EXPECT_NEAR(at(table, w).drift[0], -w[1], 1e-13);
    EXPECT_NEAR(at(table, w).drift[1], w[0], 1e-13);
  }
}

/// b = f(t) (1 - w), D = g(t), each table on nodes of its own.
TabulatedCoefficients in_time(const Values& times, const Function& f, const Function& g) {
  std::vector<CoefficientTable> tables;
  for (const double t : times)
    tables.push_back(line(
        spaced(-1 - t, 2 + t, 5), [&](double w) { return f(t) * (1 - w); }, [&](double) { return g(t); }));
  return {times, tables};
}

TEST(TabulatedCoefficients, ReproduceADriftThatIsCubicInTimeFromFourTablesOn) {
  const Function f = [](double t) { return 1 - t + 0.5 * t * t - 0.3 * t * t * t; };
  const Values all{0, 0.3, 1, 1.1, 2, 2.5, 4};
  for (std::size_t n = 4; n <= all.size(); ++n) {
    const Values times(all.begin(), all.begin() + static_cast<long>(n));
    const TabulatedCoefficients coefficients = in_time(times, f, [](double t) { return 1 + 2 * t; });
    for (double t = 0; t <= times.back(); t += 0.0625) {
      const Result result = at(coefficients, t, {0.25});
      EXPECT_NEAR(result.drift[0], 0.75 * f(t), 1e-12) << n << " " << t;
      EXPECT_NEAR(result.diffusion[0], 1 + 2 * t, 1e-13) << n << " " << t;
    }
  }
}

TEST(TabulatedCoefficients, UseAsManyTablesAsThereAre) {
  const Values all{0, 0.5, 2};
  for (std::size_t n = 1; n <= 3; ++n) {
    const Function f = [&](double t) { return n == 1 ? 3 : n == 2 ? 3 - t : 3 - t + t * t; };
    const Values times(all.begin(), all.begin() + static_cast<long>(n));
    const TabulatedCoefficients coefficients = in_time(times, f, [](double) { return 1.0; });
    for (double t = 0; t <= times.back(); t += 0.125) EXPECT_NEAR(at(coefficients, t, {0}).drift[0], f(t), 1e-13);
  }
}

TEST(TabulatedCoefficients, LookAtNoTableBeyondTheFourAroundATime) {
  const Function kink = [](double t) { return t < 3.5 ? t * t * t : 1e6; };
  const TabulatedCoefficients coefficients = in_time({0, 1, 2, 3, 4, 5, 6}, kink, [](double) { return 1.0; });
  for (const double t : {0.5, 1.25, 1.75}) EXPECT_NEAR(at(coefficients, t, {0}).drift[0], t * t * t, 1e-13);
  EXPECT_GT(std::abs(at(coefficients, 2.5, {0}).drift[0] - 2.5 * 2.5 * 2.5), 1e3);
}

TEST(TabulatedCoefficients, AreConstantOutsideTheTimes) {
  const TabulatedCoefficients coefficients = in_time(
      {1, 2, 3, 4}, [](double t) { return t * t; }, [](double t) { return t; });
  EXPECT_NEAR(at(coefficients, -5, {0}).drift[0], 1, 1e-14);
  EXPECT_NEAR(at(coefficients, -5, {0}).diffusion[0], 1, 1e-14);
  EXPECT_NEAR(at(coefficients, 9, {0}).drift[0], 16, 1e-14);
  EXPECT_NEAR(at(coefficients, 9, {0}).diffusion[0], 4, 1e-14);
}

TEST(TabulatedCoefficients, KeepTheDiffusionPositiveSemidefinite) {
  // Rank one at every node, of very different sizes: any negative weight would show.
  std::vector<CoefficientTable> tables;
  for (std::uint32_t t = 0; t < 6; ++t) {
    CoefficientTable table = plane(spaced(-1, 1, 5), spaced(-1, 1, 5), [](const double*) { return Values{0, 0}; });
    for (std::uint32_t i = 0; i < 25; ++i) {
      const double size = std::exp(12 * test::uniform(2 * i, t));
      const double angle = 7 * test::uniform(2 * i + 1, t);
      table.diffusion[3 * i] = size * std::pow(std::cos(angle), 2);
      table.diffusion[3 * i + 1] = size * std::cos(angle) * std::sin(angle);
      table.diffusion[3 * i + 2] = size * std::pow(std::sin(angle), 2);
    }
    tables.push_back(table);
  }
  const TabulatedCoefficients coefficients({0, 1, 2, 3, 4, 5}, tables);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const Values w{3 * test::uniform(0, i) - 1.5, 3 * test::uniform(1, i) - 1.5};
    const Values D = at(coefficients, 7 * test::uniform(2, i) - 1, w).diffusion;
    EXPECT_GE(D[0], 0);
    EXPECT_GE(D[2], 0);
    EXPECT_GE(D[0] * D[2] - D[1] * D[1], -1e-13 * D[0] * D[2]);
  }
}

TEST(TabulatedCoefficients, EvaluateManyPointsLikeOne) {
  const CoefficientTable table = plane(spaced(-1, 1, 5), spaced(-2, 2, 7), [](const double* w) {
    return Values{std::sin(w[0] + w[1]), w[0] * w[1]};
  });
  const Result all = at(table, {0.3, 1.2, -0.9, -4, 6, 0});
  for (int i = 0; i < 3; ++i) {
    const Values w[] = {{0.3, 1.2}, {-0.9, -4}, {6, 0}};
    const Result one = at(table, w[i]);
    for (int k = 0; k < 2; ++k) EXPECT_EQ(all.drift[2 * i + k], one.drift[k]);
    for (int k = 0; k < 3; ++k) EXPECT_EQ(all.diffusion[3 * i + k], one.diffusion[k]);
  }
}

TEST(TabulatedCoefficients, GiveTheCellsOfAGridTheBitsOfSinglePoints) {
  const Values nodes = spaced(-1, 1, 5);
  const CoefficientTable table = table_of(
      {nodes, nodes, nodes},
      [](const double* w) {
        return Values{std::sin(w[0] + w[1]), -w[1] * w[2], std::cos(3 * w[2]) - w[0]};
      },
      [](const double* w) { return Values{2 + w[0], 0.1, w[2], 3 + w[1], 0, 1 + w[0] * w[0]}; });
  Values grid;  // rows along the last axis, across the table and beyond it on every side
  for (const double x : {-1.5, -0.3, 0.4, 1.3})
    for (const double y : {-1.2, 0.1, 1.7})
      for (const double z : {-2.0, -0.9, 0.2, 0.9, 1.1}) grid.insert(grid.end(), {x, y, z});
  const TabulatedCoefficients coefficients({0.0}, {table});
  const Result all = at(coefficients, 0, grid);
  for (std::size_t i = 0; i < grid.size() / 3; ++i) {
    const auto first = grid.begin() + static_cast<std::ptrdiff_t>(3 * i);
    const Result one = at(coefficients, 0, Values(first, first + 3));
    for (int k = 0; k < 3; ++k) EXPECT_EQ(all.drift[3 * i + k], one.drift[k]);
    for (int k = 0; k < 6; ++k) EXPECT_EQ(all.diffusion[6 * i + k], one.diffusion[k]);
  }
}

TEST(TabulatedCoefficients, RefuseWhatDoesNotMatch) {
  const CoefficientTable good = line({0, 1, 2}, [](double w) { return w; });
  const CoefficientTable flat = plane({0, 1}, {0, 1}, [](const double*) { return Values{0, 0}; });
  const auto refuses = [](const Values& times, const std::vector<CoefficientTable>& tables) {
    EXPECT_THROW(TabulatedCoefficients(times, tables), InternalError);
  };
  refuses({}, {});
  refuses({0, 1}, {good});
  refuses({1, 1}, {good, good});
  refuses({1, 0}, {good, good});
  refuses({0, 1}, {good, flat});
  refuses({0}, {CoefficientTable{{}, {}, {}}});
  refuses({0}, {CoefficientTable{{{0}}, {1}, {1}}});
  refuses({0}, {CoefficientTable{{{1, 0}}, {1, 1}, {1, 1}}});
  refuses({0}, {CoefficientTable{{{0, 1}}, {1, 1, 1}, {1, 1}}});
  refuses({0}, {CoefficientTable{{{0, 1}}, {1, 1}, {1}}});
}

}  // namespace
}  // namespace driftwood::fp
