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
    testing::Values(
        BadCombination{"network.widths", "4-1-1-3", "run.seed", "1", "these are 4 and 3"},
        BadCombination{"network.widths", "4", "run.seed", "1", "at least two widths"},
        BadCombination{"network.tracked_layer", "4", "run.seed", "1", "3 layers only"},
        BadCombination{"network.tracked_layer", "1", "network.tracked_weights", "W1[1,1]", "says what is tracked"},
        BadCombination{"training.time", "0.01", "training.learning_rate", "0.1", "less than one step"},
        BadCombination{"training.time", "1e9", "training.learning_rate", "0.1", "more than 2^32 - 1 steps"},
        BadCombination{"initial.tracked_std", "0", "closure.names", "fixed", "closure.names = none"},
        BadCombination{"training.replicas", "99", "closure.names", "fixed", "at least 100 replicas"},
        BadCombination{"closure.neighbours", "300", "training.replicas", "200", "only 200 replicas"},
        BadCombination{"data.noise", "0.5", "data.source", "file", "no effect"},
        BadCombination{"data.clusters", "5", "run.seed", "1", "no effect"},
        BadCombination{"data.seed", "5", "run.seed", "1", "no effect"},
        BadCombination{"training.snapshot_layers", "0-1", "run.seed", "1", "alone"},
        BadCombination{"training.snapshot_layers", "4", "run.seed", "1", "3 layers only"},
        BadCombination{"initial.file", "a.h5", "closure.names", "fixed", "closure.names = none"},
        BadCombination{"initial.mean", "0.1", "initial.file", "a.h5", "no effect"},
        BadCombination{"initial.dataset", "w", "run.seed", "1", "no effect"},
        BadCombination{"initial.mean", "0.1", "initial.scaling", "xavier", "no effect with initial.scaling = xavier"},
        BadCombination{"initial.tracked_std", "0.2", "initial.scaling", "constant", "no effect"},
        BadCombination{"network.tied_decoder", "true", "network.widths", "4-1-2-4", "read the same backwards"},
        BadCombination{"network.tracked_layer", "3", "network.tied_decoder", "true", "it repeats layer 1"},
        BadCombination{"training.frozen_layers", "1-4", "run.seed", "1", "3 layers only"},
        BadCombination{"initial.shared_layers", "4", "run.seed", "1", "3 layers only"},
        BadCombination{"training.optimiser", "adam", "closure.names", "conditional", "closure.names = none"},
        BadCombination{"training.temperature", "0.1", "training.optimiser", "rmsprop", "sgd or momentum"},
        BadCombination{"training.sampling", "epochs", "closure.names", "fixed", "independent minibatches"},
        BadCombination{"training.temperature", "0", "training.sampling", "full_batch", "nothing diffuses"},
        BadCombination{"training.minibatches", "shared", "training.sampling", "full_batch", "one full batch"},
        BadCombination{"training.snapshot_steps", "1-5", "run.seed", "1", "snapshot_spacing = listed"},
        BadCombination{"training.snapshot_steps", "5-5", "training.snapshot_spacing", "listed", "ascend"},
        BadCombination{"training.snapshot_spacing", "listed", "run.seed", "1", "snapshot_steps"},
        BadCombination{"training.momentum", "0.5", "training.optimiser", "sgd", "no effect"},
        BadCombination{"training.epsilon", "0.5", "training.optimiser", "momentum", "no effect"},
        BadCombination{"training.schedule_steps", "5", "training.schedule", "constant", "no effect"},
        BadCombination{"training.batch_size", "4", "training.sampling", "full_batch", "no effect"},
        BadCombination{"initial.scaling", "orthogonal", "closure.names", "fixed", "normal draws"},
        BadCombination{"closure.drift_correction", "modified_loss", "training.optimiser", "momentum", "sgd"},
        BadCombination{"fokker_planck.time_scheme", "bdf2", "fokker_planck.flux", "limited", "= chang_cooper"},
        BadCombination{"fokker_planck.cells", "8-8-8-8-8", "run.seed", "1", "at most 4 axes"},
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

TEST(Combinations, AnOptionMayIdleAtSomePointsOfAnAxisThatBringsItIntoPlay) {
  EXPECT_EQ(make_points(text_with({{"training.optimiser", "sgd, momentum"}, {"training.momentum", "0.5"}})).size(), 2u);
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
