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

/// Tensor grid over z in [-z_max, z_max]^d; cells[k] cells along axis k, the last axis fastest. Uniform in xi in
/// [-z_max, z_max], where z = g(xi) = z_max sinh(kappa xi / z_max) / sinh(kappa) with kappa = `stretching`: fine cells
/// in the middle, coarse ones in the tails (5.1); kappa = 0: z = xi.
struct Grid {
  std::vector<int> cells;
  double z_max = 7.0;
  double stretching = 0;  ///< kappa >= 0

  int dimension() const { return static_cast<int>(cells.size()); }
  long n_cells() const;
  bool is_uniform() const { return stretching == 0; }
  /// A cell's width in xi; in z too if the grid is uniform.
  double spacing(int axis) const { return 2 * z_max / cells[axis]; }
  double xi_centre(int axis, int index) const { return -z_max + (index + 0.5) * spacing(axis); }
  /// z at a cell's centre in xi: where the solver evaluates its coefficients.
  double z_centre(int axis, int index) const { return z_of(xi_centre(axis, index)); }
  /// The cell's ends in z are the edges `index` and `index` + 1.
  double z_edge(int axis, int index) const { return z_of(-z_max + index * spacing(axis)); }
  double width(int axis, int index) const { return z_edge(axis, index + 1) - z_edge(axis, index); }

  double z_of(double xi) const;      ///< g(xi)
  double xi_of(double z) const;      ///< its inverse
  double slope_at(double xi) const;  ///< g'(xi)
  double bend_at(double xi) const;   ///< g''(xi)
};

/// A normal density with independent coordinates: the distribution of freshly drawn weights.
struct NormalDensity {
  std::vector<double> mean;
  std::vector<double> std;  ///< > 0
};

/// What a number on a cell says of a density: its average, or its value at the cell's centre in xi, which is what the
/// fourth-order flux evolves.
enum class CellValue { average, centre };

/// A probability density at one time: p(w) (density per unit of w) on the cells of the whole grid.
struct Density {
  double time = 0;
  Grid grid;
  Frame frame;
  std::vector<double> p;
  CellValue value = CellValue::average;

  int dimension() const { return grid.dimension(); }
  /// Volume of any cell in w. Throws InternalError if the grid is stretched: its cells differ.
  double cell_volume() const;
  /// Volume of one cell in w.
  double cell_volume(long cell) const;
  /// Volumes of all cells in w.
  std::vector<double> cell_volumes() const;
  /// The cells' probabilities: averages times volumes.
  std::vector<double> masses() const;
  /// p, or the cells' averages to fourth order where it holds the centres' values.
  std::vector<double> averages() const;
  /// Sum of the masses: 1 up to round-off.
  double mass() const;
  Eigen::VectorXd mean() const;
  /// Of the piecewise constant density: includes the h^2/12 of the cells.
  Eigen::MatrixXd covariance() const;
};

/// The density whose cells hold these masses.
Density density_from_masses(double time, const Grid& grid, const Frame& frame, std::vector<double> mass);

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

/// Marginal of coordinate `axis`. In a frame that shears this axis the masses are remapped (fp/remap.hpp), positive and
/// conservative, to about as many cells per standard deviation over all that the box covers.
Marginal marginal(const Density& density, int axis);

/// The same distribution with every cell cut into equal pieces, `n_pieces` or more in all, whose masses follow the
/// parabola through the cell and its neighbours (Colella, Woodward 1984): non-negative, and every cell keeps its mass.
/// For a smooth density the moments and the distribution function then lack O(h^4) of the cells instead of the O(h^2)
/// of steps: what counts where the cells are few, in three and four dimensions. Pure function. Edges must be equally
/// spaced or change smoothly.
Marginal smoothed(const Marginal& marginal, int n_pieces);

/// Two coordinates' distribution: mass[i * n_b + j] in [edges_a[i], edges_a[i+1]] x [edges_b[j], edges_b[j+1]].
struct MarginalPlane {
  std::vector<double> edges_a;
  std::vector<double> edges_b;
  std::vector<double> mass;  ///< sums to 1
};

/// Marginal of the coordinates `axis_a` and `axis_b`, in this order; d = 2..4, remapped as marginal() does. Throws
/// InternalError for equal axes.
MarginalPlane marginal_plane(const Density& density, int axis_a, int axis_b);

/// `n` independent draws of w, n x d row-major; within a cell by the density's slope along every axis, so that the
/// draws have the density's covariance without the h^2/6 of steps: draw number r uses replica counter r and purpose
/// theory_draw; the same on every rank.
std::vector<double> draw(const Density& density, long n, const CounterRandom& random, std::uint32_t step);
/// Draws number first, first + stride, .. below n of these.
std::vector<double> draw_some(const Density& density, long first, long stride, long n, const CounterRandom& random,
                              std::uint32_t step);

}  // namespace driftwood::fp
