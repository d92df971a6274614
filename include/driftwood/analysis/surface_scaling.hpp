#pragma once

#include <functional>
#include <vector>

#include "driftwood/analysis/surface.hpp"

/// Lines of several sizes that grow from flat until they are stationary, and the exponents they have in common: pure
/// functions, for one dimension.
namespace driftwood::analysis {

/// When lines of one size are looked at, and in which modes once they are stationary.
struct SurfacePlan {
  SurfaceModel model;
  std::vector<double> times;      ///< ascending, each about 2^(1/4) times the one before
  std::size_t first_settled = 0;  ///< from this time on the slowest mode has forgotten that it was flat
  std::vector<int> modes;         ///< 1, 2, 4, .. up to n_sites / 4
  double growth_from = 0;         ///< window of the growth exponent: the linear term is no longer felt,
  double growth_to = 0;           ///< and the size not yet

  /// Of a replica's numbers: W^2 at the times, |h_m|^2 / n_sites of the modes, then the mean height at the times.
  std::size_t row_size() const { return 2 * times.size() + modes.size(); }
};

/// Times up to 8 relaxation times of the slowest mode; of those the later half is settled. Growth is looked at from 252
/// nu^5 / (lambda^4 Gamma^2) on (without lambda from 4 spacing^2 / nu on) up to where a quarter of the stationary
/// square is reached.
SurfacePlan surface_plan(const SurfaceModel& model);

/// One replica's row; |h_m|^2 is a mean over the settled times.
std::vector<double> grown_surface(const SurfacePlan& plan, const CounterRandom& random, std::uint64_t replica);

/// Stationary W^2 of a line, by the sum over its modes (exact without lambda; with it, to the order of the time step).
double settled_roughness(const SurfaceModel& model);
/// A of W^2 = A t^(2 beta) of an infinite line: (Gamma / nu) sqrt(2 nu / pi) without lambda; with it 0.63805 (lambda
/// Gamma^2 / (2 nu^2))^(2/3), the variance of the Tracy-Widom distribution of the orthogonal ensemble (Prahofer and
/// Spohn 2000; Krug, Meakin and Halpin-Healy 1992 for the scale).
double growth_amplitude(const SurfaceModel& model);

/// A number and its standard error.
struct Estimate {
  double value = 0;
  double error = 0;
};

/// Rows of replicas, n_replicas x width.
struct ReplicaRows {
  int n_replicas = 0;
  std::vector<double> values;

  std::size_t width() const { return values.size() / n_replicas; }
};

/// What `from` makes of the means over replicas of each set, with its bootstrap error (the sets resampled each on its
/// own).
Estimate bootstrap_estimate(const std::vector<ReplicaRows>& sets, int n_samples, const CounterRandom& random,
                            const std::function<double(const std::vector<std::vector<double>>& means)>& from);

/// Exponents from rows of grown_surface for several sizes.
struct SurfaceExponents {
  std::vector<Estimate> settled;  ///< W^2 of every size, mean over the settled times
  Estimate roughness;             ///< alpha of W^2 ~ L^(2 alpha), all sizes
  /// beta in the window of the last size; NaN where that has no three doublings. Of W^2 plus the variance of the mean
  /// height over replicas, the fluctuation at a fixed place, which a finite size leaves as it is for much longer.
  Estimate growth;
  /// z of the time to 0.3, 0.4, .. 0.7 of the settled W^2 (mean logarithm) ~ L^z, the last three sizes.
  Estimate dynamic;
};
/// Sizes must ascend. Throws InternalError for fewer than two.
SurfaceExponents surface_exponents(const std::vector<SurfacePlan>& plans, const std::vector<ReplicaRows>& rows,
                                   int n_samples, const CounterRandom& random);

}  // namespace driftwood::analysis
