#pragma once

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "driftwood/fp/edge_coefficients.hpp"

namespace driftwood::fp {

/// Transition rates (per unit of time) of a Markov jump process on the cells, which is the finite-volume form of (4.2):
/// from every cell i to its neighbour i + e along a few lattice directions e, and back. All rates are >= 0 and what
/// leaves one cell enters another (or leaves through an absorbing face), so mass and positivity hold by construction.
/// Held for the cells of one rank: all edges with at least one end in `owned`.
struct EdgeRates {
  struct Direction {
    std::array<int, 4> step{};
    long offset = 0;  ///< from i to i + e in natural order, > 0
    /// Rate of i -> i + e and of i + e -> i at position i - (owned.first - offset), i = owned.first - offset ..
    /// owned.last() - 1; 0 where there is no edge.
    std::vector<double> forward;
    std::vector<double> backward;
  };
  struct Exit {
    long cell = 0;
    int face = 0;  ///< 2 axis + (0 low, 1 high)
    double rate = 0;
  };

  CellRange owned;
  std::vector<Direction> directions;          ///< ascending offsets
  std::vector<std::vector<Exit>> exits = {};  ///< of the owned cells, per direction; empty without absorbing walls
};

/// chang_cooper: forward = rho B(-P), backward = rho B(P) with B(x) = x / (e^x - 1) (Scharfetter-Gummel, equations.md
/// section 5): of second order, exact for equilibria; where |P| >> 1 it is upwind, which smears by |u| h / 2.
/// limited: the same for |P| <= 1; beyond, turning into central diffusion with an upwind drift whose face value is
/// reconstructed from the density with van Leer's limiter: of second order there too.
/// fourth_order: the conservative five-point flux of (2.2) along every lattice direction where |P| <= 2 (beyond:
/// limited), of fourth order for values at the cells' centres. What it adds to Chang and Cooper's flux is a rate of the
/// cell it is drawn from, bounded by the diffusion's own, so that rates stay >= 0 and deep tails fall back.
enum class FluxKind { chang_cooper, limited, fourth_order };

/// The rates for a density: `density` (any unit, at the cells of `density_range`, which covers with_wide_halo) is what
/// the other fluxes correct chang_cooper with, which ignores it. fourth_order needs edges that keep their cells.
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

/// The rate of change of the owned cells' masses: `mass` at the cells of `range`, which holds all ends of the edges.
std::vector<double> rate_of_change(const EdgeRates& rates, std::span<const double> mass, CellRange range);

/// B(x) = x / (e^x - 1) at x and at -x.
std::pair<double, double> bernoulli(double x);

}  // namespace driftwood::fp
