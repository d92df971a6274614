#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "driftwood/fp/line_sweep.hpp"
#include "generator.hpp"
#include "lane_exchange.hpp"
#include "stepper.hpp"

namespace driftwood::fp_solver {

/// Strang splitting into lattice directions (TimeScheme::strang): half a step along each in turn, a whole one along the
/// last, and back; every line of every direction by fp::second_order_sweep with the rates of the middle of the step. Of
/// second order, positive, and conservative to round-off at any step, without a linear solver; well balanced, as every
/// direction is. The bits of the result do not depend on the number of ranks.
class SplitStepper : public Stepper {
 public:
  explicit SplitStepper(Generator generator) : generator_(std::move(generator)) {}
  StepResult step(const State& start, double dt, const fp::FrameMotion& motion, bool wants_error) override;
  double setup_seconds() const override { return setup_seconds_; }

 private:
  /// One direction, on this rank's slab or (where lines cross slabs) lanes.
  struct Line {
    fp::LineProblem problem;
    std::unique_ptr<LaneExchange> lanes;  ///< none: on the slab
    std::vector<fp::EdgeRates::Exit> exits;
    std::vector<double> exit_sum;  ///< over the faces of a cell, per owned cell; empty without exits
  };

  void prepare(double time, const fp::Frame& frame, const fp::FrameMotion& motion);
  /// Takes the direction's weights.
  Line make_line(const fp::DirectionFields& fields, fp::DirectionFields::Direction& direction);
  /// The line's rates from its cells' weights and slopes.
  void set_rates(const fp::DirectionFields::Direction& direction, std::vector<double> weight, std::vector<double> slope,
                 Line& line);
  void sweep(const Line& line, double step, bool second_order, std::vector<double>& mass,
             std::vector<double>* absorbed);

  Generator generator_;
  std::vector<Line> lines_;
  std::vector<double> lanes_;  ///< the masses on their way
  LaneExchange::Buffers buffers_;
  std::vector<double> cell_peclet_;
  double added_diffusion_ = 0;
  double setup_seconds_ = 0;
  std::optional<fp::Frame> prepared_for_;  ///< the frame, if the lines stay as they are while it does not change
};

}  // namespace driftwood::fp_solver
