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
/// The cells whose densities the rates of `owned` depend on: neighbours' neighbours too.
CellRange with_wide_halo(const Grid& grid, CellRange owned);

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

/// Diffusion and drift of every edge, from which rates are made for any density.
struct EdgeCoefficients {
  struct Direction {
    std::array<int, 4> step{};
    long offset = 0;
    std::vector<double> weight;  ///< rho in units of the cells, positions as in EdgeRates::Direction
    std::vector<double> peclet;  ///< P = e . E^-1 (u - div E): what ln p rises by from i to i + e at zero current
  };

  CellRange owned;
  std::vector<Direction> directions;  ///< ascending offsets
  /// What the user should know: largest cell Peclet number |u - div E| h / E over the axes, one per owned cell.
  std::vector<double> cell_peclet;
  double added_diffusion = 0;  ///< largest diffusion added for a very anisotropic tensor, relative to E
};

/// The edges of the owned cells from the coefficients at the centres of (at least) with_halo(grid, owned).
///
/// E is decomposed into lattice directions (tensor_decomposition.hpp) at every cell; an edge has the mean weight and
/// the mean Peclet number of its ends. Where the drift dominates, long directions would smear more than a little added
/// diffusion does: they reach no farther than 2 / (cell Peclet number). Throws InternalError on sizes that do not
/// match. Pure function, not collective.
EdgeCoefficients edge_coefficients(const Grid& grid, CellRange owned, const CellCoefficients& coefficients);

/// chang_cooper: forward = rho B(-P), backward = rho B(P) with B(x) = x / (e^x - 1) (Scharfetter-Gummel, equations.md
/// section 5): of second order, exact for equilibria; where |P| >> 1 it is upwind, which smears by |u| h / 2.
/// limited: the same for |P| <= 1; beyond, turning into central diffusion with an upwind drift whose face value is
/// reconstructed from the density with van Leer's limiter: of second order there too, and still non-negative rates.
enum class FluxKind { chang_cooper, limited, fourth_order };

/// The rates for a density: `density` (any unit, at the cells of `density_range`, which covers with_wide_halo) is what
/// the limited flux reconstructs from; chang_cooper ignores it.
EdgeRates edge_rates(const Grid& grid, const EdgeCoefficients& coefficients, FluxKind flux,
                     std::span<const double> density, CellRange density_range);

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
