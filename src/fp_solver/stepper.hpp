#pragma once

#include <string>
#include <vector>

#include "driftwood/fp/frame_motion.hpp"
#include "driftwood/fp_solver/solver.hpp"

namespace driftwood::fp_solver {

/// Ends a solve; becomes its report. Thrown on every rank at the same place.
struct SolveFailure {
  SolveStatus status;
  std::string message;
};

/// A number as messages show it.
std::string text(double value);

/// A density between two steps.
struct State {
  double time = 0;
  fp::Frame frame;
  std::vector<double> mass;      ///< of this rank's cells; the sum over all ranks is 1, less what was absorbed
  std::vector<double> absorbed;  ///< so far, through every face (2d)
};

/// One step's end, and what it took.
struct StepResult {
  State state;
  double error = 0;        ///< L1 distance between solutions of order 2 and 1, if it was wanted
  double peclet = 0;       ///< largest cell Peclet number where the density is above 1e-6 of its maximum
  double mass_defect = 0;  ///< of what linear solvers return, before it is corrected
  double added_diffusion = 0;
  long n_linear_iterations = 0;
  bool was_redone = false;  ///< by a positive scheme
};

/// What a multistep scheme remembers of the step before; empty for others.
struct StepperMemory {
  std::vector<double> before;  ///< masses of this rank's cells
  double before_step = 0;
  int n_steps = 0;  ///< since the last start
};

/// A time scheme. Every member function is collective.
class Stepper {
 public:
  virtual ~Stepper() = default;
  /// A step of length `dt` from `start`, whose frame moves as `motion` says. Throws SolveFailure.
  virtual StepResult step(const State& start, double dt, const fp::FrameMotion& motion, bool wants_error) = 0;
  /// The result of the last step() is where the next one starts, or (false) the density was moved to another box.
  virtual void accept(bool /*continues*/) {}
  /// What making rates that do not change has taken so far.
  virtual double setup_seconds() const { return 0; }
  /// Between two steps: what a later process needs to go on with the same bits. Not collective.
  virtual StepperMemory memory() const { return {}; }
  virtual void restore(StepperMemory /*memory*/) {}
};

}  // namespace driftwood::fp_solver
