#include "split_stepper.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

namespace driftwood::fp_solver {

namespace {

using Values = std::vector<double>;

/// The cells of row m of a rank's lanes that exist.
fp::CellRange row_of_lanes(const LaneExchange& lanes, long m, long n_cells) {
  const long first = m * lanes.offset() + lanes.first_lane();
  return {first, std::clamp(n_cells - first, 0L, lanes.width())};
}

}  // namespace

void SplitStepper::set_rates(const fp::DirectionFields::Direction& direction, Values weight, Values slope, Line& line) {
  const fp::Grid& grid = generator_.grid();
  fp::LineProblem& problem = line.problem;
  const bool keeps_weight = problem.flux != fp::FluxKind::chang_cooper;
  problem.backward = std::move(slope);
  if (keeps_weight) {
    problem.cell_weight = std::move(weight);
    problem.forward.resize(problem.cell_weight.size());
  } else {
    problem.forward = std::move(weight);
  }
  double* forward = problem.forward.data();
  double* backward = problem.backward.data();
  const double* of_cells = keeps_weight ? problem.cell_weight.data() : forward;
  if (!line.lanes) {
    const fp::CellRange owned = generator_.slabs().owned();
    fp::rates_from_fields(grid, direction.step, owned, direction.offset, of_cells, backward, forward, backward);
    return;
  }
  const long width = line.lanes->width();
  for (long m = 0; m < line.lanes->n_rows(); ++m) {
    const fp::CellRange row = row_of_lanes(*line.lanes, m, generator_.slabs().n_cells());
    const long at = m * width;
    fp::rates_from_fields(grid, direction.step, row, width, of_cells + at, backward + at, forward + at, backward + at);
  }
}

SplitStepper::Line SplitStepper::make_line(const fp::DirectionFields& fields,
                                           fp::DirectionFields::Direction& direction) {
  const Slabs& slabs = generator_.slabs();
  Line line;
  line.problem.offset = direction.offset;
  line.problem.flux = generator_.flux();
  if (generator_.has_exits()) {
    line.exit_sum.assign(fields.owned.count, 0.0);
    for (const fp::EdgeCoefficients::Exit& exit : direction.exits) {
      line.exits.push_back({exit.cell, exit.face, exit.weight * fp::bernoulli(exit.peclet).second});
      line.exit_sum[exit.cell - fields.owned.first] += line.exits.back().rate;
    }
    line.problem.exit_rate = line.exit_sum;
  }
  int axis = 0;
  while (direction.step[axis] == 0) ++axis;
  line.problem.block = axis == 0 ? 0 : fp::strides(generator_.grid())[axis - 1];
  Values slope = fields.slopes(direction);
  if (generator_.flux() == fp::FluxKind::fourth_order) line.problem.cell_drift = fields.drifts(direction);
  Values weight = std::move(direction.weight);
  line.problem.cell_excess = std::move(direction.excess);
  if (axis == 0 && slabs.communicator().size() > 1) {
    line.lanes = std::make_unique<LaneExchange>(slabs, direction.offset);
    const auto hand_over = [&](Values& values) {
      Values lanes;
      line.lanes->to_lanes(values, lanes, buffers_);
      values.swap(lanes);
    };
    hand_over(weight);
    hand_over(slope);
    if (generator_.flux() == fp::FluxKind::fourth_order) hand_over(line.problem.cell_drift);
    if (generator_.has_exits()) hand_over(line.problem.exit_rate);
    if (!line.problem.cell_excess.empty()) hand_over(line.problem.cell_excess);
    line.problem.offset = std::max(line.lanes->width(), 1L);
    line.problem.block = 0;
  }
  set_rates(direction, std::move(weight), std::move(slope), line);
  return line;
}

void SplitStepper::prepare(double time, const fp::Frame& frame, const fp::FrameMotion& motion) {
  const bool is_constant = generator_.is_constant(motion);
  if (is_constant && prepared_for_ && prepared_for_->centre == frame.centre && prepared_for_->scale == frame.scale)
    return;
  const auto begin = std::chrono::steady_clock::now();
  lines_.clear();
  fp::DirectionFields fields = generator_.direction_fields(time, frame, motion);
  for (fp::DirectionFields::Direction& direction : fields.directions) lines_.push_back(make_line(fields, direction));
  cell_peclet_ = std::move(fields.cell_peclet);
  added_diffusion_ = generator_.slabs().communicator().max(fields.added_diffusion);
  prepared_for_.reset();
  if (!is_constant) return;
  prepared_for_ = frame;
  setup_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void SplitStepper::sweep(const Line& line, double step, bool second_order, std::vector<double>& mass,
                         std::vector<double>* absorbed) {
  const bool has_exits = !line.problem.exit_rate.empty();
  std::vector<double> lost(has_exits ? line.problem.exit_rate.size() : 0, 0.0);
  const auto run = [&](std::span<double> cells) {
    second_order ? fp::second_order_sweep(line.problem, step, cells, lost)
                 : fp::euler_sweep(line.problem, step, cells, lost);
  };
  if (line.lanes) {
    line.lanes->to_lanes(mass, lanes_, buffers_);
    run(lanes_);
    line.lanes->to_slab(lanes_, mass, buffers_);
  } else {
    run(mass);
  }
  if (!absorbed || line.exit_sum.empty()) return;
  std::vector<double> of_slab(mass.size());
  line.lanes ? line.lanes->to_slab(lost, of_slab, buffers_) : lost.swap(of_slab);
  const long first = generator_.slabs().owned().first;
  for (const fp::EdgeRates::Exit& exit : line.exits)
    (*absorbed)[exit.face] += of_slab[exit.cell - first] * (exit.rate / line.exit_sum[exit.cell - first]);
}

StepResult SplitStepper::step(const State& start, double dt, const fp::FrameMotion& motion, bool wants_error) {
  const mpi::Communicator& communicator = generator_.slabs().communicator();
  prepare(start.time + dt / 2, fp::moved(start.frame, motion, dt / 2), motion);
  StepResult result;
  result.state = start;
  result.state.time += dt;
  result.state.frame = fp::moved(start.frame, motion, dt);
  std::vector<double>& mass = result.state.mass;
  std::vector<double> absorbed(start.absorbed.size(), 0.0);
  if (!lines_.empty()) {
    for (std::size_t at = 0; at + 1 < lines_.size(); ++at) sweep(lines_[at], dt / 2, true, mass, &absorbed);
    sweep(lines_.back(), dt, true, mass, &absorbed);
    for (std::size_t at = lines_.size() - 1; at-- > 0;) sweep(lines_[at], dt / 2, true, mass, &absorbed);
  }
  communicator.sum(absorbed);
  for (std::size_t face = 0; face < absorbed.size(); ++face) result.state.absorbed[face] += absorbed[face];
  if (wants_error) {
    std::vector<double> first_order = start.mass;
    for (const Line& line : lines_) sweep(line, dt, false, first_order, nullptr);
    const long origin = generator_.slabs().owned().first;
    result.error = generator_.slabs().sum_over_layers(1, [&](fp::CellRange layer) {
      double sum = 0;
      for (long i = layer.first - origin; i < layer.last() - origin; ++i) sum += std::abs(mass[i] - first_order[i]);
      return std::vector<double>{sum};
    })[0];
  }
  result.peclet = peclet_where_dense(communicator, cell_peclet_, mass);
  result.added_diffusion = added_diffusion_;
  return result;
}

}  // namespace driftwood::fp_solver
