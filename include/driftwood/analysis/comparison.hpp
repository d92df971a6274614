#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "driftwood/analysis/permutation.hpp"
#include "driftwood/analysis/resampling.hpp"
#include "driftwood/core/random.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/stats/distances.hpp"
#include "driftwood/stats/half_splits.hpp"

namespace driftwood::analysis {

/// A distance between theory and experiment with its sampling floor: the same distance between two disjoint halves of
/// the ensemble, averaged over random splits and scaled to the sample sizes used (equations.md section 6).
struct Measured {
  double distance = 0;
  double floor = 0;
  double ratio() const { return floor > 0 ? distance / floor : (distance > 0 ? 1e300 : 0.0); }
};

/// One coordinate of the weights at one snapshot: distances of the ensemble's sample to the theory's marginal.
struct CoordinateComparison {
  Measured wasserstein1;
  Interval wasserstein1_interval;  ///< 95 %, by the bootstrap
  Measured kolmogorov_smirnov;
  Measured energy;            ///< energy distance
  Measured kullback_leibler;  ///< of the histogram; floor: its mean where the theory holds, (bins - 1) / 2n
  Measured mean;              ///< |difference of means|; floor: root mean square over the splits
  Measured std;
  stats::Moments theory;
  stats::Moments experiment;
};

/// Compares coordinate samples (finite values) with the theory's marginal density. The theory is exact here, so a
/// half-half floor (samples n/2 and n/2, variance 4/n) is scaled by 1/2 (variance 1/n). The floors of the distances are
/// means over the splits, those of the moments root mean squares: under the null hypothesis the ratios of the distances
/// are 1 on average, those of the moments 0.8 (the mean of |standard normal|). Pure function of its arguments. Throws
/// InternalError if the sample is empty or not finite or the theory has no mass.
CoordinateComparison compare_coordinate(std::span<const double> sample, const fp::Marginal& theory,
                                        const Resampling& resampling);

/// Theory and experiment at one snapshot, all coordinates of the weights (or of the outputs at all inputs) together.
struct JointComparison {
  Measured sliced_wasserstein1;
  Interval sliced_interval;  ///< 95 %, by the bootstrap
  double p_value = 1;        ///< of the permutation test
  Verdict verdict = Verdict::indistinguishable;
};

/// The tracked weights at one snapshot.
struct WeightComparison {
  std::vector<CoordinateComparison> coordinates;
  JointComparison joint;
};

/// Wasserstein-1 distance, the integral of |F_n - F|, between an empirical and a piecewise uniform distribution: exact,
/// crossings within a piece included. `sorted` ascending and finite; the theory's masses are normalised to 1. O(n +
/// cells).
double wasserstein1(std::span<const double> sorted, const fp::Marginal& theory);
/// Kolmogorov-Smirnov distance, the largest |F_n - F|, of the same: exact.
double kolmogorov_smirnov(std::span<const double> sorted, const fp::Marginal& theory);
/// Energy distance sqrt(2 int (F_n - F)^2) (Szekely, Rizzo 2013) of the same: exact.
double energy_distance(std::span<const double> sorted, const fp::Marginal& theory);
/// wasserstein1 of bootstrap samples: `ranks` (sample size + 1) x n_samples as Bootstrap::ranks gives them. To
/// `distances`, n_samples.
void wasserstein1_resampled(std::span<const double> sorted, std::span<const std::uint32_t> ranks, std::size_t n_samples,
                            const fp::Marginal& theory, std::span<double> distances);
/// Kullback-Leibler divergence, in nats, of the sample's histogram from the theory, on n_bins bins that the theory fills
/// equally: always finite. Where the theory holds, 2n times it follows chi^2 of n_bins - 1 degrees of freedom.
double kullback_leibler(std::span<const double> sorted, const fp::Marginal& theory, int n_bins);
/// 2 n^(2/5) bins (Mann, Wald 1942), at least 4.
int histogram_bins(std::size_t n);

/// Distances between the output distributions: for each test input and output coordinate over the replicas, then
/// averaged over the inputs; `sliced` projects the outputs on random directions first.
struct OutputComparison {
  std::vector<Measured> wasserstein1;        ///< per output coordinate
  std::vector<Measured> kolmogorov_smirnov;  ///< per output coordinate
  std::vector<Measured> energy;              ///< per output coordinate
  JointComparison joint;
};

/// The shape of a replica's outputs, and how they are sliced.
struct OutputShape {
  int n_inputs = 0;
  int n_outputs = 0;
  int n_projections = 0;  ///< directions of the sliced distance (1 with one output: every direction is the same)
};

/// The outputs (or, as one input's outputs, the tracked weights) of the trained replicas at one snapshot, with the sampling floors of every distance to them: made once,
/// compared with the outputs of any number of theories. Both sides are samples of size n, so a half-half floor is
/// scaled by 1/sqrt(2). Pure function of its arguments.
class OutputReference {
 public:
  /// `experiment`: n x n_inputs x n_outputs, which with `resampling` (of n replicas) must outlive this. `random`: of the
  /// directions. Throws InternalError if it is empty, the sizes do not match or a value is not finite.
  OutputReference(std::span<const double> experiment, const OutputShape& shape, const Resampling& resampling,
                  const CounterRandom& random);

  /// `theory`: as many rows, of the same shape. Throws InternalError as above.
  OutputComparison compare(std::span<const double> theory) const;

 private:
  /// One scalar of the outputs over the replicas: the outputs at one input along one direction.
  struct Scalar {
    std::vector<double> sorted;
    std::vector<int> order;
    stats::HalfDistances floor;
  };
  void require_shape(std::span<const double> outputs) const;
  std::vector<double> project(std::span<const double> outputs, int input, int direction) const;

  void add_joint(std::span<const double> theory, std::vector<double> resampled, OutputComparison& result) const;

  std::span<const double> experiment_;
  OutputShape shape_;
  const Resampling& resampling_;
  std::size_t n_ = 0;
  std::vector<double> directions_;  ///< the coordinate axes, then the random ones: n_directions x n_outputs
  int n_directions_ = 0;
  std::vector<Scalar> scalars_;  ///< input x direction
};

}  // namespace driftwood::analysis
