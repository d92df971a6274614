#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "driftwood/app/progress.hpp"
#include "driftwood/app/solve_problem.hpp"
#include "driftwood/app/version.hpp"

namespace driftwood::app {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Whether the free solution holds in this box: it is not there where the walls are. Brownian motion knows its walls.
bool holds_in_box(const PosedProblem& posed, const fp::ExactSolution& exact) {
  const fp_solver::SolveOptions& options = posed.options;
  if (options.low.empty() || posed.family == "brownian" || !exact.marginal) return true;
  for (std::size_t k = 0; k < options.low.size(); ++k)
    for (const double wall : {options.low[k], options.high[k]})
      if (exact.marginal(static_cast<int>(k), wall) * (options.high[k] - options.low[k]) > 1e-9) return false;
  return true;
}

results::SolveSnapshot snapshot_of(const PosedProblem& posed, const fp::Density& density) {
  results::SolveSnapshot snapshot;
  snapshot.time = density.time;
  snapshot.moments = fp::moments_of(density);
  snapshot.l1_error = snapshot.mean_error = snapshot.covariance_error = snapshot.mass_error = nan;
  snapshot.stationary_distance = nan;
  const auto log_stationary = posed.problem->log_stationary();
  if (log_stationary && posed.options.has_physical_walls() && !posed.has_absorbing_wall())
    snapshot.stationary_distance = fp::normalised_distance(density, log_stationary);
  auto exact = posed.problem->exact(posed.start, density.time);
  if (!exact || !holds_in_box(posed, *exact)) return snapshot;
  if (exact->density) {
    snapshot.l1_error = fp::l1_distance(density, exact->density);
    snapshot.mass_error = snapshot.moments.mass - exact->mass;
  }
  if (exact->moments) {
    snapshot.mean_error = (snapshot.moments.mean - exact->moments->mean).norm();
    snapshot.covariance_error = (snapshot.moments.covariance - exact->moments->covariance).norm();
  }
  snapshot.exact = std::move(exact);
  return snapshot;
}

void add_report(results::SolveRecord& record, const fp_solver::SolveReport& report) {
  record.counts = {
      {"n_steps", "accepted time steps", report.n_steps},
      {"n_rejected", "rejected time steps", report.n_rejected},
      {"n_redone", "steps of a linear scheme that went negative and were done again", report.n_redone},
      {"n_remaps", "remaps of the density to another box", report.n_remaps},
      {"n_linear_iterations", "iterations of the linear solver", report.n_linear_iterations},
  };
  record.measures = {
      {"max_cell_peclet", "1", "largest cell Peclet number where the density matters", report.max_cell_peclet},
      {"max_added_diffusion", "1", "largest diffusion added to very anisotropic tensors, relative to them",
       report.max_added_diffusion},
      {"max_mass_error", "1", "largest error of the mass balance over the steps", report.max_mass_error},
      {"time_step_error", "1", "estimate of the error of the time steps, L1, summed over them", report.time_step_error},
      {"min_density", "1", "smallest cell value over the steps, relative to the largest", report.min_density},
      {"max_wall_mass", "1", "largest mass seen in the outermost cells of a wall", report.max_wall_mass},
      {"solve_seconds", "s", "wall time of the solve", report.seconds},
  };
}

std::string number(const char* format, double value) {
  char text[40];
  std::snprintf(text, sizeof text, format, value);
  return value == value ? text : "-";
}

using Row = std::vector<std::string>;

/// Columns aligned to the right.
std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> width(rows.front().size(), 0);
  for (const Row& row : rows)
    for (std::size_t k = 0; k < row.size(); ++k) width[k] = std::max(width[k], row[k].size());
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t k = 0; k < row.size(); ++k)
      text += std::string(width[k] - row[k].size() + (k > 0 ? 2 : 0), ' ') + row[k];
    text += "\n";
  }
  return text;
}

/// Columns that some snapshot has a number for.
struct Column {
  std::string title;
  const char* format;
  double results::SolveSnapshot::*value;
};

std::vector<Column> error_columns(const results::SolveRecord& record) {
  using results::SolveSnapshot;
  std::vector<Column> columns{{"L1 error", "%.2e", &SolveSnapshot::l1_error},
                              {"mean error", "%.2e", &SolveSnapshot::mean_error},
                              {"cov. error", "%.2e", &SolveSnapshot::covariance_error},
                              {"mass error", "%.2e", &SolveSnapshot::mass_error},
                              {"to stationary", "%.2e", &SolveSnapshot::stationary_distance},
                              {"free energy", "%.8g", &SolveSnapshot::free_energy}};
  const auto is_empty = [&](const Column& column) {
    return std::all_of(record.snapshots.begin(), record.snapshots.end(),
                       [&](const SolveSnapshot& s) { return std::isnan(s.*column.value); });
  };
  columns.erase(std::remove_if(columns.begin(), columns.end(), is_empty), columns.end());
  return columns;
}

/// At most this many lines: the first, the last and some between.
std::vector<std::size_t> shown(std::size_t n) {
  constexpr std::size_t most = 21;
  std::vector<std::size_t> positions;
  const std::size_t n_shown = std::min(n, most);
  for (std::size_t i = 0; i < n_shown; ++i) positions.push_back(n_shown == 1 ? 0 : i * (n - 1) / (n_shown - 1));
  return positions;
}

std::string highlights(const fp_solver::SolveReport& report) {
  std::string text = std::to_string(report.n_steps) + " steps (" + std::to_string(report.n_rejected) + " rejected, " +
                     std::to_string(report.n_redone) + " redone), " + std::to_string(report.n_linear_iterations) +
                     " linear iterations, " + std::to_string(report.n_remaps) + " remaps, " +
                     format_duration(report.seconds) + "\n";
  return text + "largest cell Peclet number " + number("%.3g", report.max_cell_peclet) + ", smallest density " +
         number("%.2g", report.min_density) + " of the largest, mass balance to " +
         number("%.1e", report.max_mass_error) + ", wall mass " + number("%.1e", report.max_wall_mass) + "\n";
}

std::string face_name(std::size_t face) {
  return " w" + std::to_string(face / 2 + 1) + (face % 2 == 0 ? " low " : " high ");
}

/// Where the probability went, at the last snapshot; "" without absorbing walls.
std::string absorbed_text(const results::SolveRecord& record) {
  const auto n_faces = static_cast<std::size_t>(2 * record.dimension());
  if (record.absorbed.size() < n_faces || n_faces == 0) return "";
  const double* last = &record.absorbed[record.absorbed.size() - n_faces];
  if (std::all_of(last, last + n_faces, [](double part) { return part == 0; })) return "";
  std::string text = "absorbed:";
  for (std::size_t face = 0; face < n_faces; ++face)
    text += std::string(face > 0 ? "," : "") + face_name(face) + number("%.6f", last[face]);
  return text + "\n";
}

/// Mean time and faces of the first passage; "" without.
std::string first_passage_text(const results::SolveRecord& record) {
  if (!record.first_passage) return "";
  const fp::FirstPassage& passage = *record.first_passage;
  std::string text = "mean first-passage time " + number("%.6g", passage.mean) + ", splitting:";
  for (std::size_t face = 0; face < passage.splitting.size(); ++face)
    text += std::string(face > 0 ? "," : "") + face_name(face) + number("%.6f", passage.splitting[face]);
  return text + "\n";
}

std::string relaxation_text(const results::SolveRecord& record) {
  if (!record.relaxation) return "";
  const results::Relaxation& relaxation = *record.relaxation;
  std::string text = "relaxation rates:";
  for (std::size_t i = 0; i < relaxation.rates.size(); ++i) {
    text += (i > 0 ? ", " : " ") + number("%.6g", relaxation.rates[i].real());
    if (relaxation.rates[i].imag() != 0) text += number(" %+.6gi", relaxation.rates[i].imag());
  }
  if (relaxation.rates.empty()) text += " none";
  if (relaxation.stationary) text += "; last snapshot to stationary density " + number("%.2e", relaxation.distance);
  if (!relaxation.is_converged())
    text += "\nFAILED relaxation rates: " + relaxation.status +
            (relaxation.message.empty() ? "" : ": " + relaxation.message);
  return text + "\n";
}

}  // namespace

const char* status_name(fp_solver::SolveStatus status) {
  switch (status) {
    case fp_solver::SolveStatus::ok:
      return "ok";
    case fp_solver::SolveStatus::stopped:
      return "stopped";
    case fp_solver::SolveStatus::not_converged:
      return "not converged";
    case fp_solver::SolveStatus::wall_reached:
      return "wall reached";
    case fp_solver::SolveStatus::too_coarse:
      return "grid too coarse";
    case fp_solver::SolveStatus::bad_coefficients:
      return "bad coefficients";
  }
  return "unknown";
}

results::SolveRecord solve_record(const PosedProblem& posed, const fp_solver::SolveResult& solution,
                                  std::optional<results::Relaxation> relaxation, const sweep::SweepText& text,
                                  int n_ranks) {
  results::SolveRecord record;
  record.configuration = solve_configuration(text);
  record.provenance.entries = provenance_entries(n_ranks);
  record.status = solution.report.status == fp_solver::SolveStatus::ok ? "done" : "failed";
  record.solver_status = status_name(solution.report.status);
  record.message = solution.report.message;
  record.times = posed.times;
  record.densities = solution.snapshots;
  for (const fp::Density& density : record.densities) record.snapshots.push_back(snapshot_of(posed, density));
  record.anomalous_dimension = solution.anomalous_dimension;
  record.absorbed = solution.absorbed;
  record.relaxation = std::move(relaxation);
  add_products(posed, record);
  add_report(record, solution.report);
  return record;
}

std::string solve_table(const PosedProblem& posed, const results::SolveRecord& record,
                        const fp_solver::SolveReport& report) {
  std::string text;
  if (!record.snapshots.empty()) {
    const std::vector<Column> errors = error_columns(record);
    const int d = posed.problem->dimension();
    const auto indexed = [d](const char* name, int k) { return d == 1 ? name : name + std::to_string(k + 1); };
    Row header{"time", "mass"};
    for (int k = 0; k < d; ++k) header.push_back(indexed("mean ", k));
    for (int k = 0; k < d; ++k) header.push_back(indexed("std ", k));
    for (const Column& column : errors) header.push_back(column.title);
    std::vector<Row> rows{header};
    for (const std::size_t s : shown(record.snapshots.size())) {
      const results::SolveSnapshot& snapshot = record.snapshots[s];
      Row row{number("%.6g", snapshot.time), number("%.10f", snapshot.moments.mass)};
      for (int k = 0; k < d; ++k) row.push_back(number("%.6g", snapshot.moments.mean[k]));
      for (int k = 0; k < d; ++k) row.push_back(number("%.6g", std::sqrt(snapshot.moments.covariance(k, k))));
      for (const Column& column : errors) row.push_back(number(column.format, snapshot.*column.value));
      rows.push_back(row);
    }
    text = aligned(rows) + "\n";
  }
  text += absorbed_text(record) + first_passage_text(record) + relaxation_text(record) + highlights(report);
  if (record.status != "done")
    text += "FAILED after " + std::to_string(record.snapshots.size()) + " of " + std::to_string(record.times.size()) +
            " snapshots: " + record.solver_status + (record.message.empty() ? "" : ": " + record.message) + "\n";
  return text;
}

}  // namespace driftwood::app
