#include "driftwood/app/close.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/nn/training.hpp"

namespace driftwood::app {

namespace {

/// Nodes per axis: the averaged closures pay for every node with a pass over data and replicas, the regression does not.
int n_nodes(const ClosureInput& input, fp::ClosureKind kind) {
  if (input.config.closure.nodes > 0) return input.config.closure.nodes;
  const bool line = input.problem.tracked.dimension() == 1;
  if (kind == fp::ClosureKind::conditional) return line ? 257 : 65;
  return line ? 65 : 25;
}

struct Box {
  std::vector<double> low;
  std::vector<double> high;

  explicit Box(int dimension)
      : low(dimension, std::numeric_limits<double>::infinity()), high(dimension, -std::numeric_limits<double>::infinity()) {}
  void include(int axis, double value) {
    low[axis] = std::min(low[axis], value);
    high[axis] = std::max(high[axis], value);
  }
  void include(const TrackedSnapshot& snapshot) {
    const std::size_t d = low.size();
    for (std::size_t i = 0; i < snapshot.w.size(); ++i) include(static_cast<int>(i % d), snapshot.w[i]);
  }
  /// Each side moved out by `fraction` of the width, and by a little where the width is 0.
  void widen(double fraction) {
    for (std::size_t k = 0; k < low.size(); ++k) {
      const double margin = std::max(fraction * (high[k] - low[k]), 1e-6 * (1 + std::abs(low[k])));
      low[k] -= margin;
      high[k] += margin;
    }
  }
};

/// Where the tables of the averaged closures reach: everywhere the weights start or have been, with a margin. A numerical
/// range only: inside it the drift does not depend on it.
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

/// Drift and diffusion at step `step` on the table's nodes with the other parameters held at one vector.
void tabulate_at(const ClosureInput& input, const std::vector<double>& others, std::uint32_t step,
                 fp::CoefficientTable& table) {
  const int d = table.dimension();
  const std::size_t n_parameters = others.size();
  const std::vector<double> points = table.points();
  std::vector<double> rows;
  rows.reserve(table.n_nodes() * n_parameters);
  for (std::size_t node = 0; node < table.n_nodes(); ++node) {
    rows.insert(rows.end(), others.begin(), others.end());
    set_tracked(input.problem.tracked, &points[node * d], &rows[node * n_parameters]);
  }
  nn::KramersMoyal values = nn::kramers_moyal(input.problem.network, input.dataset, input.problem.tracked,
                                              coefficient_options(input, step), rows);
  table.drift = std::move(values.drift);
  table.diffusion = std::move(values.diffusion);
}

/// This rank's share of the replicas that `annealed` averages over: every stride-th finite replica.
std::vector<double> averaged_rows(const ClosureInput& input, const ensemble::Snapshot& snapshot) {
  const std::size_t n_parameters = input.problem.network.n_parameters();
  const long stride = std::max(1L, input.ensemble.n_replicas / input.config.closure.averaged_replicas);
  std::vector<double> rows;
  for (long r = 0; r < input.ensemble.n_local; ++r) {
    const double* row = snapshot.parameters.data() + r * n_parameters;
    if ((input.ensemble.first_replica + r) % stride == 0 && std::isfinite(row[0]))
      rows.insert(rows.end(), row, row + n_parameters);
  }
  return rows;
}

/// Drift and diffusion on the table's nodes averaged over the replicas' other parameters. Collective.
void tabulate_annealed(const ClosureInput& input, const ensemble::Snapshot& snapshot, fp::CoefficientTable& table,
                       const mpi::Communicator& communicator) {
  const int d = table.dimension();
  const int n_pairs = packed_size(d);
  const std::size_t n_parameters = input.problem.network.n_parameters();
  const std::vector<double> points = table.points();
  std::vector<double> rows = averaged_rows(input, snapshot);
  const std::size_t n_rows = rows.size() / n_parameters;
  const std::size_t stride = d + n_pairs;
  std::vector<double> sums(table.n_nodes() * stride + 1, 0.0);
  for (std::size_t node = 0; node < table.n_nodes(); ++node) {
    for (std::size_t r = 0; r < n_rows; ++r)
      set_tracked(input.problem.tracked, &points[node * d], &rows[r * n_parameters]);
    const nn::KramersMoyal values = nn::kramers_moyal(input.problem.network, input.dataset, input.problem.tracked,
                                                      coefficient_options(input, snapshot.step), rows);
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

ensemble::Snapshot local_snapshot(const ClosureInput& input, std::size_t number, const mpi::Communicator& communicator) {
  ensemble::Snapshot snapshot;
  mpi::agree(communicator, [&] { snapshot = input.ensemble.snapshot(number); });
  return snapshot;
}

/// Regression at every snapshot, the snapshots shared among the ranks. Collective.
std::vector<fp::CoefficientTable> conditional_tables(const ClosureInput& input, const mpi::Communicator& communicator) {
  const int d = input.problem.tracked.dimension();
  const int nodes = n_nodes(input, fp::ClosureKind::conditional);
  const long n = static_cast<long>(input.tracked.size());
  std::vector<fp::CoefficientTable> tables;
  mpi::agree(communicator, [&] {
    for (long number = 0; number < n; ++number) {
      Box box(d);
      box.include(input.tracked[number]);
      box.widen(0.02);
      tables.push_back(fp::empty_table(box.low, box.high, nodes));
    }
  });
  const mpi::Share share = mpi::share_of(n, communicator.rank(), communicator.size());
  std::vector<double> mine;
  mpi::agree(communicator, [&] {
    for (long k = share.first; k < share.first + share.count; ++k) {
      const TrackedSnapshot snapshot = input.tracked[k];
      const fp::CoefficientTable table = fp::conditional_table(
          {d, snapshot.w, snapshot.drift, snapshot.diffusion}, tables[k], input.config.closure.neighbours);
      mine.insert(mine.end(), table.drift.begin(), table.drift.end());
      mine.insert(mine.end(), table.diffusion.begin(), table.diffusion.end());
    }
  });
  const std::vector<double> all = communicator.all_gather(mine);
  std::size_t start = 0;
  const auto take = [&](std::vector<double>& values) {
    std::copy_n(all.begin() + static_cast<long>(start), values.size(), values.begin());
    start += values.size();
  };
  for (fp::CoefficientTable& table : tables) {
    take(table.drift);
    take(table.diffusion);
  }
  return tables;
}

/// Tables of the closures that evaluate the network itself: one a snapshot (one in all where nothing changes in time).
/// Collective.
std::vector<fp::CoefficientTable> averaged_tables(fp::ClosureKind kind, const ClosureInput& input,
                                                  const mpi::Communicator& communicator) {
  Box box(input.problem.tracked.dimension());
  mpi::agree(communicator, [&] { box = table_box(input); });
  const fp::CoefficientTable empty = fp::empty_table(box.low, box.high, n_nodes(input, kind));
  const bool constant_rate = input.problem.sgd.schedule.kind == nn::Schedule::Kind::constant;
  const bool only_one = kind == fp::ClosureKind::fixed && constant_rate;
  std::vector<fp::CoefficientTable> tables(only_one ? 1 : input.ensemble.n_snapshots(), empty);
  for (std::size_t k = 0; k < tables.size(); ++k) {
    const std::uint32_t step = input.ensemble.steps[k];
    if (kind == fp::ClosureKind::fixed) tabulate_at(input, fixed_parameters(input.problem), step, tables[k]);
    if (kind == fp::ClosureKind::mean_trajectory) tabulate_at(input, input.mean_parameters[k], step, tables[k]);
    if (kind == fp::ClosureKind::annealed)
      tabulate_annealed(input, local_snapshot(input, k, communicator), tables[k], communicator);
  }
  return tables;
}

}  // namespace

TrackedSnapshot TrackedHistory::operator[](std::size_t number) const {
  const std::size_t d = problem_.tracked.dimension();
  const std::size_t n_pairs = packed_size(problem_.tracked.dimension());
  const ensemble::Snapshot all = ensemble_.all_replicas(number);
  TrackedSnapshot tracked;
  const auto take = [](const std::vector<double>& from, std::size_t r, std::size_t width, std::vector<double>& to) {
    const auto first = from.begin() + static_cast<long>(r * width);
    to.insert(to.end(), first, first + static_cast<long>(width));
  };
  for (std::size_t r = 0; r < all.coefficients.loss.size(); ++r) {
    if (!std::isfinite(all.tracked[r * d])) continue;
    tracked.replica.push_back(static_cast<long>(r));
    take(all.tracked, r, d, tracked.w);
    take(all.coefficients.drift, r, d, tracked.drift);
    take(all.coefficients.diffusion, r, n_pairs, tracked.diffusion);
  }
  return tracked;
}

std::vector<std::vector<double>> mean_parameters(const ensemble::EnsembleProblem& problem,
                                                 const ensemble::EnsembleResult& ensemble,
                                                 const mpi::Communicator& communicator) {
  const std::size_t n_parameters = problem.network.n_parameters();
  std::vector<std::vector<double>> means;
  for (std::size_t number = 0; number < ensemble.n_snapshots(); ++number) {
    ensemble::Snapshot snapshot;
    mpi::agree(communicator, [&] { snapshot = ensemble.snapshot(number); });
    std::vector<double> sum(n_parameters + 1, 0.0);
    for (long r = 0; r < ensemble.n_local; ++r) {
      const double* row = snapshot.parameters.data() + r * n_parameters;
      if (!std::isfinite(row[0])) continue;
      for (std::size_t i = 0; i < n_parameters; ++i) sum[i] += row[i];
      sum.back() += 1;
    }
    communicator.sum(sum);
    const double n = sum.back();
    sum.pop_back();
    for (double& value : sum) value /= n;
    means.push_back(std::move(sum));
  }
  return means;
}

std::vector<double> fixed_parameters(const ensemble::EnsembleProblem& problem) {
  std::vector<double> parameters =
      problem.initial.others_shared ? ensemble::initial_parameters(problem, 0, 1) : problem.initial.mean;
  for (int position : problem.tracked.positions) parameters[position] = problem.initial.mean[position];
  return parameters;
}

std::unique_ptr<fp::Coefficients> close(fp::ClosureKind kind, const ClosureInput& input,
                                        const mpi::Communicator& communicator) {
  // Replicas are only ever lost: the last snapshot has the fewest.
  mpi::agree(communicator, [&] {
    if (input.tracked[input.tracked.size() - 1].size() < 2)
      throw ConfigError("fewer than two replicas stayed finite: lower training.learning_rate");
  });
  auto tables = kind == fp::ClosureKind::conditional ? conditional_tables(input, communicator)
                                                     : averaged_tables(kind, input, communicator);
  std::vector<double> times = input.ensemble.times;
  times.resize(tables.size());
  return std::make_unique<fp::TabulatedCoefficients>(std::move(times), std::move(tables));
}

}  // namespace driftwood::app
