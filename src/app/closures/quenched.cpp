#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "closures.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/fp/mixture.hpp"
#include "driftwood/fp/remap.hpp"
#include "tables.hpp"

namespace driftwood::app {

namespace {

/// Mass beyond the box of the average, on either side of every axis.
constexpr double average_tail = 1e-10;

/// The replicas whose paths are solved: equally spaced among those that stay finite.
std::vector<long> path_replicas(const ClosureInput& input) {
  static constexpr int by_dimension[] = {0, 64, 16, 8, 4};
  const std::vector<long> finite = input.tracked[input.tracked.size() - 1].replica;
  const int wanted = input.config.closure.quenched_paths > 0 ? input.config.closure.quenched_paths
                                                             : by_dimension[input.problem.tracked.dimension()];
  const long n = std::min<long>(wanted, static_cast<long>(finite.size()));
  std::vector<long> replicas;
  for (long i = 0; i < n; ++i) replicas.push_back(finite[i * static_cast<long>(finite.size()) / n]);
  return replicas;
}

/// All parameters of the listed replicas (ascending) at one snapshot, path x n_parameters, on every rank. Collective.
std::vector<double> parameters_of(const std::vector<long>& replicas, const ClosureInput& input, std::size_t number,
                                  const mpi::Communicator& communicator) {
  const ensemble::Snapshot local = local_snapshot(input, number, communicator);
  const std::size_t width = input.problem.network.n_parameters();
  std::vector<double> rows;
  for (const long replica : replicas) {
    const long at = replica - input.ensemble.first_replica;
    if (at < 0 || at >= input.ensemble.n_local) continue;
    const auto row = local.parameters.begin() + at * static_cast<long>(width);
    rows.insert(rows.end(), row, row + static_cast<long>(width));
  }
  return communicator.all_gather(rows);  // ranks hold ascending replicas
}

/// The density along one path. Not collective on the group: `self` has this rank alone.
fp_solver::SolveResult solve_path(const ClosureInput& input, const QuenchedPaths& paths, long path,
                                  const fp::CoefficientTable& empty, const fp_solver::SolveHooks& hooks,
                                  const mpi::Communicator& self) {
  const std::size_t width = input.problem.network.n_parameters();
  std::vector<fp::CoefficientTable> tables(input.ensemble.n_snapshots(), empty);
  for (std::size_t k = 0; k < tables.size(); ++k) {
    const auto row = paths.parameters[k].begin() + path * static_cast<long>(width);
    tabulate_at(input, {row, row + static_cast<long>(width)}, input.ensemble.steps[k], tables[k], self);
  }
  const fp::TabulatedCoefficients coefficients(input.ensemble.times, std::move(tables));
  const auto options = make_solve_options(input.config.fokker_planck, input.problem.tracked.dimension());
  return fp_solver::solve(coefficients, initial_density(input.problem), input.ensemble.times, options, self,
                          {.keeper = {}, .stop_requested = hooks.stop_requested, .checkpoint_seconds = 0});
}

/// The worst of the ranks' paths, and how many snapshots all of them have. Collective.
fp_solver::SolveReport joined_report(const std::vector<fp_solver::SolveResult>& solved, std::size_t first_path,
                                     const mpi::Communicator& communicator) {
  fp_solver::SolveReport all;
  std::string failure;
  for (std::size_t i = 0; i < solved.size(); ++i) {
    const fp_solver::SolveReport& own = solved[i].report;
    all.n_steps += own.n_steps;
    all.n_rejected += own.n_rejected;
    all.n_redone += own.n_redone;
    all.n_remaps += own.n_remaps;
    all.n_linear_iterations += own.n_linear_iterations;
    all.max_cell_peclet = std::max(all.max_cell_peclet, own.max_cell_peclet);
    all.max_mass_error = std::max(all.max_mass_error, own.max_mass_error);
    all.min_density = std::min(all.min_density, own.min_density);
    all.time_step_error = std::max(all.time_step_error, own.time_step_error);
    all.max_wall_mass = std::max(all.max_wall_mass, own.max_wall_mass);
    all.max_added_diffusion = std::max(all.max_added_diffusion, own.max_added_diffusion);
    all.seconds += own.seconds;
    if (own.status == fp_solver::SolveStatus::ok || !failure.empty()) continue;
    all.status = own.status;
    failure = "path " + std::to_string(first_path + i + 1) + ": " + own.message;
  }
  for (long* count : {&all.n_steps, &all.n_rejected, &all.n_redone, &all.n_remaps, &all.n_linear_iterations})
    *count = communicator.sum(*count);
  for (double* value :
       {&all.max_cell_peclet, &all.max_mass_error, &all.max_wall_mass, &all.max_added_diffusion, &all.seconds})
    *value = communicator.max(*value);
  all.min_density = communicator.min(all.min_density);
  const std::vector<std::string> failures = communicator.all_gather(failure);
  const std::vector<double> states = communicator.all_gather(std::vector<double>{static_cast<double>(all.status)});
  for (std::size_t rank = 0; rank < failures.size(); ++rank) {
    if (failures[rank].empty()) continue;
    all.status = static_cast<fp_solver::SolveStatus>(static_cast<int>(states[rank]));
    all.message = failures[rank];
    break;
  }
  return all;
}

/// The smallest box that holds all ranks' densities. Collective.
fp::SupportBox common_box(const std::vector<fp_solver::SolveResult>& solved, std::size_t number, int d,
                          const mpi::Communicator& communicator) {
  std::vector<double> ends(2 * static_cast<std::size_t>(d), -std::numeric_limits<double>::infinity());
  for (const fp_solver::SolveResult& own : solved) {
    const fp::SupportBox box = fp::support_box(own.snapshots[number], average_tail);
    for (int k = 0; k < d; ++k) {
      ends[k] = std::max(ends[k], -box.low[k]);
      ends[d + k] = std::max(ends[d + k], box.high[k]);
    }
  }
  communicator.max(ends);
  return {-Eigen::Map<Eigen::VectorXd>(ends.data(), d), Eigen::Map<Eigen::VectorXd>(ends.data() + d, d)};
}

/// The paths' average density at one snapshot. Collective.
fp::Mixture average(const std::vector<fp_solver::SolveResult>& solved, const fp::Grid& grid, std::size_t number,
                    double time, const mpi::Communicator& communicator) {
  const fp::Frame frame = fp::covering_frame(common_box(solved, number, grid.dimension(), communicator), grid);
  std::vector<double> masses;
  mpi::agree(communicator, [&] {
    for (const fp_solver::SolveResult& own : solved) {
      const fp::Density& density = own.snapshots[number];
      const std::vector<double> moved = fp::remap(grid, density.masses(), density.frame, frame);
      masses.insert(masses.end(), moved.begin(), moved.end());
    }
  });
  return fp::mixture(time, grid, frame, communicator.all_gather(masses));
}

/// Draws of w at one snapshot, draw i from the density of path i % n_paths, on every rank. Collective.
std::vector<double> draws_of(const std::vector<fp_solver::SolveResult>& solved, const ClosureInput& input,
                             std::size_t number, long first_path, long n_paths, const mpi::Communicator& communicator) {
  const int d = input.problem.tracked.dimension();
  long n = 0;
  std::vector<double> mine;
  mpi::agree(communicator, [&] {
    n = input.tracked[number].size();
    for (std::size_t i = 0; i < solved.size(); ++i) {
      const std::vector<double> drawn = fp::draw_some(solved[i].snapshots[number], first_path + static_cast<long>(i),
                                                      n_paths, n, input.problem.random, input.ensemble.steps[number]);
      mine.insert(mine.end(), drawn.begin(), drawn.end());
    }
  });
  const std::vector<double> by_path = communicator.all_gather(mine);
  std::vector<double> draws(static_cast<std::size_t>(n) * d);
  std::size_t next = 0;
  for (long path = 0; path < n_paths; ++path)
    for (long i = path; i < n; i += n_paths)
      for (int k = 0; k < d; ++k) draws[i * d + k] = by_path[next++];
  return draws;
}

/// Diagonal of gamma (4.5), the paths' mean, for the first n snapshots. Collective.
std::vector<double> mean_anomalous_dimension(const std::vector<fp_solver::SolveResult>& solved, std::size_t n_numbers,
                                             long n_paths, const mpi::Communicator& communicator) {
  std::vector<double> mean(n_numbers, 0.0);
  for (const fp_solver::SolveResult& own : solved)
    for (std::size_t i = 0; i < n_numbers; ++i) mean[i] += own.anomalous_dimension[i] / static_cast<double>(n_paths);
  communicator.sum(mean);
  return mean;
}

}  // namespace

ClosureSolution solve_quenched(const ClosureInput& input, const fp_solver::SolveHooks& hooks,
                               const mpi::Communicator& communicator) {
  ClosureSolution result{fp::ClosureKind::quenched, {}, {}, {}};
  QuenchedPaths& paths = result.paths;
  Box box(input.problem.tracked.dimension());
  mpi::agree(communicator, [&] {
    paths.replica = path_replicas(input);
    box = table_box(input);
  });
  for (std::size_t k = 0; k < input.ensemble.n_snapshots(); ++k)
    paths.parameters.push_back(parameters_of(paths.replica, input, k, communicator));
  const auto n_paths = static_cast<long>(paths.replica.size());
  const mpi::Share share = mpi::share_of(n_paths, communicator.rank(), communicator.size());
  const fp::CoefficientTable empty = fp::empty_table(box.low, box.high, table_nodes(input, fp::ClosureKind::quenched));
  const mpi::Communicator self = communicator.split(communicator.rank());
  std::vector<fp_solver::SolveResult> solved;
  mpi::agree(communicator, [&] {
    for (long path = share.first; path < share.first + share.count; ++path) {
      solved.push_back(solve_path(input, paths, path, empty, hooks, self));
      if (solved.back().report.status == fp_solver::SolveStatus::stopped) break;
    }
  });
  result.solution.report = joined_report(solved, static_cast<std::size_t>(share.first), communicator);
  if (result.solution.report.status == fp_solver::SolveStatus::stopped) return result;

  auto n_solved = static_cast<double>(input.ensemble.n_snapshots());
  for (const fp_solver::SolveResult& own : solved)
    n_solved = std::min(n_solved, static_cast<double>(own.snapshots.size()));
  n_solved = communicator.min(n_solved);
  const auto options = make_solve_options(input.config.fokker_planck, input.problem.tracked.dimension());
  const fp::Grid grid{options.cells, options.z_max, options.stretching};
  for (std::size_t k = 0; k < static_cast<std::size_t>(n_solved); ++k) {
    fp::Mixture mixture = average(solved, grid, k, input.ensemble.times[k], communicator);
    result.solution.snapshots.push_back(std::move(mixture.mean));
    paths.spread.push_back(std::move(mixture.spread));
    paths.draws.push_back(draws_of(solved, input, k, share.first, n_paths, communicator));
  }
  result.solution.anomalous_dimension =
      mean_anomalous_dimension(solved, result.solution.snapshots.size() * grid.dimension(), n_paths, communicator);
  return result;
}

}  // namespace driftwood::app
