#include "driftwood/fp_solver/solver.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

#include "driftwood/core/error.hpp"
#include "evolution.hpp"

namespace driftwood::fp_solver {

namespace {

void require_valid(const fp::Coefficients& coefficients, const fp::InitialDensity& initial,
                   const std::vector<double>& output_times, const SolveOptions& options) {
  const auto d = static_cast<std::size_t>(coefficients.dimension());
  if (d < 1 || d > 3) throw ConfigError("the Fokker-Planck equation is solved for 1 to 3 tracked weights");
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
  if (options.tolerance <= 0 && options.max_step <= 0)
    throw ConfigError("fokker_planck.tolerance = 0 (fixed steps) needs fokker_planck.max_step > 0");
}

}  // namespace

SolveResult solve(const fp::Coefficients& coefficients, const fp::InitialDensity& initial,
                  const std::vector<double>& output_times, const SolveOptions& options,
                  const mpi::Communicator& communicator) {
  require_valid(coefficients, initial, output_times, options);
  const auto start = std::chrono::steady_clock::now();
  SolveResult result;
  std::optional<Evolution> evolution;
  SolveReport report;
  try {
    evolution.emplace(coefficients, initial, output_times.front(), options, communicator);
    for (const double time : output_times) {
      evolution->advance_to(time);
      const std::vector<double> gamma = evolution->anomalous_dimension();
      result.snapshots.push_back(evolution->density());
      result.anomalous_dimension.insert(result.anomalous_dimension.end(), gamma.begin(), gamma.end());
    }
  } catch (const SolveFailure& failure) {
    report.status = failure.status;
    report.message = failure.message;
  }
  if (evolution) result.report = evolution->report();
  result.report.status = report.status;
  result.report.message = report.message;
  result.report.seconds =
      communicator.max(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return result;
}

}  // namespace driftwood::fp_solver
