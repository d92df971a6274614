#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "driftwood/sweep/identity.hpp"
#include "driftwood/sweep/point_table.hpp"
#include "support_texts.hpp"

namespace driftwood::sweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::set<std::string> ids(const SweepText& text) {
  std::set<std::string> all;
  for (const SweepPoint& point : make_points(text)) all.insert(point.id);
  return all;
}

TEST(SweepPlan, ZipsAxes) {
  const auto points = make_points(text_with({{"training.learning_rate", "0.01, 0.02, 0.02"},
                                             {"training.batch_size", "8, 8, 16"},
                                             {"sweep.combine", "zip(training.learning_rate, training.batch_size)"}}));
  ASSERT_EQ(points.size(), 3u);
  EXPECT_THAT(points[2].coordinates,
              ElementsAre(Pair("training.learning_rate", "0.02"), Pair("training.batch_size", "16")));
}

TEST(SweepPlan, RefusesAZipOfUnequalLengthsWithItsPlace) {
  EXPECT_THAT(config_error([] {
                make_points(text_with({{"training.learning_rate", "0.01, 0.02"},
                                       {"training.batch_size", "8, 16, 32"},
                                       {"sweep.combine", "zip(training.learning_rate, training.batch_size)"}}));
              }),
              HasSubstr("here:5: sweep.combine = zip(training.learning_rate, training.batch_size): zip needs as many "
                        "values of each: training.learning_rate has 2, training.batch_size has 3"));
}

TEST(SweepPlan, SampledAxesAreOneSetOfPoints) {
  const SweepText text = text_with({{"training.learning_rate", "loguniform(0.001, 0.1, 20)"},
                                    {"training.batch_size", "uniform(1, 64, 20)"},
                                    {"data.standardise", "true, false"},
                                    {"sweep.sampling", "sobol"}});
  EXPECT_EQ(make_points(text).size(), 40u);
}

TEST(SweepPlan, AGrownSampleKeepsItsPoints) {
  for (const char* sampling : {"random", "sobol"}) {
    const auto sampled = [&](const char* n) {
      return ids(text_with({{"training.learning_rate", std::string("loguniform(0.001, 0.1, ") + n + ")"},
                            {"initial.mean", std::string("normal(0, 1, ") + n + ")"},
                            {"sweep.sampling", sampling}}));
    };
    const auto small = sampled("10");
    const auto large = sampled("25");
    EXPECT_EQ(large.size(), 25u);
    EXPECT_TRUE(std::includes(large.begin(), large.end(), small.begin(), small.end())) << sampling;
  }
}

TEST(SweepPlan, FiltersPointsAndCountsWhatIsLeft) {
  const auto points =
      make_points(text_with({{"training.learning_rate", "0.01, 0.02, 0.04"},
                             {"training.batch_size", "8, 16"},
                             {"sweep.filter", "training.learning_rate * training.batch_size <= 0.16"}}));
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[2].index, 2);
  EXPECT_THAT(points[2].coordinates,
              ElementsAre(Pair("training.learning_rate", "0.02"), Pair("training.batch_size", "8")));
  EXPECT_THAT(config_error([] {
                make_points(text_with({{"sweep.filter", "training.time < 0"}}));
              }),
              HasSubstr("here:3: sweep.filter = training.time < 0: it leaves no point of 1"));
  EXPECT_THAT(config_error([] {
                make_points(text_with({{"sweep.filter", "training.tme < 0"}}));
              }),
              HasSubstr("did you mean 'training.time'?"));
}

TEST(SweepPlan, WhatItSaysIsNoPartOfAPointsIdentity) {
  const auto listed = ids(text_with({{"training.learning_rate", "0.01, 0.02"}}));
  EXPECT_EQ(listed, ids(text_with({{"training.learning_rate", "0.01, 0.02, 0.04"},
                                   {"sweep.filter", "training.learning_rate < 0.03"},
                                   {"sweep.seed", "9"}})));
}

TEST(SweepPlan, ClosuresGridsSchemesAndDataAreAxes) {
  const auto points = make_points(text_with({{"closure.names", "fixed | fixed, conditional"},
                                             {"fokker_planck.cells", "64, 128"},
                                             {"fokker_planck.time_scheme", "strang, automatic"},
                                             {"data.file", "/a.csv | /b.csv"},
                                             {"data.hash", "0123456789abcdef | fedcba9876543210"},
                                             {"network.widths", "4-1-1-4 | 4-2-1-4"},
                                             {"sweep.combine", "zip(data.file, network.widths)"}}));
  ASSERT_EQ(points.size(), 16u);
  EXPECT_EQ(points.back().config.data.file, "/b.csv");
  EXPECT_THAT(points.back().canonical, testing::Contains(Pair("data.hash", "fedcba9876543210")));
  EXPECT_THAT(points.back().config.closure.names, ElementsAre("fixed", "conditional"));
  EXPECT_EQ(points.back().id, make_points(text_with({{"closure.names", "conditional, fixed"},
                                                     {"fokker_planck.cells", "128"},
                                                     {"fokker_planck.time_scheme", "automatic"},
                                                     {"data.file", "/elsewhere.csv"},
                                                     {"data.hash", "fedcba9876543210"},
                                                     {"network.widths", "4-2-1-4"}}))[0]
                                  .id);
}

TEST(SweepPlan, SourcesOfDataAreAnAxis) {
  const auto points = make_points(text_with({{"data.source", "file | gaussian"}}));
  ASSERT_EQ(points.size(), 2u);
  EXPECT_THAT(points[1].canonical, testing::Contains(Pair("data.hash", hex_digits(content_hash("generated data")))));
}

SweepText with_table(const std::string& csv, const std::vector<std::pair<std::string, std::string>>& settings) {
  SweepText text = text_with(settings);
  text.set_table(parse_point_table(csv, "points.csv"));
  return text;
}

TEST(PointTable, ItsRowsArePointsAndCombineWithAxes) {
  const std::string csv =
      "\xEF\xBB\xBF# chosen by hand\r\ntraining.learning_rate, closure.names\r\n0.01, \"fixed, annealed\"\r\n\r\n2e-2, "
      "none\r\n";
  const auto points = make_points(with_table(csv, {{"run.seed", "1, 2"}}));
  ASSERT_EQ(points.size(), 4u);
  EXPECT_THAT(points[3].coordinates, ElementsAre(Pair("training.learning_rate", "0.02"), Pair("closure.names", "none"),
                                                 Pair("run.seed", "2")));
  EXPECT_EQ(make_points(with_table(csv, {{"run.seed", "1, 2"}, {"sweep.combine", "zip(sweep.points_file, run.seed)"}}))
                .size(),
            2u);
}

TEST(PointTable, SaysFileLineKeyAndWhatIsAllowed) {
  const auto message = [](const std::string& csv) { return config_error([&] { parse_point_table(csv, "p.csv"); }); };
  EXPECT_THAT(message("training.learning_rte\n1\n"),
              HasSubstr("p.csv:1: unknown key 'training.learning_rte'; did you mean 'training.learning_rate'?"));
  EXPECT_THAT(message("training.learning_rate\n0.1\n-1\n"),
              HasSubstr("p.csv:3: training.learning_rate = -1: '-1' is too small; allowed: a number > 0"));
  EXPECT_THAT(message("training.learning_rate,run.seed\n0.1\n"),
              HasSubstr("p.csv:2: the row has 1 values instead of 2"));
  EXPECT_THAT(message("run.seed,run.seed\n"), HasSubstr("there twice"));
  EXPECT_THAT(message("run.ranks_per_point\n1\n"), HasSubstr("cannot be a column"));
  EXPECT_THAT(message("data.file\na.csv\n"), HasSubstr("make it an axis"));
  EXPECT_THAT(message("run.seed\n"), HasSubstr("there are no points"));
  EXPECT_THAT(message("run.seed\n\"1\n"), HasSubstr("is not closed"));
}

TEST(PointTable, AColumnThatIsGivenElsewhereIsRefused) {
  EXPECT_THAT(config_error([] {
                make_points(with_table("run.seed\n7\n", {{"run.seed", "3"}}));
              }),
              HasSubstr("here:3: run.seed = 3: it is a column of sweep.points_file as well"));
}

}  // namespace
}  // namespace driftwood::sweep
