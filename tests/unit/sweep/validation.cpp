#include "driftwood/sweep/validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support_texts.hpp"

namespace driftwood::sweep {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct BadCombination {
  const char* key;
  const char* value;
  const char* other_key;
  const char* other_value;
  const char* why;
};

class Combination : public testing::TestWithParam<BadCombination> {};

TEST_P(Combination, IsRefusedWithTheOriginOfTheValue) {
  const BadCombination& bad = GetParam();
  const std::string message = config_error([&] {
    make_points(text_with({{bad.key, bad.value}, {bad.other_key, bad.other_value}}));
  });
  EXPECT_THAT(message, StartsWith(std::string("here:3: ") + bad.key + " = " + bad.value));
  EXPECT_THAT(message, HasSubstr(bad.why));
}

INSTANTIATE_TEST_SUITE_P(
    Of, Combination,
    testing::Values(BadCombination{"network.widths", "4-1-1-3", "run.seed", "1", "these are 4 and 3"},
                    BadCombination{"network.widths", "4", "run.seed", "1", "at least two widths"},
                    BadCombination{"network.tracked_layer", "4", "run.seed", "1", "3 layers only"},
                    BadCombination{"training.time", "0.01", "training.learning_rate", "0.1", "less than one step"},
                    BadCombination{"training.time", "1e9", "training.learning_rate", "0.1", "more than 2^32 - 1 steps"},
                    BadCombination{"initial.tracked_std", "0", "closure.names", "fixed", "closure.names = none"},
                    BadCombination{"training.replicas", "99", "closure.names", "fixed", "at least 100 replicas"},
                    BadCombination{"closure.neighbours", "300", "training.replicas", "200", "only 200 replicas"},
                    BadCombination{"fokker_planck.tolerance", "0", "run.seed", "1", "max_step > 0"}));

TEST(Combinations, ThatNeedNoClosureAreFreeWithoutOne) {
  EXPECT_EQ(make_points(text_with({{"closure.names", "none"},
                                   {"initial.tracked_std", "0"},
                                   {"training.replicas", "1"},
                                   {"fokker_planck.max_step", "0.1"},
                                   {"fokker_planck.tolerance", "0"}}))
                .size(),
            1u);
}

TEST(Combinations, AreCheckedAtEveryPointOfTheSweep) {
  EXPECT_THAT(config_error([] {
                make_points(text_with({{"training.replicas", "1000, 50"}}));
              }),
              HasSubstr("at least 100 replicas"));
}

TEST(RequiredOptions, AreNamedWhereTheyAreMissing) {
  EXPECT_THAT(config_error([] { make_points(text_with({{"data.file", ""}})); }), HasSubstr("data.file"));
  EXPECT_THAT(config_error([] { make_points(text_with({{"network.widths", " "}})); }), HasSubstr("network.widths"));
}

}  // namespace
}  // namespace driftwood::sweep
