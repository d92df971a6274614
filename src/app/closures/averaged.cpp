#include <algorithm>
#include <cmath>
#include <utility>

#include "driftwood/core/packed.hpp"
#include "driftwood/nn/training.hpp"
#include "driftwood/sweep/cost.hpp"
#include "tables.hpp"

namespace driftwood::app {

namespace {

/// This rank's share of the replicas that `annealed` averages over: every stride-th finite replica.
std::vector<double> averaged_rows(const ClosureInput& input, const ensemble::Snapshot& snapshot) {
  const std::size_t n_parameters = input.problem.network.n_parameters();
  const int wanted =
      sweep::averaged_replicas(input.config.closure.averaged_replicas, input.problem.tracked.dimension());
  const long stride = std::max(1L, input.ensemble.n_replicas / wanted);
  std::vector<double> rows;
  for (long r = 0; r < input.ensemble.n_local; ++r) {
    const double* row = snapshot.parameters.data() + r * n_parameters;
    if ((input.ensemble.first_replica + r) % stride == 0 && std::isfinite(row[0]))
      rows.insert(rows.end(), row, row + n_parameters);
  }
  return rows;
}

}  // namespace

Box table_box(const ClosureInput& input) {
  const int d = input.problem.tracked.dimension();
  Box box(d);
  for (int k = 0; k < d; ++k) {
    const int position = input.problem.tracked.positions[k];
    const double reach = 8 * input.problem.initial.std[position];
    box.include(k, input.problem.initial.mean[position] - reach);
    box.include(k, input.problem.initial.mean[position] + reach);
  }
  for (std::size_t number = 0; number < input.tracked.size(); ++number) box.include(input.tracked[number]);
  box.widen(0.25);
  return box;
}

nn::KramersMoyalOptions coefficient_options(const ClosureInput& input, std::uint32_t step) {
  return nn::coefficient_options(input.problem.sgd, input.dataset.n_samples, step, input.problem.modified_loss);
}

void set_tracked(const nn::TrackedWeights& tracked, const double* w, double* parameters) {
  for (int k = 0; k < tracked.dimension(); ++k) parameters[tracked.positions[k]] = w[k];
}

void tabulate_at(const ClosureInput& input, const std::vector<double>& others, std::uint32_t step,
                 fp::CoefficientTable& table, const mpi::Communicator& communicator) {
  const int d = table.dimension();
  const int n_pairs = packed_size(d);
  const std::size_t n_parameters = others.size();
  const std::vector<double> points = table.points();
  const mpi::Share share = mpi::share_of(static_cast<long>(table.n_nodes()), communicator.rank(), communicator.size());
  constexpr long at_once = 1024;  // networks in memory
  mpi::agree(communicator, [&] {
    for (long first = share.first; first < share.first + share.count; first += at_once) {
      const long n = std::min(at_once, share.first + share.count - first);
      std::vector<double> rows;
      for (long node = first; node < first + n; ++node) {
        rows.insert(rows.end(), others.begin(), others.end());
        set_tracked(input.problem.tracked, &points[node * d], &rows[(node - first) * n_parameters]);
      }
      const nn::KramersMoyal values = nn::kramers_moyal(input.problem.network, input.dataset, input.problem.tracked,
                                                        coefficient_options(input, step), rows);
      std::copy(values.drift.begin(), values.drift.end(), table.drift.begin() + first * d);
      std::copy(values.diffusion.begin(), values.diffusion.end(), table.diffusion.begin() + first * n_pairs);
    }
  });
  share_rows(share, d, table.drift, communicator);
  share_rows(share, n_pairs, table.diffusion, communicator);
}

void tabulate_average(const ClosureInput& input, std::vector<double> rows, std::uint32_t step,
                      fp::CoefficientTable& table, const mpi::Communicator& communicator) {
  const int d = table.dimension();
  const int n_pairs = packed_size(d);
  const std::size_t n_parameters = input.problem.network.n_parameters();
  const std::vector<double> points = table.points();
  const std::size_t n_rows = rows.size() / n_parameters;
  const std::size_t stride = d + n_pairs;
  std::vector<double> sums(table.n_nodes() * stride + 1, 0.0);
  for (std::size_t node = 0; node < table.n_nodes(); ++node) {
    for (std::size_t r = 0; r < n_rows; ++r)
      set_tracked(input.problem.tracked, &points[node * d], &rows[r * n_parameters]);
    const nn::KramersMoyal values = nn::kramers_moyal(input.problem.network, input.dataset, input.problem.tracked,
                                                      coefficient_options(input, step), rows);
    double* sum = &sums[node * stride];
    for (std::size_t i = 0; i < values.drift.size(); ++i) sum[i % d] += values.drift[i];
    for (std::size_t i = 0; i < values.diffusion.size(); ++i) sum[d + i % n_pairs] += values.diffusion[i];
  }
  sums.back() = static_cast<double>(n_rows);
  communicator.sum(sums);
  for (std::size_t node = 0; node < table.n_nodes(); ++node) {
    for (int k = 0; k < d; ++k) table.drift[node * d + k] = sums[node * stride + k] / sums.back();
    for (int k = 0; k < n_pairs; ++k) table.diffusion[node * n_pairs + k] = sums[node * stride + d + k] / sums.back();
  }
}

ensemble::Snapshot local_snapshot(const ClosureInput& input, std::size_t number,
                                  const mpi::Communicator& communicator) {
  ensemble::Snapshot snapshot;
  mpi::agree(communicator, [&] { snapshot = input.ensemble.snapshot(number); });
  return snapshot;
}

std::vector<fp::CoefficientTable> averaged_tables(fp::ClosureKind kind, const ClosureInput& input,
                                                  const mpi::Communicator& communicator) {
  Box box(input.problem.tracked.dimension());
  mpi::agree(communicator, [&] { box = table_box(input); });
  const fp::CoefficientTable empty = fp::empty_table(box.low, box.high, table_nodes(input, kind));
  const bool constant_rate = input.problem.sgd.schedule.kind == nn::Schedule::Kind::constant;
  const bool is_constant = kind == fp::ClosureKind::fixed || kind == fp::ClosureKind::joint;
  const bool only_one = is_constant && constant_rate;
  std::vector<fp::CoefficientTable> tables(only_one ? 1 : input.ensemble.n_snapshots(), empty);
  for (std::size_t k = 0; k < tables.size(); ++k) {
    const std::uint32_t step = input.ensemble.steps[k];
    if (is_constant) tabulate_at(input, fixed_parameters(input.problem), step, tables[k], communicator);
    if (kind == fp::ClosureKind::mean_trajectory)
      tabulate_at(input, input.mean_parameters[k], step, tables[k], communicator);
    if (kind == fp::ClosureKind::annealed)
      tabulate_average(input, averaged_rows(input, local_snapshot(input, k, communicator)), step, tables[k],
                       communicator);
  }
  return tables;
}

}  // namespace driftwood::app
