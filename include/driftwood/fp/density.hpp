#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "driftwood/core/random.hpp"

namespace driftwood::fp {

/// The renormalised frame w = centre + scale z (4.1). `scale` is lower triangular; diagonal for the frames fixed,
/// shifted and diagonal.
struct Frame {
  Eigen::VectorXd centre;
  Eigen::MatrixXd scale;

  int dimension() const { return static_cast<int>(centre.size()); }
  bool is_diagonal() const { return scale.isDiagonal(0.0); }
};

/// Uniform tensor grid over z in [-z_max, z_max]^d; cells[k] cells along axis k, the last axis fastest.
struct Grid {
  std::vector<int> cells;
  double z_max = 7.0;

  int dimension() const { return static_cast<int>(cells.size()); }
  long n_cells() const;
  double spacing(int axis) const { return 2 * z_max / cells[axis]; }
  double z_centre(int axis, int index) const { return -z_max + (index + 0.5) * spacing(axis); }
};

/// A normal density with independent coordinates: the distribution of freshly drawn weights.
struct NormalDensity {
  std::vector<double> mean;
  std::vector<double> std;  ///< > 0
};

/// A probability density at one time: cell averages of p(w) (density per unit of w), the whole grid.
struct Density {
  double time = 0;
  Grid grid;
  Frame frame;
  std::vector<double> p;

  int dimension() const { return grid.dimension(); }
  /// Volume of one cell in w.
  double cell_volume() const;
  /// Sum of p times the cell volume: 1 up to round-off.
  double mass() const;
  Eigen::VectorXd mean() const;
  /// Of the piecewise constant density: includes the h^2/12 of the cells.
  Eigen::MatrixXd covariance() const;
};

/// One coordinate's distribution: mass[i] in [edges[i], edges[i+1]], uniform within.
struct Marginal {
  std::vector<double> edges;
  std::vector<double> mass;  ///< sums to 1

  double mean() const;
  double variance() const;
  /// Standardised central moments 3 and 4 (kurtosis 3 for a normal density).
  double skewness() const;
  double kurtosis() const;
  /// P(w <= x).
  double cumulative(double x) const;
};

/// Marginal of coordinate `axis` (diagonal frames).
Marginal marginal(const Density& density, int axis);

/// `n` independent draws of w, n x d row-major: draw number r uses replica counter r and purpose theory_draw; the same
/// on every rank.
std::vector<double> draw(const Density& density, long n, const CounterRandom& random, std::uint32_t step);

}  // namespace driftwood::fp
