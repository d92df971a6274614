// What is computed from a solve's densities once it has ended.
#include <algorithm>
#include <cmath>
#include <limits>

#include "driftwood/app/solve_problem.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/fp/first_passage.hpp"
#include "driftwood/fp/products.hpp"
#include "driftwood/fp_solver/spectrum.hpp"

namespace driftwood::app {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double largest_norm(const std::vector<double>& vectors, std::size_t d) {
  double largest = 0;
  for (std::size_t i = 0; i < vectors.size(); i += d) {
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) square += vectors[i + k] * vectors[i + k];
    largest = std::max(largest, square);
  }
  return std::sqrt(largest);
}

double largest_defect(const fp::Density& earlier, const fp::Density& later, const fp::Problem& problem) {
  const fp::Moments defects = fp::moment_defects(earlier, later, problem);
  return std::max(defects.first.cwiseAbs().maxCoeff(), defects.second.cwiseAbs().maxCoeff());
}

/// int |p / mass - q| dw of two densities in the same cells.
double distance_to(const fp::Density& density, const fp::Density& stationary) {
  const std::vector<double> volume = density.cell_volumes();
  const double mass = density.mass();
  double sum = 0;
  for (std::size_t cell = 0; cell < volume.size(); ++cell)
    sum += std::abs(density.p[cell] / mass - stationary.p[cell]) * volume[cell];
  return sum;
}

/// Of the snapshots that were reached; the tail falls at the slowest rate, where that is known.
std::optional<fp::FirstPassage> first_passage_of(const PosedProblem& posed, const results::SolveRecord& record) {
  const std::size_t n = record.snapshots.size();
  const auto n_faces = static_cast<std::size_t>(2 * record.dimension());
  if (!posed.has_absorbing_wall() || n < 3 || record.absorbed.size() < n * n_faces) return {};
  std::vector<double> times;
  for (const results::SolveSnapshot& snapshot : record.snapshots) times.push_back(snapshot.time);
  std::optional<double> slowest;
  if (record.relaxation && record.relaxation->is_converged() && !record.relaxation->rates.empty())
    slowest = record.relaxation->rates.front().real();
  return fp::first_passage(times, std::span(record.absorbed).first(n * n_faces), slowest);
}

/// Throws an Error of code usage where the box has no spectrum. Collective.
void compute(const PosedProblem& posed, const fp::Density& last, const mpi::Communicator& communicator,
             results::Relaxation& relaxation) {
  fp_solver::SpectrumOptions options;
  options.n_rates = posed.n_rates;
  options.walls = posed.options.walls;
  options.time = last.time;
  fp_solver::Spectrum spectrum = fp_solver::spectrum(*posed.problem, last.grid, last.frame, options, communicator);
  relaxation.status = spectrum.converged ? "converged" : "not converged";
  relaxation.message = spectrum.message;
  relaxation.rates = std::move(spectrum.rates);
  relaxation.residuals = std::move(spectrum.residuals);
  if (spectrum.stationary) relaxation.distance = distance_to(last, *spectrum.stationary);
  relaxation.stationary = std::move(spectrum.stationary);
}

}  // namespace

void add_products(const PosedProblem& posed, results::SolveRecord& record) {
  const int d = posed.problem->dimension();
  const auto log_stationary = posed.problem->log_stationary();
  for (std::size_t s = 0; s < record.snapshots.size(); ++s) {
    results::SolveSnapshot& snapshot = record.snapshots[s];
    const fp::Density& density = record.densities[s];
    snapshot.entropy = fp::entropy(density);
    snapshot.free_energy = snapshot.moment_defect = nan;
    if (!posed.has_absorbing_wall()) {
      const auto potential = [&](std::span<const double> w) { return -log_stationary(w); };
      if (log_stationary) snapshot.free_energy = fp::free_energy(density, potential, 1);
      if (s > 0) snapshot.moment_defect = largest_defect(record.densities[s - 1], density, *posed.problem);
    }
    std::vector<double> current = fp::probability_current(density, *posed.problem);
    snapshot.largest_current = largest_norm(current, static_cast<std::size_t>(d));
    if (d <= 2) snapshot.current = std::move(current);
  }
  record.first_passage = first_passage_of(posed, record);
}

std::optional<results::Relaxation> relaxation_of(const PosedProblem& posed, const fp_solver::SolveResult& solution,
                                                 const mpi::Communicator& communicator) {
  if (posed.n_rates == 0) return {};
  results::Relaxation relaxation;
  relaxation.distance = nan;
  if (solution.report.status != fp_solver::SolveStatus::ok) {
    relaxation.status = "not computed";
    relaxation.message = "the solve failed";
    return relaxation;
  }
  try {
    compute(posed, solution.snapshots.back(), communicator, relaxation);
  } catch (const Error& error) {  // the same on every rank; the solve's own result is kept
    if (error.code() != ExitCode::usage) throw;
    relaxation.status = "not computed";
    relaxation.message = error.what();
  }
  return relaxation;
}

}  // namespace driftwood::app
