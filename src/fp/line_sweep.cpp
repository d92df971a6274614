#include "driftwood/fp/line_sweep.hpp"

#include <algorithm>
#include <cmath>
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

/// Patankar weights are bounded: a cell that a step fills from (nearly) nothing.
constexpr double largest_weight = 1e6;
/// Doubles of one bundle's rows of one kind: a few kinds fit the second-level cache.
constexpr long bundle_size = 8192;
constexpr long widest_bundle = 64;

/// A bundle of lines side by side: row m holds the m-th cell of each, `width` values.
struct Rows {
  double* data;
  long width;
  double* operator[](long m) const { return data + m * width; }
};

/// The tridiagonal system of one implicit step on a bundle, rates times the step: x - inflow + outflow = right side.
struct Bundle {
  long length;
  long width;
  Rows forward;
  Rows backward;
  Rows exit;  ///< data may be null
};

// Row m of the matrix of a line holds -F_{m-1}, 1 + F_m + B_{m-1} + X_m, -B_m (F forward, B backward, X exit).
// Elimination leaves the pivots e_m + F_m with e_m = 1 + X_m + B_{m-1} e_{m-1} / p_{m-1}: sums and products only.
DRIFTWOOD_FOR_EACH_ISA
void solve_bundle(const Bundle& bundle, const Rows& right_side, const Rows& x, const Rows& inverse_pivot,
                  double* __restrict rest) {
  const long width = bundle.width;
  for (long m = 0; m < bundle.length; ++m) {
    const double* __restrict forward = bundle.forward[m];
    const double* __restrict b = right_side[m];
    double* __restrict y = x[m];
    double* __restrict inverse = inverse_pivot[m];
    if (m == 0) {
      for (long j = 0; j < width; ++j) {
        rest[j] = 1;
        y[j] = b[j];
      }
    } else {
      const double* __restrict before_inverse = inverse_pivot[m - 1];
      const double* __restrict before_backward = bundle.backward[m - 1];
      const double* __restrict before_forward = bundle.forward[m - 1];
      const double* __restrict before = x[m - 1];
      for (long j = 0; j < width; ++j) {
        rest[j] = 1 + before_backward[j] * (rest[j] * before_inverse[j]);
        y[j] = b[j] + before_forward[j] * (before_inverse[j] * before[j]);
      }
    }
    if (bundle.exit.data) {
      const double* __restrict exit = bundle.exit[m];
      for (long j = 0; j < width; ++j) rest[j] += exit[j];
    }
    for (long j = 0; j < width; ++j) inverse[j] = 1 / (rest[j] + forward[j]);
  }
  for (long m = bundle.length - 1; m >= 0; --m) {
    double* __restrict y = x[m];
    const double* __restrict inverse = inverse_pivot[m];
    if (m == bundle.length - 1) {
      for (long j = 0; j < width; ++j) y[j] *= inverse[j];
    } else {
      const double* __restrict after = x[m + 1];
      const double* __restrict backward = bundle.backward[m];
      for (long j = 0; j < width; ++j) y[j] = (y[j] + backward[j] * after[j]) * inverse[j];
    }
  }
}

/// ratio <- start / found, the Patankar weight of a cell.
DRIFTWOOD_FOR_EACH_ISA
void patankar_weights(long n, const double* __restrict start, const double* __restrict found,
                      double* __restrict ratio) {
  for (long i = 0; i < n; ++i) {
    const double quotient = start[i] / found[i];
    const double bounded = quotient < largest_weight ? quotient : largest_weight;
    ratio[i] = found[i] > 0 ? bounded : 1.0;
  }
}

/// out <- factor (first ratio + second).
DRIFTWOOD_FOR_EACH_ISA
void weighted_sum(long n, double factor, const double* first, const double* __restrict ratio, const double* second,
                  double* out) {
  for (long i = 0; i < n; ++i) out[i] = factor * (first[i] * ratio[i] + second[i]);
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
    const long n = place.length * place.width;
    width_ = place.width;
    kind_ = n;
    Rows start = rows(0);
    Rows found = rows(1);
    Rows inverse = rows(2);
    load(place, mass, start.data);
    set_rates(place, start, 3);
    Bundle bundle{place.length, place.width, rows(3), rows(4), exits(place, 5)};
    double* rest = &memory_[static_cast<std::size_t>(kind_) * n_kinds];
    solve_bundle(bundle, start, found, inverse, rest);
    if constexpr (second_order) {
      Rows ratio = inverse;
      Rows forward = rows(3);
      Rows backward = rows(4);
      if (problem_.flux != FluxKind::chang_cooper) set_rates(place, found, 6);
      patankar_weights(n, start.data, found.data, ratio.data);
      const bool same = problem_.flux == FluxKind::chang_cooper;
      weighted_sum(n, 0.5, forward.data, ratio.data, same ? forward.data : rows(6).data, forward.data);
      // Leaving i + offset: the weight of the next row.
      weighted_sum(n - width_, 0.5, backward.data, ratio[1], same ? backward.data : rows(7).data, backward.data);
      if (bundle.exit.data) weighted_sum(n, 0.5, bundle.exit.data, ratio.data, bundle.exit.data, bundle.exit.data);
      solve_bundle(bundle, start, found, inverse, rest);
    }
    store(place, found.data, mass);
    if (!bundle.exit.data) return;
    for (long m = 0; m < place.length; ++m)
      for (long j = 0; j < inside_of(place, m); ++j) lost[place.cell(m, j)] += bundle.exit[m][j] * found[m][j];
  }

 private:
  static constexpr long n_kinds = 8;

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

  /// Rates times the step of the bundle's edges for a density, to the kinds `kind` and `kind` + 1.
  void set_rates(const Place& place, const Rows& density, long kind) {
    Rows forward = rows(kind);
    Rows backward = rows(kind + 1);
    load(place, problem_.forward.data(), forward.data);
    load(place, problem_.backward.data(), backward.data);
    if (problem_.flux != FluxKind::chang_cooper) correct(place, density, forward, backward);
    const long n = place.length * place.width;
    for (double* rate : {forward.data, backward.data}) scaled_in_place(n, rate);
  }
  void scaled_in_place(long n, double* rate) const {
    for (long i = 0; i < n; ++i) rate[i] *= step_;
  }
  Rows exits(const Place& place, long kind) {
    if (problem_.exit_rate.empty()) return {nullptr, place.width};
    Rows exit = rows(kind);
    load(place, problem_.exit_rate.data(), exit.data);
    scaled_in_place(place.length * place.width, exit.data);
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

void patankar_sweep(const LineProblem& problem, double step, std::span<double> mass, std::span<double> lost) {
  sweep_all<true>(problem, step, mass, lost);
}

void euler_sweep(const LineProblem& problem, double step, std::span<double> mass, std::span<double> lost) {
  sweep_all<false>(problem, step, mass, lost);
}

}  // namespace driftwood::fp
