#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "archive.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/frame_motion.hpp"
#include "driftwood/fp/support.hpp"
#include "driftwood/fp_solver/solver.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "generator.hpp"
#include "slabs.hpp"
#include "stepper.hpp"

namespace driftwood::fp_solver {

/// The part of the box that the support fills after it was fitted.
constexpr double box_fill_wanted = 0.72;

/// A density on its way: its time, its frame, this rank's cells. Every member function is collective.
class Evolution {
 public:
  /// Throws SolveFailure for coefficients that are not finite.
  Evolution(const fp::Coefficients& coefficients, const fp::InitialDensity& initial, double start_time,
            const SolveOptions& options, const mpi::Communicator& communicator);

  /// Steps until `time`, and calls `after_step` where it stands between two steps. Throws SolveFailure.
  void advance_to(double time, const std::function<void()>& after_step);

  /// All that restore() needs to go on from here, the same on every rank.
  void save(ArchiveWriter& archive) const;
  /// Of the same problem and options, on any number of ranks.
  void restore(ArchiveReader& archive);

  double time() const { return state_.time; }
  /// The whole density, on every rank.
  fp::Density density() const;
  /// d ln(std)/dt per axis, from the moment equations: the diagonal of (4.5).
  std::vector<double> anomalous_dimension() const;
  /// Probability that has left through every face.
  const std::vector<double>& absorbed() const { return state_.absorbed; }
  SolveReport report() const;

 private:
  fp::Frame initial_frame(const fp::InitialDensity& initial) const;
  std::unique_ptr<Stepper> make_stepper() const;
  bool follows_width() const { return options_.frame == FrameKind::diagonal || options_.frame == FrameKind::full; }
  /// What state_.mass says of the density: the fourth-order flux evolves its values at the cells' centres.
  fp::CellValue cell_value() const {
    return options_.flux == fp::FluxKind::fourth_order ? fp::CellValue::centre : fp::CellValue::average;
  }
  fp::MomentRates moments() const;
  fp::FrameMotion motion() const;
  std::vector<double> layers_of_mass(const std::vector<double>& mass) const;
  std::vector<double> owned_part(const std::vector<double>& whole) const;
  /// The step to try from here to `end`.
  double next_step(double end, const fp::FrameMotion& motion) const;
  void accept(StepResult&& result, std::vector<double>&& layers);

  /// Widens or narrows the box until the density's support fits (decision 2).
  void fit_box();
  bool wall_is_reached(const std::vector<double>& layers) const;
  /// Makes room on the axes whose walls the layers of the next density have reached, where the present one is near
  /// them; returns whether there was any. Throws SolveFailure if that is not allowed.
  bool widen_walls(const std::vector<double>& next_layers);
  void remap_to(const fp::Frame& frame);
  void require_resolution() const;
  /// The longest step that the frame's motion allows.
  double motion_limit(const fp::FrameMotion& motion) const;

  SolveOptions options_;
  const mpi::Communicator& communicator_;
  fp::Grid grid_;
  Slabs slabs_;
  Generator generator_;
  std::unique_ptr<Stepper> stepper_;
  State state_;
  std::vector<double> layers_;  ///< layer_masses of the whole
  double next_step_ = 0;
  /// Bounds the next step after one that ran into a wall.
  double longest_step_ = std::numeric_limits<double>::infinity();
  SolveReport report_;
};

}  // namespace driftwood::fp_solver
