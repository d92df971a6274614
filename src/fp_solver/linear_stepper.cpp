#include "linear_stepper.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace driftwood::fp_solver {

namespace {

/// Below minus this part of the maximum a step is redone.
constexpr double most_negative = 1e-12;
/// So many steps of Crank-Nicolson are two backward Euler half steps each, which damp what a rough start holds
/// (Rannacher 1984).
constexpr int n_start_steps = 2;
/// Of SDIRK2: L-stable, second order (Alexander 1977).
constexpr double sdirk_gamma = 1 - 1 / std::numbers::sqrt2;

double sum_of_values(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

LinearStepper::LinearStepper(Generator generator, TimeScheme scheme)
    : generator_(std::move(generator)),
      scheme_(scheme),
      solver_(generator_.slabs()),
      halo_(generator_.grid(), generator_.slabs().owned(), generator_.slabs().communicator()),
      positive_(generator_, true) {}

fp::EdgeRates LinearStepper::rates(double time, const fp::Frame& frame, const fp::FrameMotion& motion) {
  return fp::edge_rates(generator_.grid(), *generator_.kept_edges(time, frame, motion), fp::FluxKind::chang_cooper, {},
                        {});
}

LinearStepper::Values LinearStepper::solve(const fp::EdgeRates& rates, double step, const Values& b,
                                           const Values& sum_like, StepResult& result) {
  LinearSolver::Solution solution = solver_.solve(rates, step, b, sum_like);
  result.n_linear_iterations += solution.n_iterations;
  if (!solution.failure.empty())
    throw SolveFailure{SolveStatus::not_converged, "at t = " + text(result.state.time) + ": " + solution.failure};
  if (rates.exits.empty()) {
    Values sums{sum_of_values(sum_like), sum_of_values(solution.x)};
    generator_.slabs().communicator().sum(sums);
    result.mass_defect = std::max(result.mass_defect, std::abs(sums[1] - sums[0]));
    for (double& value : solution.x) value *= sums[0] / sums[1];
  }
  return std::move(solution.x);
}

LinearStepper::Values LinearStepper::crank_nicolson(const State& start, double dt, const fp::FrameMotion& motion,
                                                    StepResult& result) {
  if (memory_.n_steps < n_start_steps) {
    const double half = dt / 2;
    const Values middle = solve(rates(start.time + half, fp::moved(start.frame, motion, half), motion), half,
                                start.mass, start.mass, result);
    return solve(rates(start.time + dt, result.state.frame, motion), half, middle, middle, result);
  }
  const fp::EdgeRates before = rates(start.time, start.frame, motion);
  Values b = fp::rate_of_change(before, halo_.extended(start.mass), halo_.range());
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = start.mass[i] + dt / 2 * b[i];
  return solve(rates(start.time + dt, result.state.frame, motion), dt / 2, b, start.mass, result);
}

LinearStepper::Values LinearStepper::sdirk2(const State& start, double dt, const fp::FrameMotion& motion,
                                            StepResult& result) {
  const double part = sdirk_gamma * dt;
  const Values stage = solve(rates(start.time + part, fp::moved(start.frame, motion, part), motion), part, start.mass,
                             start.mass, result);
  Values b(stage.size());
  for (std::size_t i = 0; i < b.size(); ++i)
    b[i] = start.mass[i] + (1 - sdirk_gamma) / sdirk_gamma * (stage[i] - start.mass[i]);
  return solve(rates(start.time + dt, result.state.frame, motion), part, b, start.mass, result);
}

LinearStepper::Values LinearStepper::bdf2(const State& start, double dt, const fp::FrameMotion& motion,
                                          StepResult& result) {
  // A frame's velocity jumps from step to step, and with it what a formula of two steps relies on: measured, BDF2 falls
  // to first order there (share/doc/verification.md).
  if (memory_.before_step <= 0 || !motion.is_at_rest()) return sdirk2(start, dt, motion, result);
  const double ratio = dt / memory_.before_step;
  const double leading = (1 + 2 * ratio) / (1 + ratio);
  Values b(start.mass.size());
  for (std::size_t i = 0; i < b.size(); ++i)
    b[i] = ((1 + ratio) * start.mass[i] - ratio * ratio / (1 + ratio) * memory_.before[i]) / leading;
  return solve(rates(start.time + dt, result.state.frame, motion), dt / leading, b, start.mass, result);
}

bool LinearStepper::is_positive(const Values& mass) const {
  const mpi::Communicator& communicator = generator_.slabs().communicator();
  const double least = communicator.min(mass.empty() ? 0.0 : *std::min_element(mass.begin(), mass.end()));
  const double most = communicator.max(mass.empty() ? 0.0 : *std::max_element(mass.begin(), mass.end()));
  return least >= -most_negative * most;
}

/// What is gone, shared among the faces as the mean of the currents at both ends is.
void LinearStepper::add_absorbed(const State& start, double dt, const fp::FrameMotion& motion, StepResult& result) {
  const fp::EdgeRates at_start = rates(start.time, start.frame, motion);
  if (at_start.exits.empty()) return;
  const fp::EdgeRates at_end = rates(start.time + dt, result.state.frame, motion);
  const std::size_t n_faces = start.absorbed.size();
  Values sums(n_faces + 2, 0.0);
  const auto add = [&](const fp::EdgeRates& part, const Values& mass) {
    for (const auto& exits : part.exits)
      for (const fp::EdgeRates::Exit& exit : exits) sums[exit.face] += exit.rate * mass[exit.cell - part.owned.first];
  };
  add(at_start, start.mass);
  add(at_end, result.state.mass);
  sums[n_faces] = sum_of_values(start.mass);
  sums[n_faces + 1] = sum_of_values(result.state.mass);
  generator_.slabs().communicator().sum(sums);
  const double total = std::accumulate(sums.begin(), sums.begin() + static_cast<long>(n_faces), 0.0);
  if (!(total > 0)) return;
  for (std::size_t face = 0; face < n_faces; ++face)
    result.state.absorbed[face] += (sums[n_faces] - sums[n_faces + 1]) * sums[face] / total;
}

StepResult LinearStepper::step(const State& start, double dt, const fp::FrameMotion& motion, bool wants_error) {
  const mpi::Communicator& communicator = generator_.slabs().communicator();
  tried_from_ = start.mass;
  tried_step_ = dt;
  StepResult result;
  result.state = start;
  result.state.time += dt;
  result.state.frame = fp::moved(start.frame, motion, dt);
  result.state.mass = scheme_ == TimeScheme::crank_nicolson ? crank_nicolson(start, dt, motion, result)
                      : scheme_ == TimeScheme::bdf2         ? bdf2(start, dt, motion, result)
                                                            : sdirk2(start, dt, motion, result);
  if (!is_positive(result.state.mass)) {
    const long n_iterations = result.n_linear_iterations;
    result = positive_.step(start, dt, motion, wants_error);
    result.n_linear_iterations += n_iterations;
    result.was_redone = true;
    return result;
  }
  add_absorbed(start, dt, motion, result);
  const auto edges = generator_.kept_edges(result.state.time, result.state.frame, motion);
  if (wants_error) {
    StepResult discarded = result;
    const Values first_order =
        solve(rates(result.state.time, result.state.frame, motion), dt, start.mass, start.mass, discarded);
    result.n_linear_iterations = discarded.n_linear_iterations;
    Values error{0.0};
    for (std::size_t i = 0; i < first_order.size(); ++i) error[0] += std::abs(result.state.mass[i] - first_order[i]);
    communicator.sum(error);
    result.error = error[0];
  }
  result.peclet = peclet_where_dense(communicator, edges->cell_peclet, result.state.mass);
  result.added_diffusion = communicator.max(edges->added_diffusion);
  return result;
}

void LinearStepper::accept(bool continues) {
  memory_.before = continues ? std::move(tried_from_) : Values{};
  memory_.before_step = continues ? tried_step_ : 0;
  memory_.n_steps = continues ? memory_.n_steps + 1 : 0;
}

}  // namespace driftwood::fp_solver
