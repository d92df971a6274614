#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/edge_rates.hpp"

namespace driftwood::fp {

/// One lattice direction's part of the rates on a set of whole lattice lines, for operator splitting: cell i's
/// neighbour along the direction is i + offset. Every entry belongs to the edge i -> i + offset, or to the cell i.
struct LineProblem {
  long offset = 1;
  /// Lines do not cross multiples of this number of cells; the number of cells is a multiple of it. 0: one block.
  long block = 0;
  FluxKind flux = FluxKind::chang_cooper;
  std::vector<double> forward;  ///< Chang and Cooper's rates; 0 where there is no edge, and nowhere else
  std::vector<double> backward;
  std::vector<double> cell_weight;  ///< other fluxes: rho of the cells (edge_coefficients.hpp)
  std::vector<double> cell_drift;   ///< fourth_order: rho e . E^-1 u
  std::vector<double> cell_excess;  ///< fourth_order: the part of rho that the flux takes off again; empty: none
  std::vector<double> exit_rate;    ///< through absorbing faces; empty: none

  long n_cells() const { return static_cast<long>(forward.size()); }
};

/// Advances the masses of the cells by `step` under this direction alone, all lines at once, non-negative and (up to
/// what leaves through exits) with their sum kept to round-off at any step: every line is a tridiagonal M-matrix,
/// solved without a subtraction. `lost` (as many as exit_rate has) gets what leaves every cell through absorbing faces
/// added. Results do not depend on how lines are grouped. Pure functions, not collective. Throw InternalError on other
/// sizes.
///
/// Second order in the step: backward Euler, and what SDIRK2 (L-stable; Alexander 1977) moves along the line more than
/// that, each such current bounded by what the cell it is drawn from can give (flux-corrected transport; Zalesak 1979).
/// Other fluxes than chang_cooper take their rates from the density in the middle of the step.
void second_order_sweep(const LineProblem& problem, double step, std::span<double> mass, std::span<double> lost = {});
/// First order: backward Euler with the rates of the density at the start.
void euler_sweep(const LineProblem& problem, double step, std::span<double> mass, std::span<double> lost = {});

}  // namespace driftwood::fp
