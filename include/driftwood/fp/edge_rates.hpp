#pragma once

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "driftwood/fp/density.hpp"

namespace driftwood::fp {

/// Cells [first, first + count) of a grid in natural order (the last axis fastest).
struct CellRange {
  long first = 0;
  long count = 0;

  long last() const { return first + count; }
};

/// Distances in natural order from a cell to its next neighbour along each axis.
std::vector<long> strides(const Grid& grid);

/// Longest entry of a lattice direction on this grid (d = 1: 1; d = 2: 8, d = 3: 3, less on grids of few cells).
int reach(const Grid& grid);

/// The cells whose coefficients the rates of `owned` depend on: `owned` and its neighbours, clipped to the grid.
CellRange with_halo(const Grid& grid, CellRange owned);

/// Drift and diffusion at the centres of a range of cells, in the frame's coordinate z (4.3).
struct CellCoefficients {
  CellRange range;
  std::vector<double> drift;      ///< u, range.count x d
  std::vector<double> diffusion;  ///< E, range.count x packed_size(d)
};

/// Transition rates (per unit of time) of a Markov jump process on the cells, which is the finite-volume form of (4.2):
/// from every cell i to its neighbour i + e along a few lattice directions e, and back. All rates are >= 0 and what
/// leaves one cell enters another, so mass and positivity hold by construction; edges through a wall do not exist (no
/// flux). Held for the cells of one rank: all edges with at least one end in `owned`.
struct EdgeRates {
  struct Direction {
    std::array<int, 4> step{};
    long offset = 0;  ///< from i to i + e in natural order, > 0
    /// Rate of i -> i + e and of i + e -> i at position i - (owned.first - offset), i = owned.first - offset ..
    /// owned.last() - 1.
    std::vector<double> forward;
    std::vector<double> backward;
  };

  CellRange owned;
  std::vector<Direction> directions;  ///< ascending offsets
};

/// What the user should know about a discretisation.
struct RateQuality {
  std::vector<double> peclet;  ///< largest cell Peclet number |u - div E| h / E over the axes, one per owned cell
  double added_diffusion = 0;  ///< largest diffusion added for a very anisotropic tensor, relative to E
};

/// The rates of the owned cells from the coefficients at the centres of (at least) with_halo(grid, owned).
///
/// E is decomposed into lattice directions (tensor_decomposition.hpp) at every cell; an edge has the mean weight rho of
/// its ends and the Peclet number P = e . (E^-1 (u - div E)), mean of its ends; forward = rho B(-P), backward = rho
/// B(P) with B(x) = x / (e^x - 1) (Chang-Cooper / Scharfetter-Gummel, equations.md section 5): second order, exact for
/// equilibria exp(-V) with quadratic V. Where E vanishes the flux is upwind. Throws InternalError on sizes that do not
/// match. Pure function, not collective.
std::pair<EdgeRates, RateQuality> edge_rates(const Grid& grid, CellRange owned, const CellCoefficients& coefficients);

/// first x (factor, times a factor per source cell) + second x factor, e.g. the two stages of a Patankar scheme.
/// `source_factor`: for the cells of `factor_range`, which must hold all ends of the edges; empty: 1.
struct ScaledRates {
  const EdgeRates* rates;
  double factor;
  std::span<const double> source_factor;
  CellRange factor_range;
};
EdgeRates sum_of(std::span<const ScaledRates> parts);

/// B(x) = x / (e^x - 1) at x and at -x.
std::pair<double, double> bernoulli(double x);

}  // namespace driftwood::fp
