#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "driftwood/sweep/identity.hpp"
#include "driftwood/sweep/option.hpp"
#include "support_texts.hpp"

namespace driftwood::sweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(SweepPoints, AreTheProductOfTheAxesInTheTablesOrderTheLastFastest) {
  const auto points =
      make_points(text_with({{"training.batch_size", "8, 16"}, {"training.learning_rate", "0.02, 0.04"}}));
  ASSERT_EQ(points.size(), 4u);
  EXPECT_THAT(points[1].coordinates,
              ElementsAre(Pair("training.learning_rate", "0.02"), Pair("training.batch_size", "16")));
  EXPECT_THAT(points[2].coordinates,
              ElementsAre(Pair("training.learning_rate", "0.04"), Pair("training.batch_size", "8")));
  EXPECT_DOUBLE_EQ(points[2].config.training.learning_rate, 0.04);
  EXPECT_EQ(points[2].config.training.batch_size, 8);
  EXPECT_EQ(points[2].index, 2);
}

TEST(SweepPoints, HaveNoCoordinatesWhereNothingIsSwept) {
  const auto points = make_points(text_with({}));
  ASSERT_EQ(points.size(), 1u);
  EXPECT_TRUE(points[0].coordinates.empty());
  EXPECT_EQ(points[0].config.data.file, "/somewhere/iris.csv");
  EXPECT_THAT(points[0].config.network.widths, ElementsAre(4, 1, 1, 4));
}

TEST(SweepPoints, RepeatsAreTheLastAxis) {
  const auto points = make_points(text_with({{"run.seed", "1, 2"}, {"run.repeats", "3"}}));
  ASSERT_EQ(points.size(), 6u);
  EXPECT_THAT(points[4].coordinates, ElementsAre(Pair("run.seed", "2"), Pair("run.repeat", "1")));
  EXPECT_EQ(points[4].config.repeat, 1);
  EXPECT_EQ(points[4].config.seed, 2u);
}

TEST(SweepPoints, TheFirstRepeatIsThePointWithoutRepeats) {
  EXPECT_EQ(make_points(text_with({}))[0].id, make_points(text_with({{"run.repeats", "2"}}))[0].id);
}

TEST(Identity, DoesNotDependOnHowANumberIsWritten) {
  const auto id = [](const char* learning_rate) {
    return make_points(text_with({{"training.learning_rate", learning_rate}}))[0].id;
  };
  EXPECT_EQ(id("0.020"), id("2e-2"));
  EXPECT_EQ(id("+.02"), id("0.02"));
  EXPECT_NE(id("0.02"), id("0.020000000000000004"));
}

TEST(Identity, OfAPointIsTheSameInEverySweepThatHoldsIt) {
  const auto range = make_points(text_with({{"training.learning_rate", "range(0.01, 0.05, 5)"}}));
  const auto single = make_points(text_with({{"training.learning_rate", "0.03"}}));
  EXPECT_EQ(range[2].id, single[0].id);
}

/// A value of the option that is not its default and fits the other defaults.
std::string other_value(const Option& option) {
  if (option.key() == "network.widths") return "4-1-2-4";
  if (option.key() == "network.tracked_layer") return "2";
  if (option.key() == "data.hash") return "fedcba9876543210";
  if (option.key() == "data.dataset") return "other";
  if (option.key() == "run.repeats") return "2";
  if (option.key() == "closure.names") return "fixed";
  if (option.key() == "training.sampling") return "full_batch";
  if (option.key() == "sweep.combine") return "run.repeat";
  if (option.key() == "sweep.filter") return "run.seed >= 0";
  if (option.key() == "sweep.points_file") return "/somewhere/points.csv";
  for (const char* list :
       {"training.frozen_layers", "initial.shared_layers", "training.snapshot_steps", "training.snapshot_layers"})
    if (option.key() == list) return "1";
  const std::string text = default_text(option);
  for (const std::string& choice : option.choices)
    if (choice != text) return choice;
  if (text == "true" || text == "false") return text == "true" ? "false" : "true";
  for (const char* number : {"0.25", "300", "200", "0.01", "5"}) try {
      if (canonical_value(option, number) != text) return canonical_value(option, number);
    } catch (const std::exception&) {
    }
  return "";
}

/// What brings an option into play.
std::vector<std::pair<std::string, std::string>> companions(const std::string& key) {
  if (key == "training.momentum") return {{"training.optimiser", "momentum"}};
  if (key == "training.square_decay" || key == "training.epsilon")
    return {{"training.optimiser", "adam"}, {"closure.names", "none"}};
  if (key == "training.schedule_steps" || key == "training.schedule_factor") return {{"training.schedule", "step"}};
  if (key == "data.samples" || key == "data.seed" || key == "data.noise")
    return {{"data.source", "ring"}, {"data.file", ""}};
  if (key == "data.clusters" || key == "data.separation") return {{"data.source", "mixture"}, {"data.file", ""}};
  if (key == "data.features" || key == "data.spectrum_decay") return {{"data.source", "gaussian"}, {"data.file", ""}};
  if (key == "data.ising_temperature") return {{"data.source", "ising"}, {"data.file", ""}};
  if (key == "data.source") return {{"data.file", ""}};
  if (key == "initial.file") return {{"closure.names", "none"}};
  if (key == "initial.dataset") return {{"closure.names", "none"}, {"initial.file", "/somewhere/weights.h5"}};
  if (key == "data.dataset") return {{"data.file", "/somewhere/iris.h5"}};
  if (key == "training.sampling") return {{"training.temperature", "0.1"}};
  if (key == "training.snapshot_steps") return {{"training.snapshot_spacing", "listed"}};
  return {};
}

TEST(Identity, ChangesWithEveryOptionThatDefinesAPointAndWithNoOther) {
  const auto ids = [](const SweepText& text) {
    std::set<std::string> all;
    for (const SweepPoint& point : make_points(text)) all.insert(point.id);
    return all;
  };
  for (const Option& option : option_table()) {
    if (!option.is_known(Scope::sweep)) continue;
    auto settings = companions(option.key());
    const auto before = option.key() == "training.snapshot_steps" || option.key() == "data.source"
                            ? std::set<std::string>{}
                            : ids(text_with(settings));
    const std::string value = option.key() == "data.file" ? "/elsewhere/iris.csv" : other_value(option);
    ASSERT_NE(value, "") << option.key();
    settings.emplace_back(option.key(), value);
    EXPECT_EQ(ids(text_with(settings)) != before, option.defines_point) << option.key();
  }
}

TEST(Identity, IsTheHashOfTheDefiningLines) {
  const SweepPoint point = make_points(text_with({}))[0];
  ASSERT_EQ(point.id.size(), 16u);
  EXPECT_EQ(hex_digits(identity_hash(point.canonical)), point.id);
}

TEST(Identity, PointsThatLookAtTheSameReplicasShareTheirRandomStreams) {
  const auto key = [](const std::string& option, const std::string& value) {
    return make_points(text_with({{option, value}}))[0].config.point_key;
  };
  const auto before = make_points(text_with({}))[0].config.point_key;
  for (const auto& [option, value] : {std::pair("closure.names", "fixed"), std::pair("fokker_planck.cells", "64"),
                                      std::pair("comparison.splits", "3"), std::pair("training.replicas", "177"),
                                      std::pair("training.time", "3"), std::pair("training.snapshots", "5")})
    EXPECT_EQ(key(option, value), before) << option;
  for (const auto& [option, value] :
       {std::pair("training.learning_rate", "0.5"), std::pair("network.widths", "4-2-2-4"),
        std::pair("initial.std", "0.3"), std::pair("data.standardise", "false")})
    EXPECT_NE(key(option, value), before) << option;
}

TEST(Identity, NeverChangesFromVersionToVersion) {
  // Computed apart from this code, from the published FNV-1a and splitmix64.
  EXPECT_EQ(hex_digits(content_hash("")), "f52a15e9a9b5e89b");
  EXPECT_EQ(hex_digits(content_hash("driftwood")), "4260114764d2e5c9");
}

TEST(SweepText, TooManyPointsAreRefusedBeforeTheyAreMade) {
  const std::string message = config_error([] {
    make_points(text_with({{"training.learning_rate", "range(1e-3, 1, 1000)"}, {"run.seed", "range(1, 1000, 1000)"}}));
  });
  EXPECT_THAT(message, HasSubstr("1000000 points"));
  EXPECT_THAT(message, HasSubstr("training.learning_rate (1000) x run.seed (1000)"));
}

TEST(SweepText, NamesTheOptionsThatChangedByTheirMeaning) {
  const SweepText before = text_with({{"training.learning_rate", "0.02, 0.04"}, {"training.time", "10"}});
  EXPECT_TRUE(changed_options(before, text_with({{"training.learning_rate", "range(2e-2, 4e-2, 2)"},
                                                 {"run.ranks_per_point", "2"},
                                                 {"data.file", "/moved/iris.csv"}}))
                  .empty());
  EXPECT_THAT(changed_options(before, text_with({{"training.learning_rate", "0.02"}, {"training.time", "20"}})),
              ElementsAre("training.learning_rate: was 0.02, 0.04, is now 0.02", "training.time: was 10, is now 20"));
}

TEST(SweepText, UnknownKeysAreAnInternalErrorForSourcesMustCheckThem) {
  SweepText text;
  EXPECT_THROW(text.set("training.learning_rte", {"1", "here:1"}), InternalError);
}

}  // namespace
}  // namespace driftwood::sweep
