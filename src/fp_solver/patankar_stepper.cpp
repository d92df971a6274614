#include "patankar_stepper.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace driftwood::fp_solver {

namespace {

double lost_through_exits(const fp::EdgeRates& rates, const std::vector<double>& x) {
  double lost = 0;
  for (const auto& exits : rates.exits)
    for (const fp::EdgeRates::Exit& exit : exits) lost += exit.rate * x[exit.cell - rates.owned.first];
  return lost;
}

}  // namespace

PatankarStepper::PatankarStepper(Generator generator, bool second_order)
    : generator_(std::move(generator)),
      second_order_(second_order),
      solver_(generator_.grid(), generator_.slabs().owned(), generator_.slabs().communicator()) {}

std::vector<double> PatankarStepper::solve(const fp::EdgeRates& rates, const std::vector<double>& b,
                                           StepResult& result) {
  PositiveSolver::Solution solution = solver_.solve(rates, b);
  result.n_linear_iterations += solution.n_iterations;
  if (!solution.failure.empty())
    throw SolveFailure{SolveStatus::not_converged, "at t = " + text(result.state.time) + ": " + solution.failure};
  std::vector<double> sums{
      std::accumulate(b.begin(), b.end(), 0.0),
      std::accumulate(solution.x.begin(), solution.x.end(), 0.0) + lost_through_exits(rates, solution.x)};
  generator_.slabs().communicator().sum(sums);
  result.mass_defect = std::max(result.mass_defect, std::abs(sums[1] - sums[0]));
  for (double& value : solution.x) value *= sums[0] / sums[1];
  return std::move(solution.x);
}

void PatankarStepper::add_absorbed(const fp::EdgeRates& rates, StepResult& result) const {
  if (rates.exits.empty()) return;
  std::vector<double> absorbed(result.state.absorbed.size(), 0.0);
  for (const auto& exits : rates.exits)
    for (const fp::EdgeRates::Exit& exit : exits)
      absorbed[exit.face] += exit.rate * result.state.mass[exit.cell - rates.owned.first];
  generator_.slabs().communicator().sum(absorbed);
  for (std::size_t face = 0; face < absorbed.size(); ++face) result.state.absorbed[face] += absorbed[face];
}

// MPRK22 with rates that depend on time (decision 3): q1 is the backward Euler solution; the matrix of q2 has the mean
// of the rates at both ends, those at the start weighted with the Patankar ratio q0 / q1 of the cell they leave.
StepResult PatankarStepper::step(const State& start, double dt, const fp::FrameMotion& motion, bool wants_error) {
  const fp::Grid& grid = generator_.grid();
  const mpi::Communicator& communicator = generator_.slabs().communicator();
  StepResult result;
  result.state = start;
  result.state.time += dt;
  result.state.frame = fp::moved(start.frame, motion, dt);
  const auto edges1 = generator_.kept_edges(result.state.time, result.state.frame, motion);
  const fp::CellRange range = solver_.halo().range();
  const auto rates_of = [&](const fp::EdgeCoefficients& edges, const std::vector<double>& mass_around) {
    return fp::edge_rates(grid, edges, generator_.flux(), mass_around, range);
  };
  const std::vector<double> around0 = solver_.halo().extended(start.mass);
  const fp::EdgeRates first_rates1 = rates_of(*edges1, around0);
  const fp::ScaledRates implicit{&first_rates1, dt, {}, {}};
  fp::EdgeRates rates = fp::sum_of({&implicit, 1});
  std::vector<double> first_order = solve(rates, start.mass, result);
  if (second_order_ || wants_error) {
    const fp::EdgeRates rates0 = rates_of(*generator_.kept_edges(start.time, start.frame, motion), around0);
    std::vector<double> ratio(start.mass.size());
    for (std::size_t i = 0; i < ratio.size(); ++i)
      ratio[i] = first_order[i] > 0 ? std::min(start.mass[i] / first_order[i], 1e6) : 1.0;
    const std::vector<double> ratio_around = solver_.halo().extended(ratio);
    const fp::EdgeRates rates1 = rates_of(*edges1, solver_.halo().extended(first_order));
    const fp::ScaledRates halves[] = {{&rates0, dt / 2, ratio_around, range}, {&rates1, dt / 2, {}, {}}};
    fp::EdgeRates mean = fp::sum_of(halves);
    std::vector<double> second_order = solve(mean, start.mass, result);
    std::vector<double> error{0.0};
    for (std::size_t i = 0; i < ratio.size(); ++i) error[0] += std::abs(second_order[i] - first_order[i]);
    communicator.sum(error);
    result.error = error[0];
    if (second_order_) {
      first_order = std::move(second_order);
      rates = std::move(mean);
    }
  }
  result.state.mass = std::move(first_order);
  add_absorbed(rates, result);
  result.peclet = peclet_where_dense(communicator, edges1->cell_peclet, result.state.mass);
  result.added_diffusion = communicator.max(edges1->added_diffusion);
  return result;
}

}  // namespace driftwood::fp_solver
