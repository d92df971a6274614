#include "driftwood/analysis/surface_scaling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "driftwood/analysis/resampling.hpp"
#include "driftwood/core/error.hpp"

namespace driftwood::analysis {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr int per_doubling = 4;
constexpr double relaxations = 6;
constexpr int least_doublings = 3;
using Values = std::vector<double>;

/// Mean W^2 over the settled times.
double settled_mean(const SurfacePlan& plan, const Values& row) {
  double sum = 0;
  for (std::size_t i = plan.first_settled; i < plan.times.size(); ++i) sum += row[i];
  return sum / static_cast<double>(plan.times.size() - plan.first_settled);
}

/// When W^2 first is so much of what it settles at, by interpolation of logarithms.
double time_to(const SurfacePlan& plan, const Values& row, double part) {
  const double level = part * settled_mean(plan, row);
  if (row[0] >= level) return nan;
  for (std::size_t i = 1; i < plan.times.size(); ++i) {
    if (row[i] < level) continue;
    const double share = std::log(level / row[i - 1]) / std::log(row[i] / row[i - 1]);
    return plan.times[i - 1] * std::pow(plan.times[i] / plan.times[i - 1], share);
  }
  return nan;
}

double rise_time(const SurfacePlan& plan, const Values& row) {
  double sum = 0;
  for (const double part : {0.3, 0.4, 0.5, 0.6, 0.7}) sum += std::log(time_to(plan, row, part)) / 5;
  return std::exp(sum);
}

/// beta of the plan's window. `means`: of rows with the squares of the mean heights at their end.
double windowed_growth(const SurfacePlan& plan, const Values& means, int n_replicas) {
  Values times;
  Values squares;
  std::size_t i = 0;
  while (i < plan.times.size() && plan.times[i] < plan.growth_from) ++i;
  for (; i < plan.times.size() && plan.times[i] <= plan.growth_to; i += per_doubling) {
    const std::size_t height = plan.times.size() + plan.modes.size() + i;
    const double variance =
        (means[height + plan.times.size()] - means[height] * means[height]) * n_replicas / std::max(1, n_replicas - 1);
    times.push_back(plan.times[i]);
    squares.push_back(means[i] + variance);
  }
  if (times.size() < least_doublings + 1) return nan;
  for (std::size_t k = 1; k < squares.size(); ++k)
    if (!(squares[k] > squares[k - 1])) return nan;
  return growth_exponent(times, squares);
}

/// The rows with the squares of the mean heights, less their mean in all replicas, after them.
ReplicaRows with_height_squares(const SurfacePlan& plan, const ReplicaRows& rows) {
  const std::size_t n_times = plan.times.size();
  const std::size_t first = plan.row_size() - n_times;
  ReplicaRows result{rows.n_replicas, {}};
  Values centre(n_times, 0.0);  // else the difference of the squares would be one of large numbers
  for (int r = 0; r < rows.n_replicas; ++r)
    for (std::size_t i = 0; i < n_times; ++i)
      centre[i] += rows.values[r * plan.row_size() + first + i] / rows.n_replicas;
  for (int r = 0; r < rows.n_replicas; ++r) {
    const double* row = &rows.values[r * plan.row_size()];
    result.values.insert(result.values.end(), row, row + first);
    for (std::size_t i = 0; i < n_times; ++i) result.values.push_back(row[first + i] - centre[i]);
    for (std::size_t i = 0; i < n_times; ++i) result.values.push_back(std::pow(row[first + i] - centre[i], 2));
  }
  return result;
}

Values means_of(const ReplicaRows& rows, const Bootstrap& bootstrap, int sample) {
  Values means(rows.width(), 0.0);
  for (int r = 0; r < rows.n_replicas; ++r) {
    const double weight = sample < 0 ? 1.0 : bootstrap.counts(r)[sample];
    for (std::size_t i = 0; i < means.size(); ++i)
      means[i] += weight * rows.values[r * means.size() + i] / rows.n_replicas;
  }
  return means;
}

}  // namespace

SurfacePlan surface_plan(const SurfaceModel& model) {
  const double k = lattice_wave_number(model, 1);
  const double stiffness = model.noise / model.tension;
  const double lambda = std::abs(model.nonlinearity);
  const double rate = std::max(model.tension * k * k, lambda / 2 * std::sqrt(stiffness) * std::pow(k, 1.5));
  SurfacePlan plan;
  plan.model = model;
  const double end = relaxations / rate;
  const double first = std::max(model.spacing * model.spacing / model.tension, 4 * model.step);
  for (int i = 0;; ++i) {
    const double time = first * std::pow(2.0, static_cast<double>(i) / per_doubling);
    plan.times.push_back(std::round(time / model.step) * model.step);
    if (time >= end) break;
  }
  const auto settled = std::lower_bound(plan.times.begin(), plan.times.end() - 1, end / 2);
  plan.first_settled = static_cast<std::size_t>(settled - plan.times.begin());
  for (int m = 1; m <= model.n_sites / 4; m *= 2) plan.modes.push_back(m);
  plan.growth_from = lambda == 0 ? 4 * model.spacing * model.spacing / model.tension
                                 : 252 * std::pow(model.tension, 5) / (std::pow(lambda, 4) * model.noise * model.noise);
  const double two_beta = lambda == 0 ? 0.5 : 2.0 / 3;
  plan.growth_to = std::pow(settled_roughness(model) / 2 / growth_amplitude(model), 1 / two_beta);
  return plan;
}

std::vector<double> grown_surface(const SurfacePlan& plan, const CounterRandom& random, std::uint64_t replica) {
  Surface surface(plan.model, random, replica);
  Values row(plan.row_size(), 0.0);
  const std::size_t n_times = plan.times.size();
  const auto n_settled = static_cast<double>(n_times - plan.first_settled);
  long n_done = 0;
  for (std::size_t i = 0; i < n_times; ++i) {
    const long n_steps = std::lround(plan.times[i] / plan.model.step);
    surface.advance(n_steps - n_done);
    n_done = n_steps;
    row[i] = surface.squared_roughness();
    for (const double h : surface.heights()) row[n_times + plan.modes.size() + i] += h / plan.model.n_sites;
    for (std::size_t m = 0; i >= plan.first_settled && m < plan.modes.size(); ++m)
      row[n_times + m] += std::norm(surface.mode(0, plan.modes[m])) / plan.model.n_sites / n_settled;
  }
  return row;
}

double settled_roughness(const SurfaceModel& model) {
  double sum = 0;
  for (int m = 1; m < model.n_sites; ++m) {
    const double relaxation = model.tension * std::pow(lattice_wave_number(model, m), 2);
    sum += model.noise / (relaxation * (1 - relaxation * model.step / 2)) / model.spacing;
  }
  return sum / model.n_sites;
}

double growth_amplitude(const SurfaceModel& model) {
  const double stiffness = model.noise / model.tension;
  if (model.nonlinearity == 0) return stiffness * std::sqrt(2 * model.tension / std::numbers::pi);
  constexpr double tracy_widom_variance = 0.63805;
  return tracy_widom_variance * std::pow(std::abs(model.nonlinearity) * stiffness * stiffness / 2, 2.0 / 3);
}

Estimate bootstrap_estimate(const std::vector<ReplicaRows>& sets, int n_samples, const CounterRandom& random,
                            const std::function<double(const std::vector<std::vector<double>>& means)>& from) {
  // A set's own draws: a bootstrap of all replicas of all sets one after another would mix them.
  std::vector<std::vector<Values>> means(n_samples + 1);
  for (std::size_t k = 0; k < sets.size(); ++k) {
    const CounterRandom::Block key = random.block(RandomPurpose::bootstrap, 0, static_cast<std::uint32_t>(k), ~0ULL);
    const Bootstrap bootstrap(sets[k].n_replicas, n_samples, CounterRandom(key[0], key[1]));
    for (int s = 0; s <= n_samples; ++s) means[s].push_back(means_of(sets[k], bootstrap, s - 1));
  }
  Estimate result{from(means[0]), 0};
  for (int s = 1; s <= n_samples; ++s) result.error += std::pow(from(means[s]) - result.value, 2) / n_samples;
  result.error = std::sqrt(result.error);
  return result;
}

SurfaceExponents surface_exponents(const std::vector<SurfacePlan>& plans, const std::vector<ReplicaRows>& rows,
                                   int n_samples, const CounterRandom& random) {
  if (plans.size() < 2 || plans.size() != rows.size()) throw InternalError("exponents need lines of two sizes");
  std::vector<ReplicaRows> extended;
  for (std::size_t k = 0; k < plans.size(); ++k) extended.push_back(with_height_squares(plans[k], rows[k]));
  const auto estimate = [&](const std::function<double(const std::vector<Values>&)>& from) {
    return bootstrap_estimate(extended, n_samples, random, from);
  };
  const auto slope = [&](std::size_t first, const std::vector<Values>& means, const auto& of_size) {
    Values sizes;
    Values values;
    for (std::size_t k = first; k < plans.size(); ++k) {
      sizes.push_back(plans[k].model.n_sites * plans[k].model.spacing);
      values.push_back(of_size(plans[k], means[k]));
      if (!(values.back() > 0)) return nan;
    }
    return power_law(sizes, values);
  };
  SurfaceExponents result;
  for (std::size_t k = 0; k < plans.size(); ++k)
    result.settled.push_back(estimate([&](const auto& means) { return settled_mean(plans[k], means[k]); }));
  result.roughness = estimate([&](const auto& means) { return slope(0, means, settled_mean) / 2; });
  result.growth =
      estimate([&](const auto& means) { return windowed_growth(plans.back(), means.back(), rows.back().n_replicas); });
  const std::size_t last_three = plans.size() > 3 ? plans.size() - 3 : 0;
  result.dynamic = estimate([&](const auto& means) { return slope(last_three, means, rise_time); });
  return result;
}

}  // namespace driftwood::analysis
