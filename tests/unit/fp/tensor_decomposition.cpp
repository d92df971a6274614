#include "driftwood/fp/tensor_decomposition.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <Eigen/QR>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "unit/fp/generator.hpp"

namespace driftwood::fp {
namespace {

using Values = std::vector<double>;

Eigen::MatrixXd sum_of(int d, const TensorDecomposition& parts) {
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(d, d);
  for (int term = 0; term < parts.n_terms; ++term)
    for (int i = 0; i < d; ++i)
      for (int j = 0; j < d; ++j)
        sum(i, j) += parts.terms[term].weight * parts.terms[term].direction[i] * parts.terms[term].direction[j];
  return sum;
}

/// What must hold for every tensor; the terms are returned.
TensorDecomposition checked(int d, const Values& packed, int reach) {
  const TensorDecomposition parts = decompose(d, packed, reach);
  EXPECT_LE(parts.n_terms, d == 4 ? 12 : d * (d + 1) / 2);
  EXPECT_GE(parts.added, 0);
  double largest = 0;
  for (const double entry : packed) largest = std::max(largest, std::abs(entry));
  const Eigen::MatrixXd wanted = unpack_symmetric(d, packed) + parts.added * Eigen::MatrixXd::Identity(d, d);
  EXPECT_LE((sum_of(d, parts) - wanted).cwiseAbs().maxCoeff(), 1e-12 * (largest + parts.added));
  for (int term = 0; term < parts.n_terms; ++term) {
    const auto& e = parts.terms[term].direction;
    EXPECT_GT(parts.terms[term].weight, 0);
    for (int i = 0; i < 4; ++i) EXPECT_LE(std::abs(e[i]), i < d ? reach : 0);
    const auto first = std::find_if(e.begin(), e.end(), [](int entry) { return entry != 0; });
    EXPECT_TRUE(first != e.end() && *first > 0);
  }
  return parts;
}

Values packed_of(const Eigen::MatrixXd& matrix) {
  Values packed;
  for (int i = 0; i < matrix.rows(); ++i)
    for (int j = i; j < matrix.cols(); ++j) packed.push_back(matrix(i, j));
  return packed;
}

/// A A^T with entries of A in (-1, 1), and its rows scaled by up to `anisotropy`.
Values random_tensor(int d, std::uint32_t number, double anisotropy) {
  Eigen::MatrixXd a(d, d);
  for (int i = 0; i < d; ++i)
    for (int j = 0; j < d; ++j)
      a(i, j) = (2 * test::uniform(4 * i + j, number) - 1) * std::pow(anisotropy, test::uniform(100 + i, number));
  return packed_of(a * a.transpose());
}

/// Eigenvalues 1 and `condition`, turned by an angle.
Values turned(double condition, double angle) {
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  return {condition * c * c + s * s, (condition - 1) * c * s, condition * s * s + c * c};
}

TEST(TensorDecomposition, SumsToTheTensorForRandomTensors) {
  for (std::uint32_t number = 0; number < 1000; ++number) {
    for (int d = 1; d <= 4; ++d)
      for (const int reach : {1, 2, 3, 8}) checked(d, random_tensor(d, number, number % 2 == 0 ? 1 : 30), reach);
    if (testing::Test::HasFailure()) FAIL() << "tensor " << number;
  }
}

TEST(TensorDecomposition, OfALineIsItsOneDirection) {
  const TensorDecomposition parts = checked(1, {2.5}, 1);
  ASSERT_EQ(parts.n_terms, 1);
  EXPECT_EQ(parts.terms[0].direction[0], 1);
  EXPECT_EQ(parts.terms[0].weight, 2.5);
  EXPECT_EQ(parts.added, 0);
}

TEST(TensorDecomposition, OfADiagonalTensorIsItsAxes) {
  const TensorDecomposition plane = checked(2, {2, 0, 300}, 8);
  EXPECT_EQ(plane.n_terms, 2);
  EXPECT_EQ(plane.added, 0);
  const TensorDecomposition space = checked(3, {2, 0, 0, 3, 0, 500}, 3);
  EXPECT_EQ(space.n_terms, 3);
  EXPECT_EQ(space.added, 0);
  for (int term = 0; term < 3; ++term) {
    const auto& e = space.terms[term].direction;
    EXPECT_EQ(std::abs(e[0]) + std::abs(e[1]) + std::abs(e[2]), 1);
  }
}

TEST(TensorDecomposition, IsThatByHand) {
  // [[3, 2], [2, 3]] = (1, 0)(1, 0) + (0, 1)(0, 1) + 2 (1, 1)(1, 1)
  for (const int reach : {1, 8})
    for (const int sign : {1, -1}) {
      const TensorDecomposition parts = checked(2, {3, 2.0 * sign, 3}, reach);
      EXPECT_EQ(parts.n_terms, 3);
      EXPECT_EQ(parts.added, 0);
      for (int term = 0; term < 3; ++term) {
        const auto& e = parts.terms[term].direction;
        EXPECT_NEAR(parts.terms[term].weight, e[0] * e[1] == 0 ? 1 : 2, 1e-14);
        EXPECT_TRUE(e[0] * e[1] == 0 || e[0] * e[1] == sign);
      }
    }
  // (2, 1)(2, 1) + (1, 1)(1, 1) + 3 (1, 0)(1, 0): a superbase two steps from the standard one.
  const TensorDecomposition far = checked(2, {8, 3, 2}, 8);
  EXPECT_EQ(far.added, 0);
  EXPECT_EQ(far.n_terms, 3);
}

TEST(TensorDecomposition, AddsNothingUpToAConditionOf50InThePlane) {
  for (const double condition : {1.0, 3.0, 10.0, 50.0})
    for (int i = 0; i < 360; ++i)
      EXPECT_EQ(checked(2, turned(condition, i * 3.14159265358979 / 360), 8).added, 0) << condition << " " << i;
}

TEST(TensorDecomposition, AddsNothingToADominantDiagonal) {
  for (std::uint32_t number = 0; number < 200; ++number) {
    const auto entry = [&](std::uint32_t i) { return 0.98 * test::uniform(i, number) - 0.49; };
    EXPECT_EQ(checked(2, {1, 2 * entry(0), 1}, 1).added, 0);
    EXPECT_EQ(checked(3, {1, entry(0), entry(1), 1, entry(2), 1}, 1).added, 0);
  }
}

TEST(TensorDecomposition, AddsTheLeastTriedMultipleThatKeepsDirectionsWithinReach) {
  int n_added = 0;
  for (int i = 0; i < 100; ++i) {
    for (const int reach : {2, 8}) {
      Values packed = turned(1e5, 0.0301 * i);
      const double largest = std::max(packed[0], packed[2]);
      const TensorDecomposition parts = checked(2, packed, reach);
      if (parts.added < 1.5e-4 * largest) continue;
      ++n_added;
      EXPECT_LE(parts.added, largest);
      packed[0] += parts.added / 2;
      packed[2] += parts.added / 2;
      EXPECT_GT(decompose(2, packed, reach).added, 0) << "half of it would have done";
    }
  }
  EXPECT_GT(n_added, 50);
}

TEST(TensorDecomposition, AddsWhatAReachOfOneLacks) {
  // [[5, 2], [2, 1]]: the diagonal must be at least 2.
  const TensorDecomposition parts = checked(2, {5, 2, 1.5}, 1);
  EXPECT_DOUBLE_EQ(parts.added, 0.5);
  EXPECT_EQ(parts.n_terms, 2);
}

TEST(TensorDecomposition, AddsALittleToSingularTensors) {
  for (const int reach : {1, 2, 8}) {
    for (const Values& packed : {Values{0, 0, 3}, Values{3, 0, 0}, Values{1, 1, 1}, Values{2, -2, 2}}) {
      const TensorDecomposition parts = checked(2, packed, reach);
      EXPECT_GT(parts.added, 0);
      EXPECT_LE(parts.added, 2e-4 * packed[0] + 2e-4 * packed[2]);
    }
    for (const Values& packed : {Values{0, 0, 0, 1, 0, 2}, Values{1, 1, 1, 1, 1, 1}, Values{1, -1, 0, 1, 0, 0}}) {
      const TensorDecomposition parts = checked(3, packed, reach);
      EXPECT_GT(parts.added, 0);
      EXPECT_LE(parts.added, 1e-3);
    }
  }
}

TEST(TensorDecomposition, FindsTermsForRankOneTensorsOfAnyDirection) {
  for (std::uint32_t number = 0; number < 200; ++number)
    for (int d = 2; d <= 3; ++d)
      for (const int reach : {1, 3}) {
        Eigen::VectorXd a(d);
        for (int i = 0; i < d; ++i) a[i] = 2 * test::uniform(i, number) - 1;
        EXPECT_LE(checked(d, packed_of(a * a.transpose()), reach).added, a.squaredNorm());
      }
}

TEST(TensorDecomposition, OfATensorThatIsNotPositiveDefiniteIsThatOfAShiftedOne) {
  for (const int reach : {1, 8}) {
    EXPECT_GT(checked(2, {1, 2, 1}, reach).added, 1);
    EXPECT_GT(checked(2, {0, 1, 0}, reach).added, 1);
    EXPECT_GT(checked(2, {-2, 0, 1}, reach).added, 2);
    EXPECT_GT(checked(2, {-1, 0, -1}, reach).added, 1);
  }
  EXPECT_GT(checked(3, {1, 0, 0, 1, 0, -1}, 3).added, 1);
}

TEST(TensorDecomposition, OfTheZeroTensorHasNoTerms) {
  for (int d = 1; d <= 4; ++d) {
    const TensorDecomposition parts = checked(d, Values(packed_size(d), 0.0), 3);
    EXPECT_EQ(parts.n_terms, 0);
    EXPECT_EQ(parts.added, 0);
  }
}

TEST(TensorDecomposition, DoesNotDependOnTheTensorsUnit) {
  for (const double unit : {1e-150, 1e-8, 1e12, 1e150}) {
    const TensorDecomposition parts = checked(2, {8 * unit, 3 * unit, 2 * unit}, 8);
    EXPECT_EQ(parts.added, 0);
    EXPECT_EQ(parts.n_terms, 3);
  }
}

TEST(TensorDecomposition, RefusesWhatItCannotDo) {
  EXPECT_THROW(decompose(5, Values(15, 1.0), 2), InternalError);
  EXPECT_THROW(decompose(0, Values(10, 1.0), 2), InternalError);
  EXPECT_THROW(decompose(2, Values{1, 0, 1}, 0), InternalError);
}

TEST(TensorDecomposition, RefusesEntriesThatAreNotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinity, -infinity}) {
    EXPECT_THROW(decompose(1, Values{bad}, 1), InternalError);
    for (const int reach : {1, 8}) {
      EXPECT_THROW(decompose(2, Values{1, bad, 1}, reach), InternalError);
      EXPECT_THROW(decompose(2, Values{bad, 0, 1}, reach), InternalError);
    }
    EXPECT_THROW(decompose(3, Values{1, 0, bad, 1, 0, 1}, 3), InternalError);
    EXPECT_THROW(decompose(4, Values{1, 0, 0, bad, 1, 0, 0, 1, 0, 1}, 2), InternalError);
  }
}

/// Eigenvalues 1, c^(1/3), c^(2/3), c in random directions of four-dimensional space.
Eigen::Matrix4d random_of_condition(double condition, std::uint32_t number) {
  Eigen::Matrix4d a;
  for (int i = 0; i < 16; ++i) a(i / 4, i % 4) = 2 * test::uniform(200 + i, number) - 1;
  const Eigen::Matrix4d q = Eigen::HouseholderQR<Eigen::Matrix4d>(a).householderQ();
  const Eigen::Vector4d values(1, std::cbrt(condition), std::pow(condition, 2.0 / 3), condition);
  return q * values.asDiagonal() * q.transpose();
}

TEST(TensorDecompositionInFour, SumsToTheTensorForConditionsUpTo10000) {
  for (const double condition : {1.0, 10.0, 100.0, 1e3, 1e4})
    for (std::uint32_t number = 0; number < 200; ++number) {
      const Values packed = packed_of(random_of_condition(condition, number));
      for (const int reach : {1, 2, 3, 8}) checked(4, packed, reach);
      if (testing::Test::HasFailure()) FAIL() << "tensor " << number << " of condition " << condition;
    }
}

TEST(TensorDecompositionInFour, AddsNothingWithinAReasonableReach) {
  for (std::uint32_t number = 0; number < 200; ++number) {
    EXPECT_EQ(checked(4, packed_of(random_of_condition(3, number)), 1).added, 0);
    EXPECT_EQ(checked(4, packed_of(random_of_condition(8, number)), 3).added, 0);
    EXPECT_EQ(checked(4, packed_of(random_of_condition(100, number)), 12).added, 0);
  }
}

TEST(TensorDecompositionInFour, OfADiagonalTensorIsItsAxes) {
  for (const Values& diagonal : {Values{1, 1, 1, 1}, Values{2, 3, 500, 0.01}}) {
    const TensorDecomposition parts =
        checked(4, {diagonal[0], 0, 0, 0, diagonal[1], 0, 0, diagonal[2], 0, diagonal[3]}, 1);
    EXPECT_EQ(parts.added, 0);
    ASSERT_EQ(parts.n_terms, 4);
    for (int term = 0; term < 4; ++term) {
      const auto& e = parts.terms[term].direction;
      const auto axis = std::find(e.begin(), e.end(), 1) - e.begin();
      ASSERT_LT(axis, 4);
      EXPECT_EQ(std::count(e.begin(), e.end(), 0), 3);
      EXPECT_EQ(parts.terms[term].weight, diagonal[axis]);
    }
  }
}

TEST(TensorDecompositionInFour, FollowsAPermutationOfTheAxes) {
  for (std::uint32_t number = 0; number < 50; ++number) {
    const Eigen::Matrix4d tensor = random_of_condition(20, number);
    const std::array<int, 4> order{2, 0, 3, 1};
    Eigen::Matrix4d permuted;
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j) permuted(i, j) = tensor(order[i], order[j]);
    const TensorDecomposition one = checked(4, packed_of(tensor), 8);
    const TensorDecomposition other = checked(4, packed_of(permuted), 8);
    // The cone is the same, and so are the weights: unique in one kind of cone, made so by symmetry in the other.
    ASSERT_EQ(one.n_terms, other.n_terms);
    for (int term = 0; term < one.n_terms; ++term) {
      bool is_there = false;
      for (int twin = 0; twin < other.n_terms; ++twin) {
        int same = 0;
        int opposite = 0;
        for (int i = 0; i < 4; ++i) {
          const int entry = one.terms[term].direction[order[i]];
          same += other.terms[twin].direction[i] == entry;
          opposite += other.terms[twin].direction[i] == -entry;
        }
        const bool is_equal = std::abs(one.terms[term].weight - other.terms[twin].weight) < 1e-12 * 20;
        is_there = is_there || ((same == 4 || opposite == 4) && is_equal);
      }
      EXPECT_TRUE(is_there) << number;
    }
  }
}

TEST(TensorDecompositionInFour, ChangesItsWeightsContinuously) {
  // Along a straight line between two tensors: through many cones.
  const auto weight_of = [](const TensorDecomposition& parts, const std::array<int, 4>& e) {
    for (int term = 0; term < parts.n_terms; ++term)
      if (parts.terms[term].direction == e) return parts.terms[term].weight;
    return 0.0;
  };
  for (std::uint32_t number = 0; number < 10; ++number) {
    const Eigen::Matrix4d a = random_of_condition(20, number);
    const Eigen::Matrix4d b = random_of_condition(20, number + 1000);
    const int n = 2000;
    TensorDecomposition before = checked(4, packed_of(a), 12);
    for (int i = 1; i <= n; ++i) {
      const double t = static_cast<double>(i) / n;
      const TensorDecomposition now = checked(4, packed_of((1 - t) * a + t * b), 12);
      double change = 0;
      for (const TensorDecomposition* parts : {static_cast<const TensorDecomposition*>(&before), &now})
        for (int term = 0; term < parts->n_terms; ++term) {
          const auto& e = parts->terms[term].direction;
          change = std::max(change, std::abs(weight_of(now, e) - weight_of(before, e)));
        }
      EXPECT_LE(change, 20 * (b - a).norm() / n) << number << ", " << t;
      before = now;
    }
  }
}

TEST(TensorDecompositionInFour, OfDegenerateTensorsAddsALittle) {
  for (const Values& packed : {Values{0, 0, 0, 0, 0, 0, 0, 1, 0, 1}, Values{0, 0, 0, 0, 1, 0, 0, 2, 0, 3},
                               Values{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, Values{0, 0, 0, 0, 0, 0, 0, 2, 1, 2}})
    for (const int reach : {1, 2}) {
      const TensorDecomposition parts = checked(4, packed, reach);
      EXPECT_GT(parts.added, 0);
      EXPECT_LE(parts.added, 2e-3);
    }
}

TEST(TensorDecompositionInFour, OfAnAnisotropyOf100TurnedBy30DegreesNeedsLittle) {
  const Values plane = turned(100, 3.14159265358979 / 6);
  // The turned plane among two axes with the smaller and the larger eigenvalue.
  const Values packed{plane[0], 0, plane[1], 0, 1, 0, 0, plane[2], 0, 100};
  EXPECT_EQ(checked(4, packed, 8).added, 0);
  EXPECT_LE(checked(4, packed, 2).added, 0.06 * 100);
  EXPECT_LE(checked(4, packed, 3).added, 0.02 * 100);
}

TEST(TensorDecompositionInFour, HasADominantDiagonalWithinAReachOfOne) {
  for (std::uint32_t number = 0; number < 200; ++number) {
    Values packed(10, 1.0);
    for (int i = 0; i < 4; ++i)
      for (int j = i + 1; j < 4; ++j)
        packed[packed_index(4, i, j)] = 0.33 * (2 * test::uniform(packed_index(4, i, j), number) - 1);
    EXPECT_EQ(checked(4, packed, 1).added, 0);
  }
}

TEST(TensorDecompositionInFour, OfATensorThatIsNotPositiveDefiniteIsThatOfAShiftedOne) {
  for (const int reach : {1, 2}) {
    EXPECT_GT(checked(4, {1, 0, 0, 0, 1, 0, 0, 1, 0, -1}, reach).added, 1);
    EXPECT_GT(checked(4, {0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, reach).added, 1);
  }
}

TEST(Decomposer, GivesWhatDecomposeGivesWhateverWasAskedBefore) {
  for (int d = 1; d <= 4; ++d) {
    std::vector<Values> tensors;
    for (std::uint32_t number = 0; number < 8; ++number) tensors.push_back(random_tensor(d, number, 10));
    Decomposer decomposer(d);
    for (int i = 0; i < 300; ++i) {
      const Values& packed = tensors[static_cast<std::size_t>(8 * test::uniform(i))];
      const int reach = 1 + static_cast<int>(3 * test::uniform(1000 + i));
      const TensorDecomposition wanted = decompose(d, packed, reach);
      const TensorDecomposition& got = decomposer(packed, reach);
      EXPECT_EQ(got.added, wanted.added);
      ASSERT_EQ(got.n_terms, wanted.n_terms);
      for (int term = 0; term < got.n_terms; ++term) {
        EXPECT_EQ(got.terms[term].weight, wanted.terms[term].weight);
        EXPECT_EQ(got.terms[term].direction, wanted.terms[term].direction);
      }
    }
  }
}

TEST(Decomposer, ForgetsATensorThatWasRefused) {
  Decomposer decomposer(2);
  decomposer(Values{1, 0, 1}, 1);
  EXPECT_THROW(decomposer(Values{1, std::numeric_limits<double>::quiet_NaN(), 1}, 1), InternalError);
  EXPECT_EQ(decomposer(Values{2, 0, 2}, 1).terms[0].weight, 2);
}

}  // namespace
}  // namespace driftwood::fp
