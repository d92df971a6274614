#include "driftwood/sweep/axis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driftwood/core/error.hpp"
#include "support_texts.hpp"

namespace driftwood::sweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> values(const char* key, const std::string& text) {
  return expand(option(key), {text, "here:1"});
}

TEST(Axis, AListHasItsValuesInTheOrderWritten) {
  EXPECT_THAT(values("training.learning_rate", " 0.04,0.01 , 2e-2"), ElementsAre("0.04", "0.01", "0.02"));
  EXPECT_THAT(values("training.batch_size", "8, 1e2"), ElementsAre("8", "100"));
}

TEST(Axis, ARangeHasEquallySpacedValuesWithBothEnds) {
  EXPECT_THAT(values("training.learning_rate", "range(0.01, 0.05, 5)"),
              ElementsAre("0.01", "0.02", "0.03", "0.04", "0.05"));
  EXPECT_THAT(values("initial.mean", "range(1, -1, 3)"), ElementsAre("1", "0", "-1"));
  EXPECT_THAT(values("training.batch_size", "range(8, 32, 4)"), ElementsAre("8", "16", "24", "32"));
}

TEST(Axis, ALogRangeHasEqualRatios) {
  EXPECT_THAT(values("training.learning_rate", "logrange(0.001, 1, 4)"), ElementsAre("0.001", "0.01", "0.1", "1"));
  EXPECT_THAT(values("training.batch_size", "logrange(1, 64, 4)"), ElementsAre("1", "4", "16", "64"));
}

TEST(Axis, ListsMayHoldRanges) {
  EXPECT_THAT(values("training.learning_rate", "0.5, range(1, 2, 2)"), ElementsAre("0.5", "1", "2"));
}

TEST(Axis, ChoicesAndFlagsAreAxesToo) {
  EXPECT_THAT(values("network.activation", "linear, tanh"), ElementsAre("linear", "tanh"));
  EXPECT_THAT(values("network.biases", "no, yes"), ElementsAre("false", "true"));
}

TEST(Axis, BarsPartTheValuesOfKeysThatAreListsByNature) {
  EXPECT_THAT(values("network.widths", "4-1-1-4 | 4-2-2-4"), ElementsAre("4-1-1-4", "4-2-2-4"));
  EXPECT_THAT(values("closure.names", "none | conditional, fixed|annealed"),
              ElementsAre("none", "fixed, conditional", "annealed"));
  EXPECT_THAT(values("network.tracked_weights", "W1[1,1] | W2[1,1], W3[1,1]"),
              ElementsAre("W1[1,1]", "W2[1,1], W3[1,1]"));
  EXPECT_THAT(values("data.file", "a.csv | b, c.csv"), ElementsAre("a.csv", "b, c.csv"));
  EXPECT_THAT(values("training.learning_rate", "0.1 | 0.2, 0.3"), ElementsAre("0.1", "0.2", "0.3"));
}

TEST(Axis, EveryKeyThatDefinesAPointTakesAlternatives) {
  for (const Option& each : option_table()) {
    if (each.is_known(Scope::sweep) && each.defines_point && each.name != "hash" && each.name != "repeats") {
      EXPECT_TRUE(each.takes_alternatives()) << each.key();
    }
  }
}

TEST(Axis, RepeatsAValueOnlyWhereItStandsBesideOthers) {
  const Option& rate = option("training.learning_rate");
  EXPECT_THAT(expand(rate, {"0.1, 0.2, 0.1", "here:1"}, {.sampler = {}, .may_repeat = true}), ElementsAre("0.1", "0.2", "0.1"));
}

TEST(Axis, KeysThatAreListsByNatureHaveOneValue) {
  EXPECT_THAT(values("network.widths", "64-16-2-2-16-64"), ElementsAre("64-16-2-2-16-64"));
  EXPECT_THAT(values("closure.names", "conditional, fixed"), ElementsAre("fixed, conditional"));
}

struct BadValue {
  const char* key;
  const char* text;
  const char* why;
};

class Refused : public testing::TestWithParam<BadValue> {};

TEST_P(Refused, WithPlaceKeyValueAndWhatIsAllowed) {
  const BadValue& bad = GetParam();
  const std::string message = config_error([&] { values(bad.key, bad.text); });
  EXPECT_THAT(message, HasSubstr(std::string("here:1: ") + bad.key + " = " + bad.text));
  EXPECT_THAT(message, HasSubstr(bad.why));
  EXPECT_THAT(message, HasSubstr("allowed: " + allowed_values(option(bad.key))));
}

INSTANTIATE_TEST_SUITE_P(
    Values, Refused,
    testing::Values(BadValue{"training.learning_rate", "nan", "'nan' is not a finite number"},
                    BadValue{"training.learning_rate", "-inf", "'-inf' is not a finite number"},
                    BadValue{"training.learning_rate", "1e999", "beyond double precision"},
                    BadValue{"training.learning_rate", "0", "'0' is too small"},
                    BadValue{"training.learning_rate", "-1", "'-1' is too small"},
                    BadValue{"training.learning_rate", "0.1x", "'0.1x' is not a number"},
                    BadValue{"training.learning_rate", "", "a value is missing"},
                    BadValue{"training.learning_rate", "0.1,,0.2", "a value is missing"},
                    BadValue{"training.learning_rate", "0.1, 1e-1", "0.1 is there twice"},
                    BadValue{"training.learning_rate", "logrange(0, 1, 3)", "needs a > 0 and b > 0"},
                    BadValue{"training.learning_rate", "logrange(0.1, -1, 3)", "needs a > 0 and b > 0"},
                    BadValue{"training.learning_rate", "range(0, 1, 3)", "'0' is too small"},
                    BadValue{"training.learning_rate", "range(1, 2)", "takes three arguments"},
                    BadValue{"training.learning_rate", "range(1, 2, 1)", "an integer 2..100000"},
                    BadValue{"training.learning_rate", "range(1, 2, 1e9)", "an integer 2..100000"},
                    BadValue{"training.learning_rate", "range(1, 2, 3", "'(' is not closed"},
                    BadValue{"training.learning_rate", "zip(1, 2)", "'zip(' is unknown"},
                    BadValue{"training.learning_rate", "loguniform(0, 1, 3)", "needs a > 0 and b > 0"},
                    BadValue{"training.learning_rate", "uniform(2, 1, 3)", "needs a < b"},
                    BadValue{"training.learning_rate", "normal(1, 0, 3)", "needs std > 0"},
                    BadValue{"training.learning_rate", "normal(-10, 1, 3)", "is too small"},
                    BadValue{"training.learning_rate", "uniform(1, 2, 0)", "an integer 1..100000"},
                    BadValue{"training.learning_rate", "0.1, uniform(1, 2, 3)", "uniform(...) stands alone"},
                    BadValue{"closure.names", "fixed | ", "a value is missing"},
                    BadValue{"network.widths", "4-1-1-4 | 4-1-1-4", "is there twice"},
                    BadValue{"training.batch_size", "8.5", "'8.5' is not an integer"},
                    BadValue{"training.batch_size", "range(1, 3, 5)", "is there twice"},
                    BadValue{"training.replicas", "1e10", "is too large"},
                    BadValue{"run.seed", "4294967296", "is too large"},
                    BadValue{"fokker_planck.cells", "4", "'4' is too small"},
                    BadValue{"network.activation", "tahn", "did you mean 'tanh'?"},
                    BadValue{"network.biases", "maybe", "neither true nor false"},
                    BadValue{"network.widths", "4-1--4", "a value is missing"},
                    BadValue{"network.widths", "4-0-4", "'0' is too small"},
                    BadValue{"closure.names", "fixed, fixed", "there twice"},
                    BadValue{"closure.names", "", "a value is missing"},
                    BadValue{"run.repeats", "1, 2", "is not a number"}));

}  // namespace
}  // namespace driftwood::sweep
