#pragma once

#include <span>
#include <vector>

#include "driftwood/core/random.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/stats/distances.hpp"

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
  Measured kolmogorov_smirnov;
  Measured mean;  ///< |difference of means|; floor: root mean square over the splits
  Measured std;
  stats::Moments theory;
  stats::Moments experiment;
};

/// Compares coordinate samples (finite values) with the theory's marginal density. The theory is exact here, so a
/// half-half floor (samples n/2 and n/2, variance 4/n) is scaled by 1/2 (variance 1/n). The floors of the distances are
/// means over the splits, those of the moments root mean squares: under the null hypothesis the ratios of the distances
/// are 1 on average, those of the moments 0.8 (the mean of |standard normal|). Pure function of its arguments. Throws
/// InternalError if the sample is empty or not finite or the theory has no mass.
CoordinateComparison compare_coordinate(std::span<const double> sample, const fp::Marginal& theory, int n_splits,
                                        const CounterRandom& random);

/// Wasserstein-1 distance, the integral of |F_n - F|, between an empirical and a piecewise uniform distribution: exact,
/// crossings within a piece included. `sorted` ascending and finite; the theory's masses are normalised to 1. O(n +
/// cells).
double wasserstein1(std::span<const double> sorted, const fp::Marginal& theory);
/// Kolmogorov-Smirnov distance, the largest |F_n - F|, of the same: exact.
double kolmogorov_smirnov(std::span<const double> sorted, const fp::Marginal& theory);

/// Distances between the output distributions: for each test input and output coordinate over the replicas, then
/// averaged over the inputs; `sliced` projects the outputs on random directions first.
struct OutputComparison {
  std::vector<Measured> wasserstein1;        ///< per output coordinate
  std::vector<Measured> kolmogorov_smirnov;  ///< per output coordinate
  Measured sliced_wasserstein1;
};

/// What the floors and directions of output comparisons come from.
struct OutputSampling {
  int n_inputs = 0;
  int n_outputs = 0;
  int n_splits = 0;       ///< of the experiment into halves, the same for every input, coordinate and direction
  int n_projections = 0;  ///< directions of the sliced distance (1 with one output: every direction is the same)
};

/// The outputs of the trained replicas at one snapshot, with the sampling floors of every distance to them: made once,
/// compared with the outputs of any number of theories. Both sides are samples of size n, so a half-half floor is
/// scaled by 1/sqrt(2). Pure function of its arguments.
class OutputReference {
 public:
  /// `experiment`: n x n_inputs x n_outputs. Throws InternalError if it is empty, the sizes do not match or a value is
  /// not finite.
  OutputReference(std::span<const double> experiment, const OutputSampling& sampling, const CounterRandom& random);

  /// `theory`: as many rows, of the same shape. Throws InternalError as above.
  OutputComparison compare(std::span<const double> theory) const;

 private:
  /// One scalar of the outputs over the replicas: the outputs at one input along one direction.
  struct Scalar {
    std::vector<double> sorted;
    double wasserstein1_floor = 0;
    double kolmogorov_smirnov_floor = 0;
  };
  void require_shape(std::span<const double> outputs) const;
  std::vector<double> project(std::span<const double> outputs, int input, int direction) const;

  OutputSampling sampling_;
  std::size_t n_ = 0;
  std::vector<double> directions_;  ///< the coordinate axes, then the random ones: n_directions x n_outputs
  int n_directions_ = 0;
  std::vector<Scalar> scalars_;  ///< input x direction
};

}  // namespace driftwood::analysis
