#pragma once

#include <span>

#include "driftwood/stats/half_splits.hpp"

namespace driftwood::analysis {

/// Two samples of n replicas each, n x n_items x n_coordinates, and whether they come from one distribution: the sliced
/// Wasserstein-1 distance between them, averaged over the items and along `directions` (n_directions x n_coordinates), is
/// compared with what it is when the 2n rows are dealt out at random.
struct PermutationTest {
  double distance = 0;  ///< of the two samples
  double p_value = 1;   ///< (1 + number of permutations with at least this distance) / (1 + number of permutations)
};

/// Every item's coordinates are divided by the pooled standard deviations, so that all count alike. `permutations`: of 2n
/// replicas. Pure function of its arguments (Good 2005, chapter 3). Throws InternalError for sizes that do not fit, empty
/// samples and values that are not finite.
PermutationTest permutation_test(std::span<const double> a, std::span<const double> b, int n_items, int n_coordinates,
                                 std::span<const double> directions, const stats::HalfSplits& permutations);

/// What theory and experiment are at one snapshot.
enum class Verdict {
  indistinguishable,  ///< p >= 0.05
  distinguishable,    ///< the test tells them apart, at a distance below half of the ensemble's own width
  far,                ///< that or more
};
const char* name(Verdict verdict);
/// `relative_distance`: in units of the ensemble's standard deviation.
Verdict verdict_of(double p_value, double relative_distance);

}  // namespace driftwood::analysis
