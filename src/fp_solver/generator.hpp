#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/direction_fields.hpp"
#include "driftwood/fp/edge_rates.hpp"
#include "driftwood/fp/frame_motion.hpp"
#include "slabs.hpp"
#include "stepper.hpp"

namespace driftwood::fp_solver {

/// The discrete generator's ingredients on this rank's cells, from a problem's coefficients. Every member function is
/// collective.
class Generator {
 public:
  Generator(const fp::Coefficients& coefficients, const fp::Grid& grid, const Slabs& slabs, fp::FluxKind flux,
            std::vector<fp::Wall> walls);

  const fp::Grid& grid() const { return grid_; }
  const Slabs& slabs() const { return slabs_; }
  fp::FluxKind flux() const { return flux_; }
  bool has_exits() const { return std::find(walls_.begin(), walls_.end(), fp::Wall::absorbing) != walls_.end(); }

  /// Drift and diffusion in w of the cells of `range`. Throws SolveFailure unless they are finite and D >= 0.
  fp::CellCoefficients physical(double time, const fp::Frame& frame, fp::CellRange range) const;
  /// The same of any cells, of this rank only: returns whether they are finite and D >= 0. Not collective.
  bool evaluate(double time, const fp::Frame& frame, fp::CellRange range, fp::CellCoefficients& result) const;
  /// Throws SolveFailure unless all ranks' coefficients were good.
  void require_good(bool is_good, double time) const;
  /// What splitting needs of the owned cells in a frame at some time; all ranks have the same directions.
  fp::DirectionFields direction_fields(double time, const fp::Frame& frame, const fp::FrameMotion& motion) const;
  /// The edges of the owned cells in a frame at some time; ranks may have different directions.
  fp::EdgeCoefficients edges(double time, const fp::Frame& frame, const fp::FrameMotion& motion) const;
  /// The same, kept as long as they do not change.
  std::shared_ptr<const fp::EdgeCoefficients> kept_edges(double time, const fp::Frame& frame,
                                                         const fp::FrameMotion& motion);
  /// Whether edges made in a frame with this motion stay as they are while the frame does not change.
  bool is_constant(const fp::FrameMotion& motion) const;

 private:
  void share_directions(fp::DirectionFields& fields) const;

  const fp::Coefficients& coefficients_;
  fp::Grid grid_;
  Slabs slabs_;
  fp::FluxKind flux_;
  std::vector<fp::Wall> walls_;
  fp::Frame kept_for_;
  std::shared_ptr<const fp::EdgeCoefficients> kept_;
};

/// The largest cell Peclet number where the density is above 1e-6 of its maximum. Collective.
double peclet_where_dense(const mpi::Communicator& communicator, const std::vector<double>& cell_peclet,
                          const std::vector<double>& mass);

}  // namespace driftwood::fp_solver
