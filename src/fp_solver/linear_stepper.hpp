#pragma once

#include <memory>
#include <vector>

#include "generator.hpp"
#include "halo_exchange.hpp"
#include "linear_solver.hpp"
#include "patankar_stepper.hpp"
#include "stepper.hpp"

namespace driftwood::fp_solver {

/// Crank-Nicolson, BDF2 and SDIRK2 on the unsplit generator, by PETSc. They are not positive (Bolley, Crouzeix 1978): a
/// step that goes below -1e-12 of the maximum is redone by MPRK22. Their rates must not depend on the density
/// (FluxKind::chang_cooper).
class LinearStepper : public Stepper {
 public:
  /// `scheme`: crank_nicolson, bdf2 or sdirk2.
  LinearStepper(Generator generator, TimeScheme scheme);
  StepResult step(const State& start, double dt, const fp::FrameMotion& motion, bool wants_error) override;
  void accept(bool continues) override;
  StepperMemory memory() const override { return memory_; }
  void restore(StepperMemory memory) override { memory_ = std::move(memory); }

 private:
  using Values = std::vector<double>;
  fp::EdgeRates rates(double time, const fp::Frame& frame, const fp::FrameMotion& motion);
  /// x of (I - step R) x = b, with the sum of `sum_like` put right where no wall absorbs.
  Values solve(const fp::EdgeRates& rates, double step, const Values& b, const Values& sum_like, StepResult& result);
  Values crank_nicolson(const State& start, double dt, const fp::FrameMotion& motion, StepResult& result);
  Values sdirk2(const State& start, double dt, const fp::FrameMotion& motion, StepResult& result);
  Values bdf2(const State& start, double dt, const fp::FrameMotion& motion, StepResult& result);
  bool is_positive(const Values& mass) const;
  void add_absorbed(const State& start, double dt, const fp::FrameMotion& motion, StepResult& result);

  Generator generator_;
  TimeScheme scheme_;
  LinearSolver solver_;
  HaloExchange halo_;
  PatankarStepper positive_;
  // The step before (BDF2) and how many have gone by (Rannacher's start).
  StepperMemory memory_;
  Values tried_from_;
  double tried_step_ = 0;
};

}  // namespace driftwood::fp_solver
