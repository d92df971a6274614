#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "driftwood/fp/edge_coefficients.hpp"

namespace driftwood::fp {

/// What the cells of a rank have to do with the lattice directions: for operator splitting, where a line needs what
/// belongs to its own cells only.
struct DirectionFields {
  struct Direction {
    std::array<int, 4> step{};
    long offset = 0;             ///< from i to i + e in natural order, > 0
    std::vector<double> weight;  ///< rho in units of the cells, one per owned cell
    std::vector<EdgeCoefficients::Exit> exits = {};
    /// The part of the weight that is no diffusion of the problem's but what a very anisotropic tensor lacks for a
    /// decomposition: on the axes alone, for fluxes that take it off again; empty: nothing.
    std::vector<double> excess = {};
  };
  CellRange owned;
  std::vector<Direction> directions;  ///< ascending offsets
  /// E^-1 (u - div E) in units of the cells, a vector of components along each axis: the slope of ln p at zero current.
  std::vector<std::vector<double>> tilt;
  std::vector<std::vector<double>> ito_tilt;  ///< E^-1 u; empty: the same
  std::vector<double> cell_peclet;            ///< as in EdgeCoefficients
  double added_diffusion = 0;

  /// Slope of ln p along a direction at zero current, per owned cell.
  std::vector<double> slopes(const Direction& direction) const;
  /// rho e . E^-1 u, per owned cell: what the fourth-order flux needs.
  std::vector<double> drifts(const Direction& direction) const;
};

/// Makes DirectionFields layer by layer (across axis 0), so that drift and diffusion are never held for all cells.
class DirectionFieldsBuilder {
 public:
  /// `owned`: whole layers. `walls` as in EdgeOptions. `marks_excess`: for the fourth-order flux.
  DirectionFieldsBuilder(const Grid& grid, CellRange owned, std::span<const Wall> walls, bool marks_excess = false);
  ~DirectionFieldsBuilder();

  /// The next cells, `range` (whole layers, consecutive from call to call). `coefficients`: in the frame (to_frame), of
  /// at least these layers and, where the grid has any, those before and after. Throws InternalError on sizes.
  void add(CellRange range, const CellCoefficients& coefficients);
  /// What was added; once.
  DirectionFields finish();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Chang and Cooper's rates (EdgeRates) from the cells of `range` to their neighbours along `step`, `next` positions on
/// in the arrays, and back: from the mean weights and slopes of both ends; 0 where there is no edge, and nowhere else.
/// Arrays begin at the first cell of `range`. `forward` may be `weight`, `backward` may be `slope`, where ranges are
/// done in ascending order.
void rates_from_fields(const Grid& grid, const std::array<int, 4>& step, CellRange range, long next,
                       const double* weight, const double* slope, double* forward, double* backward);

}  // namespace driftwood::fp
