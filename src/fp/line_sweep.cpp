#include "driftwood/fp/line_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "driftwood/core/error.hpp"
#include "flux.hpp"

// The kernels are compiled for several instruction sets and chosen at run time; without contraction of products and
// sums (the whole project's choice) all give the same bits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__)
#define DRIFTWOOD_FOR_EACH_ISA __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define DRIFTWOOD_FOR_EACH_ISA
#endif

namespace driftwood::fp {

namespace {

/// The first coefficient of SDIRK2, L-stable and of second order (Alexander 1977).
constexpr double gamma = 1 - 1 / std::numbers::sqrt2;
/// Corrections to backward Euler take at most this part of what a cell holds.
constexpr double largest_part = 0.9;
/// Values of one bundle of each kind: ten kinds stay in the second-level cache.
constexpr long bundle_size = 2048;
constexpr long widest_bundle = 64;

/// A bundle of lines side by side: row m holds the m-th cell of each, `width` values.
struct Rows {
  double* data;
  long width;
  double* operator[](long m) const { return data + m * width; }
};

/// The rates of a bundle of lines, `width` side by side.
struct Bundle {
  long length;
  long width;
  Rows forward;
  Rows backward;
  Rows exit;  ///< data may be null
};

// Row m of a line's matrix I - step L holds -F_{m-1}, 1 + F_m + B_{m-1} + X_m, -B_m (F forward, B backward, X exit,
// times the step). Elimination leaves the pivots e_m + F_m with e_m = 1 + X_m + B_{m-1} e_{m-1} / p_{m-1}: sums and
// products only.
/// The inverse pivots; `rest` holds a row.
DRIFTWOOD_FOR_EACH_ISA
void factorise(const Bundle& bundle, double step, const Rows& inverse_pivot, double* __restrict rest) {
  const long width = bundle.width;
  for (long m = 0; m < bundle.length; ++m) {
    const double* __restrict forward = bundle.forward[m];
    double* __restrict inverse = inverse_pivot[m];
    if (m == 0) {
      for (long j = 0; j < width; ++j) rest[j] = 1;
    } else {
      const double* __restrict before_inverse = inverse_pivot[m - 1];
      const double* __restrict backward = bundle.backward[m - 1];
      for (long j = 0; j < width; ++j) rest[j] = 1 + step * backward[j] * (rest[j] * before_inverse[j]);
    }
    if (bundle.exit.data) {
      const double* __restrict exit = bundle.exit[m];
      for (long j = 0; j < width; ++j) rest[j] += step * exit[j];
    }
    for (long j = 0; j < width; ++j) inverse[j] = 1 / (rest[j] + step * forward[j]);
  }
}

/// x <- (I - step L)^-1 right side.
DRIFTWOOD_FOR_EACH_ISA
void solve_bundle(const Bundle& bundle, double step, const Rows& inverse_pivot, const Rows& right_side, const Rows& x) {
  const long width = bundle.width;
  std::copy_n(right_side[0], width, x[0]);
  for (long m = 1; m < bundle.length; ++m) {
    const double* __restrict b = right_side[m];
    const double* __restrict inverse = inverse_pivot[m - 1];
    const double* __restrict forward = bundle.forward[m - 1];
    const double* __restrict before = x[m - 1];
    double* __restrict y = x[m];
    for (long j = 0; j < width; ++j) y[j] = b[j] + step * forward[j] * (inverse[j] * before[j]);
  }
  double* __restrict last = x[bundle.length - 1];
  const double* __restrict last_inverse = inverse_pivot[bundle.length - 1];
  for (long j = 0; j < width; ++j) last[j] *= last_inverse[j];
  for (long m = bundle.length - 2; m >= 0; --m) {
    const double* __restrict inverse = inverse_pivot[m];
    const double* __restrict backward = bundle.backward[m];
    const double* __restrict after = x[m + 1];
    double* __restrict y = x[m];
    for (long j = 0; j < width; ++j) y[j] = (y[j] + step * backward[j] * after[j]) * inverse[j];
  }
}

/// out <- start + factor (stage - start).
DRIFTWOOD_FOR_EACH_ISA
void extrapolate(long n, double factor, const double* __restrict start, const double* __restrict stage,
                 double* __restrict out) {
  for (long i = 0; i < n; ++i) out[i] = start[i] + factor * (stage[i] - start[i]);
}

/// What SDIRK2 moves from every cell to the next more than backward Euler does: `flow`; and out of exits: `leak`.
DRIFTWOOD_FOR_EACH_ISA
void corrections(const Bundle& bundle, double step, const Rows& stage, const Rows& high, const Rows& base,
                 const Rows& flow, const Rows& leak) {
  const long width = bundle.width;
  for (long m = 0; m < bundle.length; ++m) {
    const bool is_last = m + 1 == bundle.length;
    const double* __restrict s0 = stage[m];
    const double* __restrict h0 = high[m];
    const double* __restrict b0 = base[m];
    double* __restrict out = flow[m];
    if (is_last) {
      for (long j = 0; j < width; ++j) out[j] = 0;
    } else {
      const double* __restrict forward = bundle.forward[m];
      const double* __restrict backward = bundle.backward[m];
      const double* __restrict s1 = stage[m + 1];
      const double* __restrict h1 = high[m + 1];
      const double* __restrict b1 = base[m + 1];
      for (long j = 0; j < width; ++j) {
        const double from = (1 - gamma) * s0[j] + gamma * h0[j] - b0[j];
        const double to = (1 - gamma) * s1[j] + gamma * h1[j] - b1[j];
        out[j] = step * (forward[j] * from - backward[j] * to);
      }
    }
    if (!bundle.exit.data) continue;
    const double* __restrict exit = bundle.exit[m];
    double* __restrict lost = leak[m];
    for (long j = 0; j < width; ++j) lost[j] = step * exit[j] * ((1 - gamma) * s0[j] + gamma * h0[j] - b0[j]);
  }
}

/// The part of its corrections that a cell may give: what keeps it positive whatever comes in; 1 where the corrected
/// value is no problem, unless the cell is marked as `strict`.
DRIFTWOOD_FOR_EACH_ISA
void allowances(const Bundle& bundle, const Rows& strict, const Rows& high, const Rows& base, const Rows& flow,
                const Rows& leak, const Rows& part) {
  const long width = bundle.width;
  for (long m = 0; m < bundle.length; ++m) {
    const double* __restrict b = base[m];
    const double* __restrict h = high[m];
    const double* __restrict right = flow[m];
    const double* __restrict is_strict = strict[m];
    double* __restrict out = part[m];
    for (long j = 0; j < width; ++j) out[j] = right[j] > 0 ? right[j] : 0.0;
    if (m > 0) {
      const double* __restrict left = flow[m - 1];
      for (long j = 0; j < width; ++j) out[j] += left[j] < 0 ? -left[j] : 0.0;
    }
    if (bundle.exit.data) {
      const double* __restrict lost = leak[m];
      for (long j = 0; j < width; ++j) out[j] += lost[j] > 0 ? lost[j] : 0.0;
    }
    for (long j = 0; j < width; ++j) {
      const double available = largest_part * b[j];
      const double limited = out[j] > available ? available / out[j] : 1.0;
      out[j] = is_strict[j] == 0 && h[j] >= (1 - largest_part) * b[j] ? 1.0 : limited;
    }
  }
}

/// out <- base and the corrections, each times the allowance of the cell it is drawn from. Marks cells that become
/// negative in `strict`; returns whether there are any.
DRIFTWOOD_FOR_EACH_ISA
bool apply_corrections(const Bundle& bundle, const Rows& base, const Rows& flow, const Rows& leak, const Rows& part,
                       const Rows& out, const Rows& strict) {
  const long width = bundle.width;
  double least = 0;
  for (long m = 0; m < bundle.length; ++m) {
    const bool is_last = m + 1 == bundle.length;
    const double* __restrict b = base[m];
    double* __restrict x = out[m];
    const double* __restrict own = part[m];
    std::copy_n(b, width, x);
    if (!is_last) {
      const double* __restrict right = flow[m];
      const double* __restrict next = part[m + 1];
      for (long j = 0; j < width; ++j) x[j] -= right[j] * (right[j] > 0 ? own[j] : next[j]);
    }
    if (m > 0) {
      const double* __restrict left = flow[m - 1];
      const double* __restrict before = part[m - 1];
      for (long j = 0; j < width; ++j) x[j] += left[j] * (left[j] > 0 ? before[j] : own[j]);
    }
    if (bundle.exit.data) {
      const double* __restrict lost = leak[m];
      for (long j = 0; j < width; ++j) x[j] -= lost[j] * own[j];
    }
    double* __restrict marks = strict[m];
    for (long j = 0; j < width; ++j) marks[j] = x[j] < 0 ? 1.0 : marks[j];
    for (long j = 0; j < width; ++j) least = x[j] < least ? x[j] : least;
  }
  return least < 0;
}

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
