#include "driftwood/core/small_cholesky.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace driftwood {
namespace {

using Values = std::vector<double>;
using Vector = std::array<double, 4>;

TEST(SmallCholesky, SolvesByHand) {
  EXPECT_EQ(SmallCholesky(1, Values{4}).solve({8})[0], 2);
  // [[4, 2], [2, 5]] (1, -2) = (0, -8)
  const Vector x = SmallCholesky(2, Values{4, 2, 5}).solve({0, -8});
  EXPECT_DOUBLE_EQ(x[0], 1);
  EXPECT_DOUBLE_EQ(x[1], -2);
  // L L^T of L = [[1, 0, 0, 0], [2, 1, 0, 0], [0, 3, 2, 0], [1, 0, 1, 3]], times (1, 2, 3, 4)
  const SmallCholesky four(4, Values{1, 2, 0, 1, 5, 3, 2, 13, 2, 11});
  EXPECT_TRUE(four.is_positive());
  const Vector y = four.solve({9, 29, 53, 55});
  for (int k = 0; k < 4; ++k) EXPECT_NEAR(y[k], k + 1, 1e-12);
}

TEST(SmallCholesky, LeavesEntriesBeyondTheDimensionAlone) {
  const Vector x = SmallCholesky(2, Values{1, 0, 4}).solve({3, 8, 5, 6});
  EXPECT_EQ(x, (Vector{3, 2, 5, 6}));
}

TEST(SmallCholesky, AddsItsMultipleOfTheIdentity) {
  // [[1, 2], [2, 1]] + 3 = [[4, 2], [2, 4]]
  const SmallCholesky shifted(2, Values{1, 2, 1}, 3);
  EXPECT_TRUE(shifted.is_positive());
  const Vector x = shifted.solve({8, 10});
  EXPECT_DOUBLE_EQ(x[0], 1);
  EXPECT_DOUBLE_EQ(x[1], 2);
}

TEST(SmallCholesky, TellsAnIndefiniteTensor) {
  EXPECT_FALSE(SmallCholesky(1, Values{-1}).is_positive());
  EXPECT_FALSE(SmallCholesky(2, Values{1, 2, 1}).is_positive());
  EXPECT_FALSE(SmallCholesky(2, Values{1, 0, -1}).is_positive());
  // Every 2 x 2 minor is positive, the determinant -0.784 is not.
  EXPECT_FALSE(SmallCholesky(3, Values{1, -0.8, 0.8, 1, 0.2, 1}).is_positive());
  EXPECT_TRUE(std::isnan(SmallCholesky(2, Values{1, 2, 1}).solve({1, 1})[0]));
}

TEST(SmallCholesky, TellsASingularTensor) {
  EXPECT_FALSE(SmallCholesky(1, Values{0}).is_positive());
  EXPECT_FALSE(SmallCholesky(2, Values{0, 0, 1}).is_positive());
  EXPECT_FALSE(SmallCholesky(2, Values{1, 0, 0}).is_positive());
  // (a, b, c) (a, b, c)^T is singular, whatever round-off leaves of its pivots.
  for (int i = 1; i < 500; ++i) {
    const double a = std::sqrt(i);
    const double b = std::cbrt(i + 0.3);
    const double c = 1e3 / i;
    EXPECT_FALSE(SmallCholesky(2, Values{a * a, a * b, b * b}).is_positive()) << i;
    EXPECT_FALSE(SmallCholesky(3, Values{a * a, a * b, a * c, b * b, b * c, c * c}).is_positive()) << i;
  }
}

TEST(SmallCholesky, DoesNotTakeASmallTensorForASingularOne) {
  EXPECT_TRUE(SmallCholesky(2, Values{1e-200, 0, 1e-220}).is_positive());
  EXPECT_TRUE(SmallCholesky(2, Values{1, 1 - 1e-9, 1}).is_positive());
}

}  // namespace
}  // namespace driftwood
