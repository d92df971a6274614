#include "split_stepper.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace driftwood::fp_solver {

namespace {

/// The part of an edge array that belongs to the edges from the owned cells.
std::vector<double> from_owned(const std::vector<double>& edge_values, long offset) {
  return {edge_values.begin() + offset, edge_values.end()};
}

}  // namespace

SplitStepper::Line SplitStepper::make_line(const fp::EdgeCoefficients& edges, std::size_t at) const {
  const fp::EdgeCoefficients::Direction& direction = edges.directions[at];
  const Slabs& slabs = generator_.slabs();
  const fp::FluxKind flux = generator_.flux();
  const long s = direction.offset;
  Line line;
  fp::LineProblem& problem = line.problem;
  problem.offset = s;
  problem.flux = flux;
  const std::vector<double> weight = from_owned(direction.weight, s);
  const std::vector<double> peclet = from_owned(direction.peclet, s);
  problem.forward.resize(weight.size());
  problem.backward.resize(weight.size());
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (!(weight[i] > 0)) continue;
    const auto [at_peclet, at_minus_peclet] = fp::bernoulli(peclet[i]);
    problem.forward[i] = weight[i] * at_minus_peclet;
    problem.backward[i] = weight[i] * at_peclet;
  }
  if (flux != fp::FluxKind::chang_cooper) {
    const auto first = direction.cell_weight.begin() + (edges.owned.first - edges.cells.first);
    problem.cell_weight.assign(first, first + edges.owned.count);
    const auto drift = direction.cell_drift.begin() + (edges.owned.first - edges.cells.first);
    problem.cell_drift.assign(drift, drift + edges.owned.count);
  }
  if (!edges.exits.empty()) {
    line.exit_sum.assign(edges.owned.count, 0.0);
    for (const fp::EdgeCoefficients::Exit& exit : edges.exits[at]) {
      line.exits.push_back({exit.cell, exit.face, exit.weight * fp::bernoulli(exit.peclet).second});
      line.exit_sum[exit.cell - edges.owned.first] += line.exits.back().rate;
    }
    problem.exit_rate = line.exit_sum;
  }
  const bool crosses_slabs = direction.step[0] != 0;
  int axis = 0;
  while (direction.step[axis] == 0) ++axis;
  problem.block = axis == 0 ? 0 : fp::strides(generator_.grid())[axis - 1];
  if (!crosses_slabs || slabs.communicator().size() == 1) return line;
  line.lanes = std::make_unique<LaneExchange>(slabs, s);
  for (std::vector<double>* values :
       {&problem.forward, &problem.backward, &problem.cell_weight, &problem.cell_drift, &problem.exit_rate}) {
    // Empty on every rank, or (a rank without cells) on this one only: what is used follows from flux and walls.
    const bool is_used = values == &problem.forward || values == &problem.backward ||
                         (flux != fp::FluxKind::chang_cooper && values == &problem.cell_weight) ||
                         (flux == fp::FluxKind::fourth_order && values == &problem.cell_drift) ||
                         (!edges.exits.empty() && values == &problem.exit_rate);
    if (is_used) *values = line.lanes->to_lanes(*values);
  }
  problem.offset = std::max(line.lanes->width(), 1L);
  problem.block = 0;
  return line;
}

void SplitStepper::prepare(double time, const fp::Frame& frame, const fp::FrameMotion& motion) {
  const bool is_constant = generator_.is_constant(motion);
  if (is_constant && prepared_for_ && prepared_for_->centre == frame.centre && prepared_for_->scale == frame.scale)
    return;
  lines_.clear();
  fp::EdgeCoefficients edges = generator_.edges(time, frame, motion);
  for (std::size_t at = 0; at < edges.directions.size(); ++at) {
    lines_.push_back(make_line(edges, at));
    edges.directions[at] = {};
  }
  cell_peclet_ = std::move(edges.cell_peclet);
  added_diffusion_ = generator_.slabs().communicator().max(edges.added_diffusion);
  prepared_for_.reset();
  if (is_constant) prepared_for_ = frame;
}

void SplitStepper::sweep(const Line& line, double step, bool second_order, std::vector<double>& mass,
                         std::vector<double>* absorbed) const {
  const bool has_exits = !line.problem.exit_rate.empty();
  std::vector<double> lost(has_exits ? line.problem.exit_rate.size() : 0, 0.0);
  const auto run = [&](std::span<double> cells) {
    second_order ? fp::second_order_sweep(line.problem, step, cells, lost)
                 : fp::euler_sweep(line.problem, step, cells, lost);
  };
  if (line.lanes) {
    std::vector<double> lanes = line.lanes->to_lanes(mass);
    run(lanes);
    line.lanes->to_slab(lanes, mass);
  } else {
    run(mass);
  }
  if (!absorbed || line.exit_sum.empty()) return;
  std::vector<double> of_slab(mass.size());
  line.lanes ? line.lanes->to_slab(lost, of_slab) : lost.swap(of_slab);
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
