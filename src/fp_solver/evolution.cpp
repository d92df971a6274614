#include "evolution.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numbers>
#include <span>
#include <utility>

#include "driftwood/fp/remap.hpp"
#include "driftwood/fp/sums.hpp"
#include "driftwood/fp/support.hpp"
#include "linear_stepper.hpp"
#include "patankar_stepper.hpp"
#include "split_stepper.hpp"

namespace driftwood::fp_solver {

namespace {

/// Where the support of a normal density ends, in standard deviations: beyond lies a probability of `tail`.
double normal_support(double tail) {
  double low = 0;
  double high = 40;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::numbers::sqrt2) / 2 > tail ? low : high) = middle;
  }
  return high;
}

double sum_of_values(std::span<const double> values) {
  return fp::pairwise_sum(values);
}

}  // namespace

std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}

Evolution::Evolution(const fp::Coefficients& coefficients, const fp::InitialDensity& initial, double start_time,
                     const SolveOptions& options, const mpi::Communicator& communicator)
    : options_(options),
      communicator_(communicator),
      grid_{options.cells, options.z_max, options.stretching},
      slabs_(grid_, communicator),
      generator_(coefficients, grid_, slabs_, options.flux, options.walls),
      stepper_(make_stepper()) {
  const fp::CellRange owned = slabs_.owned();
  state_.time = start_time;
  state_.frame = initial_frame(initial);
  state_.absorbed.assign(2 * grid_.dimension(), 0.0);
  const std::vector<double> masses = fp::discretised_masses(initial, grid_, state_.frame, cell_value());
  state_.mass.assign(masses.begin() + owned.first, masses.begin() + owned.last());
  layers_ = layers_of_mass(state_.mass);
}

std::unique_ptr<Stepper> Evolution::make_stepper() const {
  switch (options_.time_scheme) {
    case TimeScheme::strang:
      return std::make_unique<SplitStepper>(generator_);
    case TimeScheme::modified_patankar:
      return std::make_unique<PatankarStepper>(generator_, true);
    case TimeScheme::backward_euler:
      return std::make_unique<PatankarStepper>(generator_, false);
    default:
      return std::make_unique<LinearStepper>(generator_, options_.time_scheme);
  }
}

fp::Frame Evolution::initial_frame(const fp::InitialDensity& initial) const {
  const int d = grid_.dimension();
  fp::Frame frame{Eigen::VectorXd(d), Eigen::MatrixXd::Zero(d, d)};
  if (options_.has_physical_walls()) {
    for (int k = 0; k < d; ++k) {
      frame.centre[k] = (options_.low[k] + options_.high[k]) / 2;
      frame.scale(k, k) = (options_.high[k] - options_.low[k]) / (2 * options_.z_max);
    }
    return frame;
  }
  const Eigen::VectorXd mean = initial.mean();
  const Eigen::MatrixXd covariance = initial.covariance();
  frame.centre = mean;
  if (options_.frame == fp::FrameKind::full)
    frame.scale = Eigen::LLT<Eigen::MatrixXd>(covariance).matrixL();
  else
    frame.scale.diagonal() = covariance.diagonal().cwiseSqrt();
  if (follows_width()) frame.scale *= normal_support(options_.support_tail) / (box_fill_wanted * options_.z_max);
  return frame;
}

std::vector<double> Evolution::layers_of_mass(const std::vector<double>& mass) const {
  std::vector<double> parts = fp::layer_masses(grid_, slabs_.owned(), mass);
  communicator_.sum(parts);
  return fp::joined(parts);
}

fp::MomentRates Evolution::moments() const {
  const int d = grid_.dimension();
  const fp::CellRange owned = slabs_.owned();
  const std::span<const double> mass(state_.mass);
  const long layer = slabs_.layer_cells();
  const long at_once = std::max(1L, 4096 / layer) * layer;  // the coefficients of all cells would need much memory
  bool is_good = true;
  fp::CellCoefficients physical;
  std::vector<double> rows;
  for (long first = owned.first; first < owned.last(); first += at_once) {
    const fp::CellRange range{first, std::min(at_once, owned.last() - first)};
    is_good = generator_.evaluate(state_.time, state_.frame, range, physical) && is_good;
    const std::vector<double> more =
        fp::MotionSums::of(grid_, state_.frame, range, mass.subspan(first - owned.first, range.count), physical.drift,
                           physical.diffusion, state_.frame.centre, layer);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  const std::vector<double> sums = slabs_.summed(rows, fp::MotionSums::size(d));
  generator_.require_good(is_good, state_.time);
  return fp::moment_rates(sums, d);
}

fp::FrameMotion Evolution::motion() const {
  if (options_.frame != fp::FrameKind::fixed) return fp::frame_motion(options_.frame, state_.frame, moments());
  const int d = grid_.dimension();
  return {Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Zero(d, d)};
}

std::vector<double> Evolution::anomalous_dimension() const {
  const fp::MomentRates rates = moments();
  return {rates.log_width_rate.begin(), rates.log_width_rate.end()};
}

void Evolution::accept(StepResult&& result, std::vector<double>&& layers) {
  state_ = std::move(result.state);
  layers_ = std::move(layers);
  stepper_->accept(true);
  ++report_.n_steps;
  if (result.was_redone) ++report_.n_redone;
  const bool is_first_order = options_.time_scheme == TimeScheme::backward_euler;
  report_.time_step_error += is_first_order ? result.error : std::pow(result.error, 1.5);
  report_.max_cell_peclet = std::max(report_.max_cell_peclet, result.peclet);
  report_.max_added_diffusion = std::max(report_.max_added_diffusion, result.added_diffusion);
  const double total = sum_of_values(fp::layers_of(grid_, layers_, 0)) + sum_of_values(state_.absorbed);
  report_.max_mass_error = std::max({report_.max_mass_error, result.mass_defect, std::abs(total - 1)});
  const auto [least, most] = fp::range_of(state_.mass);
  report_.min_density = std::min(report_.min_density, communicator_.min(least) / communicator_.max(most));
  if (!options_.has_physical_walls())
    for (int k = 0; k < grid_.dimension(); ++k) {
      const auto axis = fp::axis_support(grid_, k, fp::layers_of(grid_, layers_, k), options_.support_tail);
      report_.max_wall_mass = std::max(report_.max_wall_mass, axis.wall_mass);
    }
  require_resolution();
}

double Evolution::motion_limit(const fp::FrameMotion& motion) const {
  const auto S = state_.frame.scale.triangularView<Eigen::Lower>();
  const double shift = S.solve(motion.centre_rate).cwiseAbs().maxCoeff();
  const double growth_rate = S.solve(motion.scale_rate).cwiseAbs().maxCoeff();
  const double rate = std::max(shift, 4 * growth_rate);
  return rate > 0 ? 1 / rate : std::numeric_limits<double>::infinity();
}

double Evolution::next_step(double end, const fp::FrameMotion& motion) const {
  const double left = end - state_.time;
  double wanted = options_.tolerance > 0 ? next_step_ : options_.max_step;
  if (options_.max_step > 0) wanted = wanted > 0 ? std::min(wanted, options_.max_step) : options_.max_step;
  if (wanted <= 0) wanted = std::min(left, 1e-2 * motion_limit(motion));
  const double dt = std::min({wanted, motion_limit(motion), longest_step_});
  // Equal steps to the end rather than a tiny last one.
  return left / std::max(1.0, std::ceil(left / dt * (1 - 1e-10)));
}

void Evolution::advance_to(double end, const std::function<void()>& after_step) {
  const double shortest = 1e-13 * std::max(std::abs(end), std::abs(end - state_.time));
  const double tolerance = options_.tolerance;
  while (state_.time < end) {
    fit_box();
    const fp::FrameMotion frame_motion = motion();
    const double left = end - state_.time;
    const double dt = next_step(end, frame_motion);
    StepResult next = stepper_->step(state_, dt, frame_motion, tolerance > 0);
    report_.n_linear_iterations += next.n_linear_iterations;
    std::vector<double> next_layers = layers_of_mass(next.state.mass);
    if (wall_is_reached(next_layers)) {
      ++report_.n_rejected;
      if (!widen_walls(next_layers)) longest_step_ = dt / 2;
      if (longest_step_ < shortest)
        throw SolveFailure{SolveStatus::wall_reached,
                           "at t = " + text(state_.time) + " no time step keeps the density off a wall"};
      continue;
    }
    const double factor = std::clamp(0.9 * std::sqrt(tolerance / std::max(next.error, 1e-300)), 0.25, 2.5);
    if (tolerance > 0 && next.error > 1.2 * tolerance) {
      ++report_.n_rejected;
      next_step_ = dt * std::min(factor, 0.8);
      if (next_step_ < shortest)
        throw SolveFailure{SolveStatus::not_converged,
                           "at t = " + text(state_.time) + " no time step is short enough for fokker_planck.tolerance"};
      continue;
    }
    const double wanted = next_step_;
    accept(std::move(next), std::move(next_layers));
    longest_step_ *= 2;
    if (left - dt <= shortest) state_.time = end;
    if (tolerance > 0) next_step_ = std::max(dt * factor, factor >= 1 ? wanted : 0.0);
    if (state_.time < end) after_step();
  }
  longest_step_ = std::numeric_limits<double>::infinity();
}

std::vector<double> Evolution::owned_part(const std::vector<double>& whole) const {
  const fp::CellRange owned = slabs_.owned();
  return {whole.begin() + owned.first, whole.begin() + owned.last()};
}

SolveReport Evolution::report() const {
  SolveReport report = report_;
  report.setup_seconds = stepper_->setup_seconds();
  return report;
}

fp::Density Evolution::density() const {
  fp::Density density =
      fp::density_from_masses(state_.time, grid_, state_.frame, communicator_.all_gather(state_.mass));
  density.value = cell_value();
  return density;
}

}  // namespace driftwood::fp_solver
