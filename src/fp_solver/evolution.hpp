#pragma once

#include <string>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/frame_motion.hpp"
#include "driftwood/fp/support.hpp"
#include "driftwood/fp_solver/solver.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "positive_solver.hpp"

namespace driftwood::fp_solver {

/// Ends a solve; becomes its report. Thrown on every rank at the same place.
struct SolveFailure {
  SolveStatus status;
  std::string message;
};

/// A density on its way: time, frame, and this rank's cells. Every member function is collective.
class Evolution {
 public:
  /// Throws SolveFailure for coefficients that are not finite.
  Evolution(const fp::Coefficients& coefficients, const fp::InitialDensity& initial, double start_time,
            const SolveOptions& options, const mpi::Communicator& communicator);

  /// Steps until `time`. Throws SolveFailure.
  void advance_to(double time);

  double time() const { return time_; }
  /// The whole density, on every rank.
  fp::Density density() const;
  /// d ln(std)/dt per axis, from the moment equations: the diagonal of (4.5).
  std::vector<double> anomalous_dimension() const;
  const SolveReport& report() const { return report_; }

 private:
  /// Drift and diffusion in w at the cells around this rank's, in some frame at some time.
  using Physical = fp::CellCoefficients;
  /// What one step from the present density came to.
  struct Attempt {
    std::vector<double> mass;
    std::vector<double> layers;
    double error = 0;  ///< L1 distance between the scheme's solution and its embedded partner of the other order
    double peclet = 0;
    double mass_defect = 0;
    fp::Frame frame;
    Physical physical;
  };

  fp::Frame initial_frame(const fp::InitialDensity& initial) const;
  Physical evaluate(double time, const fp::Frame& frame) const;
  fp::MomentRates moments() const;
  std::vector<double> layers_of_mass(const std::vector<double>& mass) const;

  /// One step of length `dt` with the frame moving as `motion` says. Nothing of the present state changes.
  Attempt attempt(double dt, const fp::FrameMotion& motion);
  std::vector<double> solve(const fp::EdgeRates& rates, const std::vector<double>& b, double& mass_defect);
  double peclet_where_dense(const std::vector<double>& cell_peclet, const std::vector<double>& mass) const;
  void accept(Attempt&& attempt, double dt);

  /// Widens or narrows the box until the density's support fits (decision 2).
  void fit_box();
  bool wall_is_reached(const std::vector<double>& layers) const;
  /// Makes room on the axes whose walls the layers of the next density have reached, where the present one is near them;
  /// returns whether there was any. Throws SolveFailure if that is not allowed.
  bool widen_walls(const std::vector<double>& next_layers);
  void remap_to(const fp::Frame& frame);
  void require_resolution() const;
  /// The longest step that the frame's motion allows.
  double motion_limit(const fp::FrameMotion& motion) const;

  const fp::Coefficients& coefficients_;
  SolveOptions options_;
  const mpi::Communicator& communicator_;
  fp::Grid grid_;
  fp::CellRange owned_;
  PositiveSolver solver_;
  double time_;
  fp::Frame frame_;
  std::vector<double> mass_;    ///< of this rank's cells; the sum over all ranks is 1
  std::vector<double> layers_;  ///< layer_masses of the whole
  Physical physical_;           ///< at time_ in frame_
  double next_step_ = 0;
  SolveReport report_;
};

}  // namespace driftwood::fp_solver
