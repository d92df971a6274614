#include "bench.hpp"

#include <algorithm>
#include <cmath>

namespace driftwood::app::verify {

using fp_solver::TimeScheme;

const std::vector<Scheme>& schemes() {
  static const std::vector<Scheme> all{
      {TimeScheme::modified_patankar, "modified_patankar", 2, true, {}},
      {TimeScheme::backward_euler, "backward_euler", 1, true, [](double z) { return 1 / (1 - z); }},
  };
  return all;
}

std::vector<int> Bench::grids(std::vector<int> all) const {
  if (is_quick_ && all.size() > 3) all.resize(3);
  return all;
}

fp_solver::SolveResult Bench::solve(const fp::Coefficients& coefficients, const fp::InitialDensity& initial,
                                    const std::vector<double>& times, const fp_solver::SolveOptions& options) {
  fp_solver::SolveResult result = fp_solver::solve(coefficients, initial, times, options, world_);
  if (result.report.status != fp_solver::SolveStatus::ok) throw CaseFailed(result.report.message);
  mass_error_ = std::max(mass_error_, result.report.max_mass_error);
  least_density_ = std::min(least_density_, result.report.min_density);
  for (const fp::Density& density : result.snapshots)
    least_density_ = std::min(least_density_, *std::min_element(density.p.begin(), density.p.end()));
  return result;
}

fp_solver::Spectrum Bench::spectrum(const fp::Coefficients& coefficients, const std::vector<int>& cells,
                                    const std::vector<double>& half_widths, int n_rates) {
  const auto d = static_cast<Eigen::Index>(cells.size());
  fp::Grid grid;
  grid.cells = cells;
  grid.z_max = 1;
  const Eigen::VectorXd widths = Eigen::Map<const Eigen::VectorXd>(half_widths.data(), d);
  const fp::Frame frame{Eigen::VectorXd::Zero(d), widths.asDiagonal()};
  fp_solver::SpectrumOptions options;
  options.n_rates = n_rates;
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
