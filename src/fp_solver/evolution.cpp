#include "evolution.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <span>

#include "driftwood/core/packed.hpp"
#include "driftwood/fp/remap.hpp"

namespace driftwood::fp_solver {

namespace {

/// The support leaves this much mass outside on either side: a minority of 1e-3 is well within it.
constexpr double support_tail = 1e-10;
/// The part of the box that the support fills after a remap, and the parts at which the box is remapped.
constexpr double fill_wanted = 0.72;
constexpr double fill_most = 0.93;
constexpr double fill_least = 0.45;
/// Where the support reaches beyond this part of the box, a wall is near: the box makes room. Elsewhere a density that
/// reaches a wall within a step went there too fast: the step is shortened.
constexpr double near_wall = 0.8;
/// A box that holds the support already and still is too small grows by this.
constexpr double growth = 1.4;
/// Fewer occupied cells than this (0.7 standard deviations of a normal density a cell) cannot show a density.
constexpr double fewest_cells = 2.5;
/// Where the support of a normal density ends, in standard deviations.
const double normal_support = 6.3613;

std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}

double sum_of_values(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

Evolution::Evolution(const fp::Coefficients& coefficients, const fp::InitialDensity& initial, double start_time,
                     const SolveOptions& options, const mpi::Communicator& communicator)
    : coefficients_(coefficients),
      options_(options),
      communicator_(communicator),
      grid_{options.cells, options.z_max},
      owned_([&] {
        const mpi::Share share = mpi::share_of(grid_.n_cells(), communicator.rank(), communicator.size());
        return fp::CellRange{share.first, share.count};
      }()),
      solver_(grid_, owned_, communicator),
      time_(start_time),
      frame_(initial_frame(initial)) {
  const fp::Density start = fp::discretise(initial, grid_, frame_, start_time);
  const double volume = start.cell_volume();
  for (long cell = owned_.first; cell < owned_.last(); ++cell) mass_.push_back(start.p[cell] * volume);
  layers_ = layers_of_mass(mass_);
  physical_ = evaluate(time_, frame_);
}

fp::Frame Evolution::initial_frame(const fp::InitialDensity& initial) const {
  const int d = grid_.dimension();
  const Eigen::VectorXd mean = initial.mean();
  const Eigen::MatrixXd covariance = initial.covariance();
  fp::Frame frame{Eigen::VectorXd(d), Eigen::MatrixXd::Zero(d, d)};
  const double widening =
      options_.frame == fp::FrameKind::diagonal ? normal_support / (fill_wanted * options_.z_max) : 1.0;
  for (int k = 0; k < d; ++k) {
    frame.centre[k] = mean[k];
    frame.scale(k, k) = widening * std::sqrt(covariance(k, k));
  }
  return frame;
}

Evolution::Physical Evolution::evaluate(double time, const fp::Frame& frame) const {
  const int d = grid_.dimension();
  Physical physical;
  physical.range = owned_.count > 0 ? fp::with_halo(grid_, owned_) : owned_;
  const std::vector<double> w = fp::cell_centres(grid_, frame, physical.range);
  physical.drift.resize(w.size());
  physical.diffusion.resize(static_cast<std::size_t>(physical.range.count) * packed_size(d));
  coefficients_.evaluate(time, w, physical.drift, physical.diffusion);
  const auto finite = [](double x) { return std::isfinite(x); };
  bool good = std::all_of(physical.drift.begin(), physical.drift.end(), finite) &&
              std::all_of(physical.diffusion.begin(), physical.diffusion.end(), finite);
  for (long i = 0; i < physical.range.count && good; ++i)
    for (int k = 0; k < d; ++k) good = good && physical.diffusion[i * packed_size(d) + packed_index(d, k, k)] >= 0;
  if (!communicator_.all(good))
    throw SolveFailure{SolveStatus::bad_coefficients,
                       "at t = " + text(time) + " a drift is not finite, or a diffusion is not finite or negative"};
  return physical;
}

std::vector<double> Evolution::layers_of_mass(const std::vector<double>& mass) const {
  std::vector<double> layers = fp::layer_masses(grid_, owned_, mass);
  communicator_.sum(layers);
  return layers;
}

fp::MomentRates Evolution::moments() const {
  const int d = grid_.dimension();
  const auto skipped = static_cast<std::size_t>(owned_.first - physical_.range.first);
  std::vector<double> sums =
      fp::MotionSums::of(grid_, frame_, owned_, mass_, std::span(physical_.drift).subspan(skipped * d),
                         std::span(physical_.diffusion).subspan(skipped * packed_size(d)), frame_.centre);
  communicator_.sum(sums);
  return fp::moment_rates(sums, d);
}

std::vector<double> Evolution::anomalous_dimension() const {
  const fp::MomentRates rates = moments();
  return {rates.log_width_rate.begin(), rates.log_width_rate.end()};
}

std::vector<double> Evolution::solve(const fp::EdgeRates& rates, const std::vector<double>& b, double& mass_defect) {
  PositiveSolver::Solution solution = solver_.solve(rates, b);
  report_.n_linear_iterations += solution.n_iterations;
  if (!solution.failure.empty())
    throw SolveFailure{SolveStatus::not_converged, "at t = " + text(time_) + ": " + solution.failure};
  // What a solver that is not exact leaves of the mass is reported, and put back in proportion to the density.
  std::vector<double> sums{sum_of_values(b), sum_of_values(solution.x)};
  communicator_.sum(sums);
  mass_defect = std::max(mass_defect, std::abs(sums[1] - sums[0]));
  for (double& value : solution.x) value *= sums[0] / sums[1];
  return std::move(solution.x);
}

double Evolution::peclet_where_dense(const std::vector<double>& cell_peclet, const std::vector<double>& mass) const {
  const double most = communicator_.max(mass.empty() ? 0.0 : *std::max_element(mass.begin(), mass.end()));
  double peclet = 0;
  for (std::size_t i = 0; i < mass.size(); ++i)
    if (mass[i] > 1e-6 * most) peclet = std::max(peclet, cell_peclet[i]);
  return communicator_.max(peclet);
}

// MPRK22 with rates that depend on time (decision 3): q1 is the backward Euler solution; the matrix of q2 has the mean
// of the rates at both ends, those at the start weighted with the Patankar ratio q0 / q1 of the cell they leave.
Evolution::Attempt Evolution::attempt(double dt, const fp::FrameMotion& motion) {
  Attempt result;
  result.frame = fp::moved(frame_, motion, dt);
  result.physical = evaluate(time_ + dt, result.frame);
  const auto edges_of = [&](Physical coefficients, const fp::Frame& frame) {
    fp::to_frame(grid_, frame, motion, coefficients);
    return fp::edge_coefficients(grid_, owned_, coefficients);
  };
  const fp::CellRange range = solver_.halo().range();
  const auto rates_of = [&](const fp::EdgeCoefficients& edges, const std::vector<double>& mass_around) {
    return fp::edge_rates(grid_, edges, options_.flux, mass_around, range);
  };
  const std::vector<double> around0 = solver_.halo().extended(mass_);
  // Local work that may throw (a scale so small that E overflows) must do so on every rank.
  fp::EdgeCoefficients edges1;
  fp::EdgeRates rates0;
  mpi::agree(communicator_, [&] {
    edges1 = edges_of(result.physical, result.frame);
    rates0 = rates_of(edges_of(physical_, frame_), around0);
  });
  report_.max_added_diffusion = std::max(report_.max_added_diffusion, communicator_.max(edges1.added_diffusion));

  const fp::EdgeRates first_rates1 = rates_of(edges1, around0);
  const fp::ScaledRates implicit{&first_rates1, dt, {}, {}};
  const std::vector<double> first_order = solve(fp::sum_of({&implicit, 1}), mass_, result.mass_defect);
  std::vector<double> ratio(mass_.size());
  for (std::size_t i = 0; i < ratio.size(); ++i)
    ratio[i] = first_order[i] > 0 ? std::min(mass_[i] / first_order[i], 1e6) : 1.0;
  const std::vector<double> ratio_around = solver_.halo().extended(ratio);
  const fp::EdgeRates rates1 = rates_of(edges1, solver_.halo().extended(first_order));
  const fp::ScaledRates halves[] = {{&rates0, dt / 2, ratio_around, range}, {&rates1, dt / 2, {}, {}}};
  std::vector<double> second_order = solve(fp::sum_of(halves), mass_, result.mass_defect);

  for (std::size_t i = 0; i < ratio.size(); ++i) result.error += std::abs(second_order[i] - first_order[i]);
  std::vector<double> error{result.error};
  communicator_.sum(error);
  result.error = error[0];
  result.mass = options_.time_scheme == TimeScheme::backward_euler ? first_order : std::move(second_order);
  result.layers = layers_of_mass(result.mass);
  result.peclet = peclet_where_dense(edges1.cell_peclet, result.mass);
  return result;
}

void Evolution::accept(Attempt&& attempt, double dt) {
  time_ += dt;
  frame_ = attempt.frame;
  mass_ = std::move(attempt.mass);
  layers_ = std::move(attempt.layers);
  physical_ = std::move(attempt.physical);
  ++report_.n_steps;
  report_.max_cell_peclet = std::max(report_.max_cell_peclet, attempt.peclet);
  const double total = sum_of_values(fp::layers_of(grid_, layers_, 0));
  report_.max_mass_error = std::max({report_.max_mass_error, attempt.mass_defect, std::abs(total - 1)});
  const double least = mass_.empty() ? 0.0 : *std::min_element(mass_.begin(), mass_.end());
  const double most = mass_.empty() ? 0.0 : *std::max_element(mass_.begin(), mass_.end());
  report_.min_density = std::min(report_.min_density, communicator_.min(least) / communicator_.max(most));
  for (int k = 0; k < grid_.dimension(); ++k) {
    const auto axis = fp::axis_support(grid_, k, fp::layers_of(grid_, layers_, k), support_tail);
    report_.max_wall_mass = std::max(report_.max_wall_mass, axis.wall_mass);
  }
  require_resolution();
}

void Evolution::require_resolution() const {
  for (int k = 0; k < grid_.dimension(); ++k) {
    const auto axis = fp::axis_support(grid_, k, fp::layers_of(grid_, layers_, k), support_tail);
    if (axis.occupied_cells < fewest_cells)
      throw SolveFailure{SolveStatus::too_coarse,
                         "at t = " + text(time_) + " the density occupies " + text(axis.occupied_cells) +
                             " cells of axis " + std::to_string(k + 1) + ": more fokker_planck.cells are needed" +
                             (options_.frame == fp::FrameKind::diagonal ? "" : ", or fokker_planck.frame = diagonal")};
  }
}

bool Evolution::wall_is_reached(const std::vector<double>& layers) const {
  for (int k = 0; k < grid_.dimension(); ++k)
    if (fp::axis_support(grid_, k, fp::layers_of(grid_, layers, k), support_tail).wall_mass > options_.max_wall_mass)
      return true;
  return false;
}

bool Evolution::widen_walls(const std::vector<double>& next_layers) {
  fp::Frame wider = frame_;
  bool changed = false;
  for (int k = 0; k < grid_.dimension(); ++k) {
    const auto next = fp::axis_support(grid_, k, fp::layers_of(grid_, next_layers, k), support_tail);
    if (next.wall_mass <= options_.max_wall_mass) continue;
    if (options_.when_wall_is_reached == WallPolicy::fail || report_.n_remaps > 1000)
      throw SolveFailure{SolveStatus::wall_reached,
                         "at t = " + text(time_) + " a probability of " + text(next.wall_mass) +
                             " is at a wall of axis " + std::to_string(k + 1) +
                             " (fokker_planck.max_wall_mass = " + text(options_.max_wall_mass) +
                             "): raise fokker_planck.z_max, or set when_wall_is_reached = widen"};
    const auto now = fp::axis_support(grid_, k, fp::layers_of(grid_, layers_, k), support_tail);
    if (std::max(std::abs(now.low), std::abs(now.high)) < near_wall * grid_.z_max) continue;
    const double centre = (now.high + now.low) / 2;
    const double needed = (now.high - now.low) / 2 / (fill_wanted * grid_.z_max);
    const bool is_centred = std::abs(centre) < 0.05 * grid_.z_max;
    wider.scale(k, k) *= std::max(needed, is_centred ? growth : 1.0);
    wider.centre[k] += frame_.scale(k, k) * centre;
    changed = true;
  }
  if (changed) remap_to(wider);
  return changed;
}

void Evolution::fit_box() {
  if (options_.frame != fp::FrameKind::diagonal) return;
  fp::Frame fitted = frame_;
  bool changed = false;
  for (int k = 0; k < grid_.dimension(); ++k) {
    const auto axis = fp::axis_support(grid_, k, fp::layers_of(grid_, layers_, k), support_tail);
    const double width = (axis.high - axis.low) / 2;
    const double reach = std::max(std::abs(axis.low), std::abs(axis.high));
    if (reach <= fill_most * grid_.z_max && width >= fill_least * grid_.z_max) continue;
    if (reach > fill_most * grid_.z_max && options_.when_wall_is_reached == WallPolicy::fail) continue;
    fitted.centre[k] += frame_.scale(k, k) * (axis.high + axis.low) / 2;
    fitted.scale(k, k) *= width / (fill_wanted * grid_.z_max);
    changed = true;
  }
  if (changed) remap_to(fitted);
}

void Evolution::remap_to(const fp::Frame& frame) {
  const std::vector<double> moved = fp::remap(grid_, communicator_.all_gather(mass_), frame_, frame);
  mass_.assign(moved.begin() + owned_.first, moved.begin() + owned_.last());
  frame_ = frame;
  layers_ = layers_of_mass(mass_);
  physical_ = evaluate(time_, frame_);
  ++report_.n_remaps;
}

double Evolution::motion_limit(const fp::FrameMotion& motion) const {
  double rate = 0;
  for (int k = 0; k < grid_.dimension(); ++k) {
    const double scale = frame_.scale(k, k);
    rate = std::max({rate, std::abs(motion.centre_rate[k]) / scale, 4 * std::abs(motion.scale_rate(k, k)) / scale});
  }
  return rate > 0 ? 1 / rate : std::numeric_limits<double>::infinity();
}

void Evolution::advance_to(double end) {
  const double shortest = 1e-13 * std::max(std::abs(end), std::abs(end - time_));
  double longest = std::numeric_limits<double>::infinity();  // after a step that ran into a wall
  while (time_ < end) {
    fit_box();
    const fp::FrameMotion motion = fp::frame_motion(options_.frame, frame_, moments());
    const double left = end - time_;
    double wanted = options_.tolerance > 0 ? next_step_ : options_.max_step;
    if (options_.max_step > 0) wanted = wanted > 0 ? std::min(wanted, options_.max_step) : options_.max_step;
    if (wanted <= 0) wanted = std::min(left, 1e-2 * motion_limit(motion));
    double dt = std::min({wanted, motion_limit(motion), longest});
    // Equal steps to the end rather than a tiny last one.
    dt = left / std::max(1.0, std::ceil(left / dt * (1 - 1e-10)));
    Attempt next = attempt(dt, motion);
    if (wall_is_reached(next.layers)) {
      ++report_.n_rejected;
      if (!widen_walls(next.layers)) longest = dt / 2;
      if (longest < shortest)
        throw SolveFailure{SolveStatus::wall_reached,
                           "at t = " + text(time_) + " no time step keeps the density off a wall"};
      continue;
    }
    const double tolerance = options_.tolerance;
    const double factor = std::clamp(0.9 * std::sqrt(tolerance / std::max(next.error, 1e-300)), 0.25, 2.5);
    if (tolerance > 0 && next.error > 1.2 * tolerance) {
      ++report_.n_rejected;
      next_step_ = dt * std::min(factor, 0.8);
      if (next_step_ < shortest)
        throw SolveFailure{SolveStatus::not_converged,
                           "at t = " + text(time_) + " no time step is short enough for fokker_planck.tolerance"};
      continue;
    }
    accept(std::move(next), dt);
    longest *= 2;
    if (left - dt <= shortest) time_ = end;
    if (tolerance > 0) next_step_ = std::max(dt * factor, factor >= 1 ? wanted : 0.0);
  }
}

fp::Density Evolution::density() const {
  fp::Density result{time_, grid_, frame_, communicator_.all_gather(mass_)};
  const double volume = result.cell_volume();
  for (double& value : result.p) value /= volume;
  return result;
}

}  // namespace driftwood::fp_solver
