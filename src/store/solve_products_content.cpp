#include <cmath>
#include <complex>

#include "solve_rows.hpp"

namespace driftwood::store {

namespace {

using results::Relaxation;
using results::SolveRecord;
using results::SolveSnapshot;

using Words = std::vector<std::string>;

/// cell1 .. celld, after those given.
Words with_cells(Words dimensions, int d) {
  for (int k = 0; k < d; ++k) dimensions.push_back("cell" + std::to_string(k + 1));
  return dimensions;
}

/// One number a snapshot, unless no snapshot has it.
void add_scalars(NetcdfContent& content, const SolveRecord& record, const Label& label, double SolveSnapshot::*member) {
  Rows rows(record.times.size(), 1);
  bool is_known = false;
  for (std::size_t s = 0; s < record.snapshots.size(); ++s) {
    rows.set(s, {record.snapshots[s].*member});
    is_known = is_known || !std::isnan(record.snapshots[s].*member);
  }
  if (is_known) content.add(variable(label, {"snapshot"}, rows.take()));
}

void add_current(NetcdfContent& content, const SolveRecord& record) {
  if (record.dimension() > 2) return;
  Words dimensions = with_cells({"snapshot"}, record.dimension());
  dimensions.emplace_back("w");
  content.add(lazy_variable({"current", "1", "probability current J_i = b_i p - d_j (D_ij p) at the cells' centres"},
                            dimensions, [&record] {
                              Rows rows(record.times.size(), record.snapshots.front().current.size());
                              for (std::size_t s = 0; s < record.snapshots.size(); ++s)
                                rows.set(s, record.snapshots[s].current);
                              return rows.take();
                            }));
}

void add_first_passage(NetcdfContent& content, const SolveRecord& record) {
  if (!record.first_passage) return;
  const fp::FirstPassage& passage = *record.first_passage;
  Rows survival(record.times.size(), 1);
  Rows density(record.times.size(), 1);
  for (std::size_t s = 0; s < passage.survival.size(); ++s) {
    survival.set(s, {passage.survival[s]});
    density.set(s, {passage.density[s]});
  }
  content.add(variable({"survival", "1", "probability of not having left"}, {"snapshot"}, survival.take()));
  content.add(
      variable({"first_passage_density", "1", "density of the first-passage time"}, {"snapshot"}, density.take()));
  content.add(
      variable({"mean_first_passage_time", "1", "mean first-passage time, with the tail after the last snapshot"}, {},
               std::vector<double>{passage.mean}));
  content.add(variable({"first_passage_tail_rate", "1", "rate of the exponential tail after the last snapshot"}, {},
                       std::vector<double>{passage.tail_rate}));
  content.add(variable({"splitting_probability", "1", "probability of leaving through the face, in the end"}, {"face"},
                       passage.splitting));
}

void add_rates(NetcdfContent& content, const Relaxation& relaxation) {
  if (relaxation.rates.empty()) return;
  std::vector<double> rate;
  std::vector<double> frequency;
  for (const std::complex<double>& each : relaxation.rates) {
    rate.push_back(each.real());
    frequency.push_back(each.imag());
  }
  content.dimensions.push_back({"rate", rate.size()});
  std::vector<std::int64_t> number;
  for (std::size_t i = 0; i < rate.size(); ++i) number.push_back(static_cast<std::int64_t>(i) + 1);
  content.add(as_coordinate(variable({"rate", "1", "number of the relaxation rate, slowest first"}, {"rate"}, number)));
  content.add(variable({"relaxation_rate", "1", "real part of the relaxation rate"}, {"rate"}, rate));
  content.add(variable({"relaxation_frequency", "1", "imaginary part of the relaxation rate"}, {"rate"}, frequency));
  content.add(
      variable({"relaxation_residual", "1", "relative residual of the eigenvalue"}, {"rate"}, relaxation.residuals));
}

void add_relaxation(NetcdfContent& content, const SolveRecord& record) {
  if (!record.relaxation) return;
  const Relaxation& relaxation = *record.relaxation;
  content.add_attribute("relaxation_status", relaxation.status);
  content.add_attribute("relaxation_message", relaxation.message);
  add_rates(content, relaxation);
  if (!relaxation.stationary) return;
  content.add(variable(
      {"distance_to_stationary_density", "1", "integral of |density / mass - stationary density| of the last snapshot"},
      {}, std::vector<double>{relaxation.distance}));
  if (record.dimension() <= 2)
    content.add(variable({"stationary_density", "1", "stationary density, cell averages on the last snapshot's cells"},
                         with_cells({}, record.dimension()), relaxation.stationary->p));
}

}  // namespace

void add_solve_products(NetcdfContent& content, const SolveRecord& record) {
  add_scalars(content, record, {"entropy", "1", "entropy -int p ln p"}, &SolveSnapshot::entropy);
  add_scalars(content, record,
              {"free_energy", "1", "free energy over D, int p (V/D + ln p), V/D = -ln of the stationary density"},
              &SolveSnapshot::free_energy);
  add_scalars(content, record,
              {"moment_defect", "1", "largest defect of the moment equations since the snapshot before"},
              &SolveSnapshot::moment_defect);
  add_scalars(content, record, {"largest_current", "1", "largest |J| at a cell's centre"},
              &SolveSnapshot::largest_current);
  add_current(content, record);
  add_first_passage(content, record);
  add_relaxation(content, record);
}

}  // namespace driftwood::store
