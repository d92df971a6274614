#pragma once

#include <array>
#include <span>
#include <vector>

#include "driftwood/fp/density.hpp"

namespace driftwood::fp {

/// Cells [first, first + count) of a grid in natural order (the last axis fastest).
struct CellRange {
  long first = 0;
  long count = 0;

  long last() const { return first + count; }
};

/// What happens at a face of the box: no current crosses it, or the density is 0 there (2.3).
enum class Wall { no_flux, absorbing };

/// Distances in natural order from a cell to its next neighbour along each axis.
std::vector<long> strides(const Grid& grid);

/// Longest entry of a lattice direction on this grid (d = 1: 1; 2: 8; 3: 5; 4: 3; less on grids of few cells).
int reach(const Grid& grid);

/// What the edges of a rank's cells are wanted for.
struct EdgeOptions {
  /// Low and high face of every axis in turn; empty: no flux anywhere.
  std::span<const Wall> walls{};
  /// Keep weight, drift and excess of the cells themselves, for the fourth-order flux; directions are then short.
  bool keeps_cells = false;
};

/// The cells whose coefficients the edges of `owned` depend on, clipped to the grid.
CellRange with_halo(const Grid& grid, CellRange owned, bool keeps_cells = false);
/// The cells whose densities the rates of `owned` depend on: neighbours' neighbours too.
CellRange with_wide_halo(const Grid& grid, CellRange owned);

/// Drift and diffusion at the centres of a range of cells, in the frame's coordinate z (4.3).
struct CellCoefficients {
  CellRange range;
  std::vector<double> drift;      ///< u, range.count x d
  std::vector<double> diffusion;  ///< E, range.count x packed_size(d)
};

/// Diffusion and drift of every edge, from which rates are made for any density. An edge goes from a cell i to its
/// neighbour i + e along a lattice direction e. Held for the cells of one rank: all edges with at least one end there.
struct EdgeCoefficients {
  struct Direction {
    std::array<int, 4> step{};
    long offset = 0;  ///< from i to i + e in natural order, > 0
    /// rho in units of the cells of the edge i -> i + e at position i - (owned.first - offset), i = owned.first -
    /// offset
    /// .. owned.last() - 1; `no_edge` where i + e is outside of the grid.
    std::vector<double> weight;
    std::vector<double> peclet;  ///< P = e . E^-1 (u - div E): what ln p rises by from i to i + e at zero current
    /// EdgeOptions::keeps_cells: rho and rho e . E^-1 u (the part of the drift along e) of the cells of `cells`.
    std::vector<double> cell_weight;
    std::vector<double> cell_drift;
    /// The same, of axes only: what of cell_weight was added and may be taken off again; empty where nothing was.
    std::vector<double> cell_excess;
  };
  /// Where a direction leaves the grid through an absorbing face.
  struct Exit {
    long cell = 0;
    int face = 0;  ///< 2 axis + (0 low, 1 high)
    double weight = 0;
    double peclet = 0;  ///< outwards, of the way to the face
  };
  static constexpr double no_edge = -1;

  CellRange owned;
  CellRange cells;
  std::vector<Direction> directions;     ///< ascending offsets
  std::vector<std::vector<Exit>> exits;  ///< of the owned cells, per direction; empty without absorbing walls
  /// What the user should know: largest cell Peclet number |u - div E| h / E over the axes, one per owned cell.
  std::vector<double> cell_peclet;
  double added_diffusion = 0;  ///< largest diffusion added for a very anisotropic tensor, relative to E
};

/// The edges of the owned cells from the coefficients at the centres of (at least) with_halo(grid, owned).
///
/// E is decomposed into lattice directions (tensor_decomposition.hpp) at every cell; an edge has the mean weight and
/// the mean Peclet number of its ends. Where the drift dominates, long directions may smear more than a little added
/// diffusion does: there they reach no farther than 2 / (cell Peclet number), if that has less diffusion too much.
/// Throws InternalError on sizes that do not match. Pure function, not collective.
EdgeCoefficients edge_coefficients(const Grid& grid, CellRange owned, CellCoefficients coefficients,
                                   const EdgeOptions& options = {});

}  // namespace driftwood::fp
