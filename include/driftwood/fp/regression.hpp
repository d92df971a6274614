#pragma once

#include <Eigen/Core>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "driftwood/fp/band_weights.hpp"
#include "driftwood/stats/neighbours.hpp"

namespace driftwood::fp {

/// One snapshot's regression input: n finite rows of tracked weights (n x d), drift (n x d), diffusion (n x packed(d)).
struct RegressionData {
  int dimension = 1;
  std::span<const double> w;
  std::span<const double> drift;
  std::span<const double> diffusion;

  long size() const { return static_cast<long>(w.size()) / dimension; }
};

/// Kernel regression of drift (local-linear) and diffusion (local-constant) on the tracked weights, d <= 2.
///
/// Works in the coordinates x = w / (standard deviation per axis). Three rules, all relative to the data's own scale:
///
/// 1. Neighbourhood of a point: its k nearest replicas, but the bandwidth does not jump over an empty gap. It ends at
///    the j-th (j >= 10), at distance r, if the next is farther than 2 r and so far, R, that a uniform density would
///    leave the ring empty with probability (r/R)^(d j) < 1e-7. So a minority basin of 20 replicas keeps its own drift,
///    whatever k, everywhere if the gap is wider than 2.3 of its diameters (2 for d = 2), at its middle from 0.7 on.
/// 2. A point is supported if a replica is as near as the neighbourhood's density lets expect (a ball that should hold
///    7 is not empty), or if replicas on both sides are nearer to each other than half the radius of the neighbourhood.
/// 3. Elsewhere the fit at the nearest replica continues: the drift linearly, less that part of the change which points
///    away from the replica, the diffusion as a constant. Where there are replicas on the other side too (within 60
///    degrees of straight across: a gap between basins), the continuations from both sides are averaged with weights
///    1 / distance^2.
class LocalRegression {
 public:
  /// What is estimated at a point.
  struct Estimate {
    Eigen::VectorXd drift;      ///< d
    Eigen::VectorXd diffusion;  ///< packed(d): a convex combination of the data's, hence positive semidefinite
    bool is_carried = true;     ///< by replicas around the point (rule 2), not continued from elsewhere (rule 3)
  };
  /// How well it is known.
  struct Uncertainty {
    Eigen::VectorXd drift;      ///< half width of the 95 % band: sampling scatter, not the kernel's bias
    Eigen::VectorXd diffusion;  ///< likewise
    Eigen::VectorXd variance;   ///< Var[b_i|w]
    double replicas = 0;        ///< effective number behind the drift: 1 / (sum of the squares of its linear weights)
  };

  /// `neighbours`: k >= 1 (at most n is used). `fallback_scale`: per axis, > 0, the unit of length for an axis on which
  /// the data do not spread. Keeps views of `data`. Throws InternalError on sizes that do not
  /// match or values that are not finite, ConfigError if d > 2.
  LocalRegression(const RegressionData& data, std::span<const double> fallback_scale, int neighbours);

  /// E[b|w] and E[D|w] at one point w. Remembers fits at replicas, hence not const.
  Estimate evaluate(std::span<const double> w);

  /// By bootstrap with the neighbourhood held; beyond the data that of the linear continuation from the nearest
  /// replica.
  Uncertainty uncertainty(std::span<const double> w, const BandWeights& weights) const;

  /// Mean square error of each component of the drift (in units of its variance, 0 where it has none) when each of
  /// about `n_points` replicas is predicted from the others: one row per element of `neighbours` (ascending).
  Eigen::MatrixXd leave_one_out(std::span<const int> neighbours, int n_points) const;

 private:
  /// The fit around one point x: value there and slope in x.
  struct Fit {
    Eigen::VectorXd drift;
    Eigen::MatrixXd slope;  ///< slope(i, j) = d b_i / d x_j
    Eigen::VectorXd diffusion;
  };

  /// A point, its neighbours, and whether they carry it.
  struct Place {
    Eigen::VectorXd x;
    std::vector<stats::Neighbour> nearest;
    std::optional<stats::Neighbour> opposite;  ///< not looked for where a replica is near
    bool is_carried = false;
  };

  Place place(std::span<const double> w) const;
  Eigen::Map<const Eigen::VectorXd> position(int replica) const;
  Eigen::Map<const Eigen::VectorXd> drift_of(int replica) const;
  Eigen::Map<const Eigen::VectorXd> diffusion_of(int replica) const;
  Fit fit(const Eigen::VectorXd& x, std::span<const stats::Neighbour> nearest) const;
  const Fit& fit_at_replica(int replica);
  Estimate continued(int replica, const Eigen::VectorXd& x);

  RegressionData data_;
  int neighbours_;
  Eigen::VectorXd scale_;
  std::vector<double> x_;  ///< scaled positions, n x d
  std::optional<stats::NeighbourIndex> index_;
  std::unordered_map<int, Fit> fits_;
};

}  // namespace driftwood::fp
