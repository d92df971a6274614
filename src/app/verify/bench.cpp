#include "bench.hpp"

#include <algorithm>
#include <cmath>

namespace driftwood::app::verify {

using fp_solver::TimeScheme;

namespace {

/// Alexander 1977.
double sdirk2_step(double z) {
  const double gamma = 1 - 1 / std::sqrt(2.0);
  const double stage = 1 / (1 - gamma * z);
  return (1 + (1 - gamma) / gamma * (stage - 1)) / (1 - gamma * z);
}

double sdirk2(double z, int n_steps) {
  return std::pow(sdirk2_step(z), n_steps);
}

/// Two steps of two backward Euler halves each come first (Rannacher 1984).
double crank_nicolson(double z, int n_steps) {
  const int n_start = std::min(n_steps, 2);
  return std::pow(1 - z / 2, -2 * n_start) * std::pow((1 + z / 2) / (1 - z / 2), n_steps - n_start);
}

/// Started by SDIRK2.
double bdf2(double z, int n_steps) {
  double before = 1;
  double now = n_steps > 0 ? sdirk2_step(z) : 1;
  for (int i = 1; i < n_steps; ++i) {
    const double next = (4 * now - before) / 3 / (1 - 2 * z / 3);
    before = now;
    now = next;
  }
  return now;
}

double backward_euler(double z, int n_steps) {
  return std::pow(1 - z, -n_steps);
}

}  // namespace

const std::vector<Scheme>& schemes() {
  static const std::vector<Scheme> all{
      {TimeScheme::strang, "strang", 2, true, {}},
      {TimeScheme::modified_patankar, "modified_patankar", 2, true, {}},
      {TimeScheme::backward_euler, "backward_euler", 1, true, backward_euler},
      {TimeScheme::bdf2, "bdf2", 2, false, bdf2},
      {TimeScheme::crank_nicolson, "crank_nicolson", 2, false, crank_nicolson},
      {TimeScheme::sdirk2, "sdirk2", 2, false, sdirk2},
  };
  return all;
}

fp_solver::SolveOptions Scheme::in(fp_solver::SolveOptions options) const {
  options.time_scheme = scheme;
  if (is_linear()) options.flux = fp::FluxKind::chang_cooper;
  return options;
}

std::vector<Scheme> Bench::second_order_schemes(int d) const {
  std::vector<Scheme> result;
  for (const Scheme& scheme : schemes()) {
    if (scheme.order < 2) continue;
    const bool is_default = scheme.scheme == fp_solver::SolveOptions{}.time_scheme;
    const bool is_strang = scheme.scheme == TimeScheme::strang;
    const bool is_wanted = d > 2 ? is_strang : is_default || (!is_quick_ && (d == 1 || is_strang));
    if (is_wanted) result.push_back(scheme);
  }
  return result;
}

std::vector<int> Bench::grids(std::vector<int> all) const {
  if (is_quick_ && all.size() > 3) all.resize(3);
  return all;
}

fp_solver::SolveResult Bench::solve(const fp::Coefficients& coefficients, const fp::InitialDensity& initial,
                                    const std::vector<double>& times, const fp_solver::SolveOptions& options) {
  fp_solver::SolveResult result = fp_solver::solve(coefficients, initial, times, options, world_);
  if (result.report.status != fp_solver::SolveStatus::ok) {
    std::string where = "n = " + std::to_string(options.cells[0]);
    for (const Scheme& scheme : schemes())
      if (scheme.scheme == options.time_scheme) where = scheme.name + ", " + where;
    throw CaseFailed(where + ": " + result.report.message);
  }
  mass_error_ = std::max(mass_error_, result.report.max_mass_error);
  least_density_ = std::min(least_density_, result.report.min_density);
  for (const fp::Density& density : result.snapshots)
    least_density_ = std::min(least_density_, *std::min_element(density.p.begin(), density.p.end()));
  return result;
}

fp_solver::Spectrum Bench::spectrum(const fp::Coefficients& coefficients, const std::vector<int>& cells,
                                    const std::vector<double>& half_widths, int n_rates,
                                    const std::vector<fp_solver::Wall>& walls) {
  const auto d = static_cast<Eigen::Index>(cells.size());
  fp::Grid grid;
  grid.cells = cells;
  grid.z_max = 1;
  const Eigen::VectorXd widths = Eigen::Map<const Eigen::VectorXd>(half_widths.data(), d);
  const fp::Frame frame{Eigen::VectorXd::Zero(d), widths.asDiagonal()};
  fp_solver::SpectrumOptions options;
  options.n_rates = n_rates;
  options.walls = walls;
  fp_solver::Spectrum result = fp_solver::spectrum(coefficients, grid, frame, options, world_);
  if (!result.converged) throw CaseFailed(result.message);
  return result;
}

std::vector<Check> Bench::soundness(bool may_be_negative) const {
  std::vector<Check> checks{within("largest error of the mass", mass_error_, 0, 1e-12)};
  if (!may_be_negative) checks.push_back(within("smallest density", least_density_, 0, 1));
  return checks;
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (auto* const cases :
       {ornstein_uhlenbeck_cases, box_cases, equilibrium_cases, noise_cases, tensor_cases, identity_cases}) {
    std::vector<Case> some = cases();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace driftwood::app::verify
