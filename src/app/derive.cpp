#include "driftwood/app/derive.hpp"

#include <algorithm>
#include <limits>

#include "derive_rows.hpp"
#include "driftwood/app/version.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

analysis::OperatorSet operators_of(const sweep::DeriveConfig& options, int dimension) {
  if (options.operators == "hermite") return analysis::OperatorSet::hermite(dimension, options.degree);
  if (options.operators == "monomials") return analysis::OperatorSet::monomials(dimension, options.degree);
  return with_context("derive.powers", [&] {
    return analysis::OperatorSet::of_powers(dimension, analysis::parse_powers(options.powers, dimension));
  });
}

std::vector<std::pair<std::string, std::string>> configuration_of(const sweep::DeriveConfig& options,
                                                                  const sweep::SweepPoint& point) {
  std::string coordinates;
  for (const auto& [key, value] : point.coordinates)
    coordinates += (coordinates.empty() ? "" : "; ") + key + " = " + value;
  return {{"sweep_coordinates", coordinates},
          {"network.widths",
           [&] {
             for (const auto& [key, value] : point.canonical)
               if (key == "network.widths") return value;
             return std::string();
           }()},
          {"derive.operators", options.operators},
          {"derive.degree", std::to_string(options.degree)},
          {"derive.powers", options.powers},
          {"derive.field", options.field},
          {"derive.bootstrap", std::to_string(options.bootstrap)},
          {"derive.delay", sweep::format_number(options.delay)}};
}

/// What a rank finds for the items of its share, gathered; `of_item` gives as many numbers for each. Collective.
template <class OfItem>
std::vector<double> shared_out(long n_items, const mpi::Communicator& group, OfItem&& of_item) {
  std::vector<double> mine;
  // Dealt out in turn, as late snapshots cost more than early ones; then put in order.
  mpi::agree(group, [&] {
    for (long item = group.rank(); item < n_items; item += group.size()) {
      const std::vector<double> row = of_item(item);
      mine.insert(mine.end(), row.begin(), row.end());
    }
  });
  const std::vector<double> all = group.all_gather(mine);
  if (n_items == 0) return all;
  const std::size_t width = all.size() / n_items;
  std::vector<double> ordered(all.size());
  std::size_t from = 0;
  for (int rank = 0; rank < group.size(); ++rank)
    for (long item = rank; item < n_items; item += group.size(), from += width)
      std::copy_n(all.begin() + static_cast<long>(from), width, ordered.begin() + static_cast<long>(item * width));
  return ordered;
}

/// The fields of all snapshots, from the ensemble's moments. Collective.
std::vector<SnapshotField> snapshot_fields(const ClosureInput& input, const sweep::DeriveConfig& options, int degree,
                                           const mpi::Communicator& group) {
  const int d = input.problem.tracked.dimension();
  const std::vector<double> numbers = shared_out(static_cast<long>(input.tracked.size()), group, [&](long number) {
    const TrackedSnapshot snapshot = input.tracked[number];
    const SnapshotField field =
        field_at(analysis::field_moments({d, snapshot.w, snapshot.drift, snapshot.diffusion}, degree),
                 options.field == "renormalised");
    std::vector<double> row;
    for (int k = 0; k < d; ++k)
      for (const double value :
           {field.frame.centre[k], field.frame.scale(k, k), field.motion.centre_rate[k], field.motion.scale_rate(k, k)})
        row.push_back(value);
    return row;
  });
  std::vector<SnapshotField> fields;
  for (std::size_t at = 0; at < numbers.size(); at += 4 * d) {
    SnapshotField field{{Eigen::VectorXd(d), Eigen::MatrixXd::Zero(d, d)}, analysis::at_rest(d)};
    for (int k = 0; k < d; ++k) {
      field.frame.centre[k] = numbers[at + 4 * k];
      field.frame.scale(k, k) = numbers[at + 4 * k + 1];
      field.motion.centre_rate[k] = numbers[at + 4 * k + 2];
      field.motion.scale_rate(k, k) = numbers[at + 4 * k + 3];
    }
    fields.push_back(field);
  }
  return fields;
}

results::DeriveRecord empty_record(const sweep::SweepPoint& point, const sweep::DeriveConfig& options,
                                   const ClosureInput& input, const std::vector<DeriveSource>& sources,
                                   const analysis::OperatorSet& operators, const mpi::Communicator& group) {
  results::DeriveRecord record;
  record.id = point.id;
  record.tracked_names = input.problem.tracked.names;
  record.times = input.ensemble.times;
  record.operators = operators.names();
  record.truncations = analysis::nested_sizes(operators);
  record.sources = {"ensemble"};
  record.status = {"ok"};
  for (const DeriveSource& source : sources) {
    record.sources.push_back(source.name);
    record.status.push_back(source.status);
    if (operators.dimension() > 1) continue;
    for (const fp::Density& density : source.densities)
      record.n_profile_cells = std::max(record.n_profile_cells, density.grid.cells[0]);
  }
  record.configuration = configuration_of(options, point);
  record.provenance.entries = provenance_entries(group.size());
  return record;
}

/// From rows of all quantities to one array a quantity.
void take_rows(const std::vector<double>& rows, results::DeriveRecord& record) {
  const std::size_t n_rows = record.sources.size() * record.times.size();
  const std::size_t width = rows.size() / n_rows;
  std::size_t start = 0;
  for (const results::DerivedQuantity& quantity : results::derived_quantities()) {
    const std::size_t size = record.row_size(quantity);
    std::vector<double> values;
    for (std::size_t row = 0; row < n_rows; ++row) {
      const auto first = rows.begin() + static_cast<long>(row * width + start);
      values.insert(values.end(), first, first + static_cast<long>(size));
    }
    record.values.push_back(std::move(values));
    start += size;
  }
}

/// Predicted couplings, source x snapshot x operator: each source on one rank. Collective.
std::vector<double> predictions(const DeriveContext& context, const std::vector<DeriveSource>& sources,
                                const std::vector<SnapshotField>& fields, const mpi::Communicator& group) {
  const std::size_t m = context.operators.size();
  return shared_out(static_cast<long>(sources.size()), group, [&](long number) {
    std::vector<double> all(fields.size() * m, std::numeric_limits<double>::quiet_NaN());
    const DeriveSource& source = sources[number];
    if (source.densities.size() < 2 || context.operators.dimension() > 2) return all;
    const std::vector<Eigen::VectorXd> predicted = predicted_couplings(context, source, fields);
    for (std::size_t s = 0; s < predicted.size(); ++s)
      if (predicted[s].size() > 0) std::copy_n(predicted[s].data(), m, all.begin() + static_cast<long>(s * m));
    return all;
  });
}

}  // namespace

void check_derive(const sweep::DeriveConfig& options, int dimension) {
  operators_of(options, dimension);
}

results::DeriveRecord derive(const sweep::SweepPoint& point, const sweep::DeriveConfig& options,
                             const ClosureInput& input, const std::vector<DeriveSource>& sources,
                             const mpi::Communicator& group) {
  const int d = input.problem.tracked.dimension();
  std::optional<analysis::OperatorSet> operators;
  mpi::agree(group, [&] { operators.emplace(operators_of(options, d)); });
  const std::vector<SnapshotField> fields = snapshot_fields(input, options, operators->degree(), group);
  results::DeriveRecord record = empty_record(point, options, input, sources, *operators, group);
  for (const SnapshotField& field : fields)
    for (int k = 0; k < d; ++k) {
      record.field_centre.push_back(field.frame.centre[k]);
      record.field_scale.push_back(field.frame.scale(k, k));
    }
  const mpi::Communicator self = group.split(group.rank());
  const DeriveContext context{record, *operators, options, input.problem.random, self};
  const long n_snapshots = static_cast<long>(record.times.size());
  const std::vector<double> rows =
      shared_out(static_cast<long>(record.sources.size()) * n_snapshots, group, [&](long item) {
        const std::size_t s = item % n_snapshots;
        if (item < n_snapshots) {
          const TrackedSnapshot snapshot = input.tracked[s];
          const fp::RegressionData replicas{d, snapshot.w, snapshot.drift, snapshot.diffusion};
          return ensemble_row(context, snapshot, analysis::field_moments(replicas, operators->degree()), fields[s]);
        }
        const std::size_t number = item / n_snapshots - 1;
        if (s >= sources[number].densities.size()) return results::DerivedRow(record).flat();
        return theory_row(context, sources[number], s, input.tracked[s], fields[s]);
      });
  take_rows(rows, record);
  const std::vector<double> predicted = predictions(context, sources, fields, group);
  const auto& quantities = results::derived_quantities();
  const auto found = std::find_if(quantities.begin(), quantities.end(),
                                  [](const auto& each) { return each.name == "predicted_coupling"; });
  std::copy(predicted.begin(), predicted.end(),
            record.values[found - quantities.begin()].begin() + n_snapshots * operators->size());
  return record;
}

}  // namespace driftwood::app
