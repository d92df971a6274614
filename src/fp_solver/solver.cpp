#include "driftwood/fp_solver/solver.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

#include "driftwood/core/error.hpp"
#include "evolution.hpp"
#include "journal.hpp"

namespace driftwood::fp_solver {

namespace {

void require_valid_walls(const SolveOptions& options, std::size_t d) {
  if (options.low.size() != options.high.size() || (options.has_physical_walls() && options.low.size() != d))
    throw ConfigError("fokker_planck.low and fokker_planck.high need one value for every axis each");
  for (std::size_t k = 0; k < options.low.size(); ++k)
    if (!(options.low[k] < options.high[k])) throw ConfigError("fokker_planck.low must be below fokker_planck.high");
  if (options.has_physical_walls() && options.frame != FrameKind::fixed)
    throw ConfigError("fokker_planck.low and fokker_planck.high need fokker_planck.frame = fixed");
  if (!options.walls.empty() && options.walls.size() != 2 * d)
    throw ConfigError("fokker_planck.walls needs a word for the low and the high face of every axis");
  if (std::find(options.walls.begin(), options.walls.end(), Wall::absorbing) != options.walls.end() &&
      !options.has_physical_walls())
    throw ConfigError("absorbing fokker_planck.walls need a place: fokker_planck.low and fokker_planck.high");
}

void require_valid(const fp::Coefficients& coefficients, const fp::InitialDensity& initial,
                   const std::vector<double>& output_times, const SolveOptions& options) {
  const auto d = static_cast<std::size_t>(coefficients.dimension());
  if (d < 1 || d > 4) throw ConfigError("the Fokker-Planck equation is solved in 1 to 4 dimensions");
  if (options.cells.size() != d || initial.dimension() != coefficients.dimension())
    throw InternalError("coefficients, cells and initial density differ in dimension");
  if (std::any_of(options.cells.begin(), options.cells.end(), [](int n) { return n < 8; }))
    throw ConfigError("fokker_planck.cells must be at least 8 on every axis");
  for (const auto& component : initial.components)
    if (!(Eigen::LLT<Eigen::MatrixXd>(component.gaussian.covariance).info() == Eigen::Success))
      throw ConfigError("the initial density needs a standard deviation > 0 on every axis (initial.tracked_std)");
  if (output_times.empty() ||
      std::adjacent_find(output_times.begin(), output_times.end(), std::greater_equal<>()) != output_times.end())
    throw InternalError("output times must be ascending");
  require_valid_walls(options, d);
  const bool is_linear = options.time_scheme == TimeScheme::bdf2 || options.time_scheme == TimeScheme::sdirk2 ||
                         options.time_scheme == TimeScheme::crank_nicolson;
  if (is_linear && options.flux != fp::FluxKind::chang_cooper)
    throw ConfigError(
        "fokker_planck.time_scheme = bdf2, crank_nicolson or sdirk2 needs rates that do not depend on the density: "
        "fokker_planck.flux = chang_cooper");
  if (options.tolerance <= 0 && options.max_step <= 0)
    throw ConfigError("fokker_planck.tolerance = 0 (fixed steps) needs fokker_planck.max_step > 0");
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

SolveResult solve(const fp::Coefficients& coefficients, const fp::InitialDensity& initial,
                  const std::vector<double>& output_times, const SolveOptions& options,
                  const mpi::Communicator& communicator, const SolveHooks& hooks) {
  require_valid(coefficients, initial, output_times, options);
  const auto start = std::chrono::steady_clock::now();
  SolveResult result;
  std::optional<Evolution> evolution;
  SolveReport report;
  report.first_time = output_times.front();
  try {
    evolution.emplace(coefficients, initial, output_times.front(), options, communicator);
    report.setup_seconds = seconds_since(start);
    Journal journal(hooks, communicator);
    if (journal.restore(*evolution, result)) report.first_time = evolution->time();
    while (result.snapshots.size() < output_times.size()) {
      evolution->advance_to(output_times[result.snapshots.size()], [&] { journal.after_step(*evolution, result); });
      const std::vector<double> gamma = evolution->anomalous_dimension();
      result.snapshots.push_back(evolution->density());
      result.absorbed.insert(result.absorbed.end(), evolution->absorbed().begin(), evolution->absorbed().end());
      result.anomalous_dimension.insert(result.anomalous_dimension.end(), gamma.begin(), gamma.end());
      if (result.snapshots.size() < output_times.size()) journal.after_step(*evolution, result);
    }
  } catch (const SolveFailure& failure) {
    report.status = failure.status;
    report.message = failure.message;
  }
  if (evolution) {
    result.report = evolution->report();
    result.report.setup_seconds += report.setup_seconds;
  }
  result.report.status = report.status;
  result.report.message = report.message;
  result.report.first_time = report.first_time;
  result.report.seconds = communicator.max(seconds_since(start));
  return result;
}

}  // namespace driftwood::fp_solver
