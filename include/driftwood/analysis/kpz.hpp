#pragma once

#include <functional>
#include <span>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"

/// The Kardar-Parisi-Zhang form of the Fokker-Planck equation (equations.md section 8) on solved densities: pure
/// functions. Where p is below a floor heights are NaN, and terms within two cells of such places.
namespace driftwood::analysis {

/// The terms of (8.1) for h = ln p at the cells' centres, n_cells each; of second order in the spacing (of first in the
/// two cells beside a wall).
struct HeightTerms {
  std::vector<double> height;     ///< ln p
  std::vector<double> diffusion;  ///< D_ij d_i d_j h
  std::vector<double> growth;     ///< D_ij d_i h d_j h
  std::vector<double> advection;  ///< (2 d_j D_ij - b_i) d_i h
  std::vector<double> source;     ///< d_i d_j D_ij - d_i b_i

  /// Their sum, the right side of (8.1).
  double rate(std::size_t cell) const { return diffusion[cell] + growth[cell] + advection[cell] + source[cell]; }
};

/// `floor`: relative to the largest value of p. Throws InternalError where dimensions differ.
HeightTerms height_terms(const fp::Density& density, const fp::Coefficients& coefficients, double floor = 1e-8);

/// d_t ln p at the places w of `now`'s cells, by the parabola through three densities, each with its own grid and
/// frame, interpolated by cubics of ln p: of second order in the times between them. Throws InternalError unless the
/// times ascend.
std::vector<double> height_rate(const fp::Density& before, const fp::Density& now, const fp::Density& after,
                                double floor = 1e-8);

/// Norms in L2(p) over the cells where all is known.
struct HeightBalance {
  double rate = 0;  ///< d_t h
  double diffusion = 0;
  double growth = 0;
  double advection = 0;
  double source = 0;
  double residual = 0;  ///< d_t h minus the right side of (8.1)
  double mass = 0;      ///< of these cells: what of the density the norms speak for

  /// The residual relative to the largest of the terms.
  double relative_residual() const;
};
HeightBalance height_balance(const fp::Density& before, const fp::Density& now, const fp::Density& after,
                             const fp::Coefficients& coefficients, double floor = 1e-8);

/// h~ = h + V / (2 D) of (8.2), for b = -grad V and the constant diffusion D I, at the cells' centres.
std::vector<double> transformed_height(const fp::Density& density,
                                       const std::function<double(std::span<const double>)>& potential,
                                       double diffusion, double floor = 1e-8);

/// (8.2) on a line, where every drift has a potential: V = -int b from where p is largest, D its mean over p, all at
/// `now`'s cells. Exact where neither D depends on w nor V on t; `diffusion_spread` and the residual say how nearly.
struct LineTransform {
  std::vector<double> potential;  ///< V
  std::vector<double> height;     ///< h~ = h + V / (2 D)
  std::vector<double> source;     ///< U = b^2 / (4 D) + (d b / d w) / 2
  double diffusion = 0;           ///< D
  double diffusion_spread = 0;    ///< standard deviation of D over p, relative to D
  double residual = 0;            ///< norm in L2(p) of d_t h~ - D h~'' - D h~'^2 + U, relative to that of d_t h~
};
/// Throws InternalError unless d = 1 and the times ascend.
LineTransform line_transform(const fp::Density& before, const fp::Density& now, const fp::Density& after,
                             const fp::Coefficients& coefficients, double floor = 1e-8);

}  // namespace driftwood::analysis
