#include "driftwood/fp/line_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "driftwood/core/error.hpp"
#include "flux.hpp"
#include "line_kernels.hpp"

namespace driftwood::fp {

namespace {

using namespace line_kernels;

/// Values of one bundle of each kind: ten kinds stay in the second-level cache.
constexpr long bundle_size = 2048;
constexpr long widest_bundle = 64;

/// Where a bundle's cells are: `width` neighbouring lines of a block, or (offset 1) lines that follow each other.
struct Place {
  long first;   ///< cell of line 0, position 0
  long along;   ///< from one position to the next
  long across;  ///< from one line to the next
  long width;
  long length;
  long n_cells;  ///< positions beyond do not exist

  long cell(long m, long j) const { return first + m * along + j * across; }
};

/// The work space of one bundle and one sweep.
class Sweeper {
 public:
  Sweeper(const LineProblem& problem, double step, long largest)
      : problem_(problem), step_(step), memory_(static_cast<std::size_t>(largest) * n_kinds + widest_bundle) {}

  /// `lost`: what leaves every cell through an absorbing face is added there.
  template <bool second_order>
  void sweep(const Place& place, double* mass, double* lost) {
    width_ = place.width;
    kind_ = place.length * place.width;
    rest_ = &memory_[static_cast<std::size_t>(kind_) * n_kinds];
    const Rows start = rows(0);
    const Rows base = rows(1);
    const Rows pivots = rows(2);
    load(place, mass, start.data);
    Bundle bundle{place.length, place.width, rows(3), rows(4), exits(place, 5)};
    set_rates(place, start, bundle);
    const bool is_linear = problem_.flux == FluxKind::chang_cooper;
    if (second_order && !is_linear) {
      // The rates of the density in the middle of the step, to first order: the step is then of second order.
      factorise(bundle, step_ / 2, pivots, rest_);
      solve_bundle(bundle, step_ / 2, pivots, start, base);
      set_rates(place, base, bundle);
    }
    factorise(bundle, step_, pivots, rest_);
    solve_bundle(bundle, step_, pivots, start, base);
    const Rows leak = rows(9);
    if constexpr (second_order)
      correct_to_second_order(bundle, start, base, pivots, leak);
    else
      store(place, base.data, mass);
    if constexpr (second_order) store(place, start.data, mass);
    if (bundle.exit.data) add_lost(place, bundle, base, leak, second_order, lost);
  }

 private:
  static constexpr long n_kinds = 10;

  Rows rows(long kind) { return {&memory_[static_cast<std::size_t>(kind * kind_)], width_}; }

  void load(const Place& place, const double* from, double* to) const {
    for (long m = 0; m < place.length; ++m) {
      const long start = place.cell(m, 0);
      double* row = to + m * place.width;
      const long inside = inside_of(place, m);
      if (place.across == 1)
        std::copy_n(from + start, inside, row);
      else
        for (long j = 0; j < inside; ++j) row[j] = from[start + j * place.across];
      std::fill(row + inside, row + place.width, 0.0);
    }
  }
  void store(const Place& place, const double* from, double* to) const {
    for (long m = 0; m < place.length; ++m) {
      const long start = place.cell(m, 0);
      const double* row = from + m * place.width;
      const long inside = inside_of(place, m);
      if (place.across == 1)
        std::copy_n(row, inside, to + start);
      else
        for (long j = 0; j < inside; ++j) to[start + j * place.across] = row[j];
    }
  }
  /// How many of a row's cells exist: chains of a block differ by one in length.
  static long inside_of(const Place& place, long m) {
    if (place.across != 1) return place.width;
    return std::clamp(place.n_cells - place.cell(m, 0), 0L, place.width);
  }

  /// start <- the second-order solution: backward Euler's `base` and SDIRK2's further currents as far as no cell
  /// becomes negative. Where one does, it and (as it then gives less to its neighbours) possibly more must bound what
  /// they give; with all bounded, none can.
  void correct_to_second_order(const Bundle& bundle, const Rows& start, const Rows& base, const Rows& pivots,
                               const Rows& leak) {
    const long n = bundle.length * bundle.width;
    const Rows stage = rows(6);
    const Rows high = rows(7);
    const Rows flow = rows(8);
    factorise(bundle, gamma * step_, pivots, rest_);
    solve_bundle(bundle, gamma * step_, pivots, start, stage);
    extrapolate(n, (1 - gamma) / gamma, start.data, stage.data, flow.data);
    solve_bundle(bundle, gamma * step_, pivots, flow, high);
    corrections(bundle, step_, stage, high, base, flow, leak);
    const Rows part = pivots;
    const Rows strict = stage;
    std::fill_n(strict.data, n, 0.0);
    for (long reach = 1;; reach = std::min(2 * reach, bundle.length)) {
      allowances(bundle, strict, high, base, flow, leak, part);
      if (!apply_corrections(bundle, base, flow, leak, part, start, strict)) return;
      widen_marks(bundle, strict, reach);
    }
  }

  /// Marks the cells up to `reach` away from marked ones, too.
  static void widen_marks(const Bundle& bundle, const Rows& strict, long reach) {
    const auto pass = [&](long first, long by) {
      for (long j = 0; j < bundle.width; ++j) {
        long since = bundle.length;
        for (long n = 0, m = first; n < bundle.length; ++n, m += by) {
          since = strict[m][j] == 1 ? 0 : since + 1;
          if (since > 0 && since <= reach) strict[m][j] = 2;
        }
      }
    };
    pass(0, 1);
    pass(bundle.length - 1, -1);
    for (long i = 0; i < bundle.length * bundle.width; ++i) strict.data[i] = strict.data[i] > 0 ? 1.0 : 0.0;
  }

  /// What left through exits is what backward Euler says and the corrections, as they were applied.
  void add_lost(const Place& place, const Bundle& bundle, const Rows& base, const Rows& leak, bool second_order,
                double* lost) {
    const Rows part = rows(2);
    for (long m = 0; m < place.length; ++m)
      for (long j = 0; j < inside_of(place, m); ++j)
        lost[place.cell(m, j)] +=
            step_ * bundle.exit[m][j] * base[m][j] + (second_order ? leak[m][j] * part[m][j] : 0.0);
  }

  /// The rates of the bundle's edges for a density.
  void set_rates(const Place& place, const Rows& density, const Bundle& bundle) {
    load(place, problem_.forward.data(), bundle.forward.data);
    load(place, problem_.backward.data(), bundle.backward.data);
    if (problem_.flux != FluxKind::chang_cooper) correct(place, density, bundle.forward, bundle.backward);
  }
  Rows exits(const Place& place, long kind) {
    if (problem_.exit_rate.empty()) return {nullptr, place.width};
    const Rows exit = rows(kind);
    load(place, problem_.exit_rate.data(), exit.data);
    return exit;
  }

  void correct(const Place& place, const Rows& density, const Rows& forward, const Rows& backward) const {
    for (long m = 0; m + 1 < place.length; ++m) {
      const long inside = inside_of(place, m);
      for (long j = 0; j < inside; ++j) {
        const long i = place.cell(m, j);
        const double weight = problem_.weight[i];
        if (!(weight > 0)) continue;
        const long s = place.along;
        // A line ends where there is no edge on.
        const bool has_before = m > 0 && problem_.weight[i - s] >= 0;
        const bool has_after = m + 2 < place.length && i + s < place.n_cells && problem_.weight[i + s] >= 0;
        const flux::Around q{has_before ? density[m - 1][j] : 0, density[m][j], density[m + 1][j],
                             has_after ? density[m + 2][j] : 0,  has_before,    has_after};
        correct(i, s, weight, q, forward[m][j], backward[m][j]);
      }
    }
  }
  void correct(long i, long s, double weight, const flux::Around& q, double& forward, double& backward) const {
    const double peclet = problem_.peclet[i];
    if (problem_.flux == FluxKind::limited || std::abs(peclet) > flux::fourth_order_to) {
      flux::limit(weight, peclet, q, forward, backward);
    } else if (q.has_before && q.has_after) {
      const auto& a = problem_.cell_drift;
      const auto& rho = problem_.cell_weight;
      const double drift[] = {a[i - s], a[i], a[i + s], a[i + 2 * s]};
      const double weights[] = {rho[i - s], rho[i], rho[i + s], rho[i + 2 * s]};
      flux::raise_order(weight, q, drift, weights, forward, backward);
    }
  }

  const LineProblem& problem_;
  double step_;
  std::vector<double> memory_;
  long width_ = 0;
  long kind_ = 0;
  double* rest_ = nullptr;
};

long bundle_width(long length, long lines) {
  const long wanted = std::clamp(bundle_size / length / 8 * 8, 8L, widest_bundle);
  return std::min(wanted, lines);
}

template <bool second_order>
void sweep_all(const LineProblem& problem, double step, std::span<double> mass, std::span<double> lost) {
  const long n = problem.n_cells();
  const std::size_t n_lost = problem.exit_rate.empty() ? 0 : problem.exit_rate.size();
  if (static_cast<long>(mass.size()) != n || lost.size() != n_lost) throw InternalError("a sweep has one value a cell");
  if (n == 0) return;
  const long s = problem.offset;
  const long block = problem.block > 0 ? problem.block : n;
  if (s == 1) {
    // Lines of a block each, bundled with the lines of the next blocks.
    const long lines = n / block;
    const long width = bundle_width(block, lines);
    Sweeper sweeper(problem, step, block * width);
    for (long line = 0; line < lines; line += width)
      sweeper.sweep<second_order>({line * block, 1, block, std::min(width, lines - line), block, n}, mass.data(),
                                  lost.data());
    return;
  }
  const long length = (block + s - 1) / s;
  const long width = bundle_width(length, s);
  Sweeper sweeper(problem, step, length * width);
  for (long start = 0; start < n; start += block)
    for (long lane = 0; lane < s; lane += width)
      sweeper.sweep<second_order>({start + lane, s, 1, std::min(width, s - lane), length, start + block}, mass.data(),
                                  lost.data());
}

}  // namespace

void second_order_sweep(const LineProblem& problem, double step, std::span<double> mass, std::span<double> lost) {
  sweep_all<true>(problem, step, mass, lost);
}

void euler_sweep(const LineProblem& problem, double step, std::span<double> mass, std::span<double> lost) {
  sweep_all<false>(problem, step, mass, lost);
}

}  // namespace driftwood::fp
