#pragma once

#include <vector>

#include "generator.hpp"
#include "positive_solver.hpp"
#include "stepper.hpp"

namespace driftwood::fp_solver {

/// MPRK22 or backward Euler on the unsplit generator, by PETSc (decision 3).
class PatankarStepper : public Stepper {
 public:
  /// `second_order`: MPRK22, else backward Euler.
  PatankarStepper(Generator generator, bool second_order);
  StepResult step(const State& start, double dt, const fp::FrameMotion& motion, bool wants_error) override;

 private:
  /// x of (I - rates) x = b, where what an inexact solver lacks of the mass is put back in proportion.
  std::vector<double> solve(const fp::EdgeRates& rates, const std::vector<double>& b, StepResult& result);
  void add_absorbed(const fp::EdgeRates& rates, StepResult& result) const;

  Generator generator_;
  bool second_order_;
  PositiveSolver solver_;
};

}  // namespace driftwood::fp_solver
