#include "driftwood/fp/closures.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;

TEST(Closures, HaveNamesThatAreReadBack) {
  for (const ClosureKind kind :
       {ClosureKind::joint, ClosureKind::fixed, ClosureKind::mean_trajectory, ClosureKind::annealed,
        ClosureKind::quenched, ClosureKind::conditional, ClosureKind::self_consistent}) {
    EXPECT_EQ(closure_kind(name(kind)), kind);
    EXPECT_FALSE(training_data_used(kind).empty());
  }
  EXPECT_EQ(name(ClosureKind::mean_trajectory), "mean_trajectory");
  EXPECT_EQ(training_data_used(ClosureKind::fixed), "none");
}

TEST(Closures, RefuseAnUnknownNameAndListTheKnownOnes) {
  try {
    closure_kind("quench");
    FAIL() << "no error";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("annealed, quenched, conditional"), std::string::npos);
  }
}

TEST(EmptyTable, SpansTheBoxOnEveryAxis) {
  const CoefficientTable table = empty_table(Values{-1, 0}, Values{1, 0.3}, 5);
  ASSERT_EQ(table.dimension(), 2);
  EXPECT_EQ(table.nodes[0], (Values{-1, -0.5, 0, 0.5, 1}));
  EXPECT_EQ(table.nodes[1].front(), 0);
  EXPECT_EQ(table.nodes[1].back(), 0.3);
  EXPECT_EQ(table.drift.size(), 50u);
  EXPECT_EQ(table.diffusion.size(), 75u);
  EXPECT_THROW(empty_table(Values{1}, Values{1}, 5), InternalError);
}

}  // namespace
}  // namespace driftwood::fp
