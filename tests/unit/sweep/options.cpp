#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "driftwood/sweep/calibration_text.hpp"
#include "driftwood/sweep/cost.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/option_help.hpp"
#include "driftwood/sweep/suggestion.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {
namespace {

using testing::HasSubstr;

TEST(OptionTable, HasEveryKeyOnceWithHelp) {
  std::set<std::string> keys;
  for (const Option& each : option_table()) {
    EXPECT_TRUE(keys.insert(each.key()).second) << each.key();
    EXPECT_FALSE(each.help.empty()) << each.key();
  }
}

TEST(OptionTable, DefaultsAreAllowedAndCanonical) {
  for (const Option& each : option_table()) {
    const std::string text = default_text(each);
    if (!text.empty()) {
      EXPECT_EQ(canonical_value(each, text), text) << each.key();
    }
  }
}

TEST(OptionTable, FieldsAreTheirOwn) {
  // Two declarations that shared a field would overwrite each other.
  Settings settings;
  std::set<const void*> fields;
  for (const Option& each : option_table())
    std::visit([&](auto field) { EXPECT_TRUE(fields.insert(&field(settings)).second) << each.key(); }, each.field);
}

TEST(Scopes, KeepSweepsAndProblemsApart) {
  EXPECT_FALSE(option("problem.diffusion").is_known(Scope::sweep));
  EXPECT_TRUE(option("fokker_planck.cells").is_known(Scope::sweep));
  EXPECT_TRUE(option("fokker_planck.cells").is_known(Scope::solve));
  EXPECT_EQ(section_names(Scope::solve), (std::vector<std::string>{"fokker_planck", "run", "problem"}));
  EXPECT_EQ(did_you_mean_option("problem.diffusion", Scope::sweep), "; it is a key of `driftwood solve`");
  EXPECT_EQ(did_you_mean_option("training.time", Scope::solve), "; it is a key of `driftwood run`");
}

TEST(Lists, OfNumbersAndWordsKeepTheirOrder) {
  EXPECT_EQ(canonical_value(option("problem.diffusion"), " 1, 5e-1; 0.50 ,2"), "1, 0.5, 0.5, 2");
  EXPECT_EQ(canonical_value(option("fokker_planck.low"), "none"), "none");
  EXPECT_EQ(canonical_value(option("fokker_planck.walls"), "no_flux, absorbing, no_flux, absorbing"),
            "no_flux, absorbing, no_flux, absorbing");
  EXPECT_EQ(canonical_value(option("fokker_planck.cells"), "64, 128"), "64-128");
  for (const char* bad : {"", "1,", "1,,2", "1; nan", "one"})
    EXPECT_THROW(canonical_value(option("problem.diffusion"), bad), ValueError) << bad;
  EXPECT_THROW(canonical_value(option("problem.start_std"), "1, 0"), ValueError);
}

TEST(OptionHelp, NamesEveryOptionAndItsDefault) {
  for (const Option& each : option_table()) {
    EXPECT_THAT(options_text(), HasSubstr("\n" + each.key() + " = " + default_text(each)));
    EXPECT_THAT(options_markdown(), HasSubstr("\n| `" + each.name + "` | " + default_text(each)));
  }
}

TEST(Numbers, AreTheShortestTextThatReadsBack) {
  for (const double value : {0.1, 1.0 / 3, 1e-300, 123456789.0, -2.5e17}) {
    EXPECT_EQ(parse_number(format_number(value)), value);
  }
  EXPECT_EQ(format_number(0.02), "0.02");
  EXPECT_EQ(format_number(-0.0), "0");
}

TEST(Suggestions, FindTheNearestKey) {
  EXPECT_EQ(did_you_mean_option("training.learning_rte", Scope::sweep), "; did you mean 'training.learning_rate'?");
  EXPECT_EQ(did_you_mean_option("training.widths", Scope::sweep), "; did you mean 'network.widths'?");
  EXPECT_EQ(did_you_mean_option("batch_size", Scope::sweep), "; did you mean 'training.batch_size'?");
  EXPECT_EQ(did_you_mean_option("something.else.entirely", Scope::sweep), "");
}

TEST(Suggestions, CountSwappedLettersAsOneEdit) {
  EXPECT_EQ(edit_distance("tahn", "tanh"), 1);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
}

Workload small_work() {
  Workload work;
  work.n_replicas = 1000;
  work.n_steps = 500;
  work.time = 10;
  work.batch_size = 8;
  work.n_samples = 150;
  work.n_snapshots = 11;
  work.widths = {4, 1, 1, 4};
  work.n_parameters = 9;
  work.dimension = 1;
  work.closures = {"conditional"};
  work.cells = 512;
  work.averaged_replicas = 500;
  work.test_inputs = 4;
  work.splits = 4;
  work.projections = 4;
  return work;
}

TEST(Cost, CountsReplicaSteps) {
  EXPECT_EQ(predict_cost(small_work(), 1).replica_steps, 5e5);
}

TEST(Cost, HalvesOnTwoRanksAndDoublesWithTwiceTheReplicas) {
  Workload work = small_work();
  const PointCost one = predict_cost(work, 1);
  const PointCost two = predict_cost(work, 2);
  EXPECT_DOUBLE_EQ(two.training_seconds, one.training_seconds / 2);
  EXPECT_DOUBLE_EQ(two.compare_seconds, one.compare_seconds / 2);
  EXPECT_GT(two.solve_seconds, one.solve_seconds / 2);  // each of its steps takes something on any number of ranks
  EXPECT_EQ(two.commit_seconds, one.commit_seconds);    // one rank writes
  work.n_replicas *= 2;
  EXPECT_DOUBLE_EQ(predict_cost(work, 1).training_seconds, 2 * one.training_seconds);
  EXPECT_GT(predict_cost(work, 1).disk_bytes, 1.5 * one.disk_bytes);
}

TEST(Cost, HasOneTableForAllSnapshotsWhereCoefficientsStay) {
  const auto of_tables = [](const std::string& closure, bool constant_learning_rate) {
    Workload work = small_work();
    work.closures = {closure};
    work.constant_learning_rate = constant_learning_rate;
    const double whole = predict_cost(work, 1).solve_seconds;
    work.n_samples = 0;  // networks without data cost nothing: what is left are the solve's steps
    return whole - predict_cost(work, 1).solve_seconds;
  };
  for (const std::string closure : {"joint", "fixed"}) {
    EXPECT_GT(of_tables(closure, true), 0);
    EXPECT_NEAR(of_tables(closure, false), 11 * of_tables(closure, true), 1e-9);
  }
  EXPECT_EQ(of_tables("mean_trajectory", true), of_tables("mean_trajectory", false));
}

TEST(Cost, OfAMeasuredKindHasItsOwnRates) {
  const Workload measured = small_work();
  Workload other = measured;
  other.variant = "adam";
  MachineRates rates;
  rates.overall.training = 3;
  rates.kinds[kind_of(measured)].training = 2;
  const double nominal = predict_cost(measured, 1).training_seconds;
  EXPECT_DOUBLE_EQ(predict_cost(measured, 1, rates).training_seconds, 2 * nominal);
  EXPECT_DOUBLE_EQ(predict_cost(other, 1, rates).training_seconds, 3 * nominal);
}

TEST(Cost, OfOneKindIsWorkThatDiffersInReplicasStepsAndSnapshots) {
  Workload work = small_work();
  work.n_replicas = 7;
  work.n_steps = 7;
  work.n_snapshots = 7;
  EXPECT_EQ(kind_of(work), kind_of(small_work()));
  work.batch_size = 16;
  EXPECT_NE(kind_of(work), kind_of(small_work()));
}

TEST(Calibration, IsReadBackAsItWasWritten) {
  MeasuredRates measured{"Zen 4, of a kind", {{1.5, 0.25, 3, 1}, {}}};
  measured.rates.kinds[kind_of(small_work())] = {0.5, 2, 1, 4};
  const MeasuredRates read = parse_calibration(calibration_text(measured));
  EXPECT_EQ(read.processor, measured.processor);
  EXPECT_EQ(read.rates.overall.solve, 0.25);
  EXPECT_EQ(read.rates.of(small_work()).commit, 4);
}

TEST(Calibration, ThatIsBrokenIsRefused) {
  const std::string whole = calibration_text({"some processor", {}});
  EXPECT_NO_THROW(parse_calibration(whole));
  for (const std::string& broken :
       {std::string(), whole.substr(1), whole.substr(0, whole.size() - 4), whole + "1 2 3 0 kind\n",
        whole + "1 2 nan 4 kind\n", whole + "1 2 3 kind\n", whole + "1 2 3 4 kind more\n"})
    EXPECT_THROW(parse_calibration(broken), ValueError) << broken;
}

TEST(Cost, OfSolvingAndComparingIsZeroWithoutClosures) {
  Workload work = small_work();
  work.closures.clear();
  EXPECT_EQ(predict_cost(work, 1).solve_seconds + predict_cost(work, 1).compare_seconds, 0);
}

}  // namespace
}  // namespace driftwood::sweep
