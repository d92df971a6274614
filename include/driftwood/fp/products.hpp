#pragma once

#include <Eigen/Core>
#include <functional>
#include <span>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"

/// What is asked of a solved density: currents, entropies, moments. Pure functions of whole densities; derivatives are
/// of second order in the spacing, one-sided in the cells at a wall, and taken in w for any frame.
namespace driftwood::fp {

/// The probability current J_i = b_i p - d_j (D_ij p) of (2.3) at the cells' centres, n_cells x d, at the density's
/// time. Throws InternalError where dimensions differ.
std::vector<double> probability_current(const Density& density, const Coefficients& coefficients);

/// d_i J_i at the cells' centres, n_cells: minus the density's rate of change (2.2). `current`: n_cells x d.
std::vector<double> divergence(const Density& density, std::span<const double> current);

/// d_1 J_2 - d_2 J_1 at the cells' centres, d = 2: zero for the stationary density of a gradient drift with constant D,
/// which has no current. Throws InternalError for other d.
std::vector<double> curl(const Density& density, std::span<const double> current);

/// df/dw_`axis` at the cells' centres from f there. Throws InternalError for another number of values than cells.
std::vector<double> derivative(const Density& density, int axis, std::span<const double> f);

/// A function of w (d values), such as a potential V.
using ScalarFunction = std::function<double(std::span<const double>)>;

/// The mean of f over the density, by f at the cells' centres.
double mean_of(const Density& density, const ScalarFunction& f);

/// -int p ln p.
double entropy(const Density& density);

/// int p (V + D ln p), D = `temperature`: falls in time for b = -grad V and the diffusion D I, and is then least for
/// exp(-V/D).
double free_energy(const Density& density, const ScalarFunction& potential, double temperature);

/// int p ln(p / q) >= 0: the information lost where q stands for p; infinite where q = 0 and p > 0. Throws
/// InternalError unless both are on the same grid in the same frame.
double kullback_leibler(const Density& p, const Density& q);

/// Raw moments by the cells' centres (exact to round-off in how they follow from the cells, of second order in the
/// spacing as moments of the density), divided by the mass.
struct Moments {
  Eigen::VectorXd first;   ///< <w_i>
  Eigen::MatrixXd second;  ///< <w_i w_j>
};
Moments moments(const Density& density);

/// The right sides of the moment equations: <b_i>, and <w_i b_j + w_j b_i> + 2 <D_ij>.
Moments moment_right_sides(const Density& density, const Coefficients& coefficients);

/// How far two consecutive snapshots miss the moment equations d<w_i>/dt = <b_i> and d<w_i w_j>/dt = <w_i b_j + w_j
/// b_i>
/// + 2 <D_ij>, which hold for any problem whose density does not feel its walls: the difference quotient minus the mean
/// of the right sides at both ends, of second order in the time between them. Throws InternalError unless `later` is
/// later.
Moments moment_defects(const Density& earlier, const Density& later, const Coefficients& coefficients);

}  // namespace driftwood::fp
