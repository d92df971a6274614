#include "driftwood/fp/line_sweep.hpp"

#include <algorithm>
#include <memory>

#include "driftwood/core/error.hpp"
#include "line_kernels.hpp"

namespace driftwood::fp {

namespace {

using namespace line_kernels;

/// Cells of one bundle: what a sweep needs of them stays in the second-level cache.
constexpr long bundle_size = 4096;

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
      : problem_(problem),
        step_(step),
        memory_(std::make_unique_for_overwrite<double[]>(largest * n_kinds + 2 * widest_bundle)) {}

  /// `lost`: what leaves every cell through an absorbing face is added there.
  template <bool second_order>
  void sweep(const Place& place, double* mass, double* lost) {
    place_ = place;
    is_direct_ = place.across == 1 ? inside_of(place.length - 1) == place.width : place.width == 1;
    row_ = memory_.get() + n_kinds * place.length * place.width;
    const ConstRows x = source(mass, start);
    const Bundle rates{place.length, place.width, source(problem_.forward.data(), forward),
                       source(problem_.backward.data(), backward), exits()};
    const Bundle bundle = problem_.flux == FluxKind::chang_cooper ? rates : corrected<second_order>(rates, x);
    if constexpr (second_order) {
      factorise(bundle, gamma * step_, x, factors(), rows(solution), is_direct_ ? rows(start) : Rows{nullptr, 0});
      substitute_and_extrapolate(bundle, factors(), (1 - gamma) / gamma, rows(start), rows(solution), row_);
      eliminate(bundle, factors(), rows(solution));
      const bool is_negative = substitute(bundle, factors(), rows(solution), row_);
      if (is_negative || bundle.exit.data) limit(bundle);
    } else {
      factorise(bundle, step_, x, factors(), rows(solution), {nullptr, 0});
      substitute(bundle, factors(), rows(solution), row_);
    }
    store(rows(solution).data, mass);
    if (bundle.exit.data) add_lost(bundle, second_order, lost);
  }

 private:
  /// What rows hold. From `base` on: where SDIRK2 has to be limited.
  enum Kind : long {
    start,
    solution,
    inverse_pivot,
    to_next,
    from_next,
    forward,
    backward,
    exit,
    cell_weight,
    cell_drift,
    cell_excess,
    corrected_forward,
    corrected_backward,
    base,
    stage,
    flow,
    leak,
    part,
    strict,
    limited,
    n_kinds
  };

  Rows rows(Kind kind) const { return {memory_.get() + kind * place_.length * place_.width, place_.width}; }
  Factors factors() const { return {rows(inverse_pivot), rows(to_next), rows(from_next), row_ + widest_bundle}; }

  /// Values of the bundle's cells, where they are or copied to the rows of a kind.
  ConstRows source(const double* values, Kind kind) const {
    if (is_direct_) return {values + place_.first, place_.along};
    load(values, rows(kind).data);
    return rows(kind);
  }
  ConstRows exits() const {
    return problem_.exit_rate.empty() ? ConstRows(nullptr, 0) : source(problem_.exit_rate.data(), exit);
  }

  void load(const double* from, double* to) const {
    if (place_.across != 1) {
      transpose(place_.width, place_.length, from + place_.first, place_.across, to, place_.width);
      return;
    }
    for (long m = 0; m < place_.length; ++m, to += place_.width) {
      const long inside = inside_of(m);
      std::copy_n(from + place_.cell(m, 0), inside, to);
      std::fill(to + inside, to + place_.width, 0.0);
    }
  }
  void store(const double* from, double* to) const {
    if (place_.across != 1) {
      transpose(place_.length, place_.width, from, place_.width, to + place_.first, place_.across);
      return;
    }
    for (long m = 0; m < place_.length; ++m) std::copy_n(from + m * place_.width, inside_of(m), to + place_.cell(m, 0));
  }
  /// How many of a row's cells exist: chains of a block differ by one in length.
  long inside_of(long m) const {
    if (place_.across != 1) return place_.width;
    return std::clamp(place_.n_cells - place_.cell(m, 0), 0L, place_.width);
  }

  /// With the rates of the density in the middle of the step (to first order: the step is then of second order), or at
  /// its start.
  template <bool second_order>
  Bundle corrected(const Bundle& rates, const ConstRows& x) const {
    const bool has_excess = !problem_.cell_excess.empty();
    const FluxRows flux{source(problem_.cell_weight.data(), cell_weight),
                        problem_.flux == FluxKind::fourth_order ? source(problem_.cell_drift.data(), cell_drift)
                                                                : ConstRows(nullptr, 0),
                        has_excess ? source(problem_.cell_excess.data(), cell_excess) : ConstRows(nullptr, 0)};
    const Bundle bundle{rates.length, rates.width, rows(corrected_forward), rows(corrected_backward), rates.exit};
    ConstRows density = x;
    if constexpr (second_order) {
      // What is taken off again must not smear the density in the middle of the step.
      if (has_excess) correct_rates(rates, flux, x, rows(corrected_forward), rows(corrected_backward));
      factorise(has_excess ? bundle : rates, step_ / 2, x, factors(), rows(solution), {nullptr, 0});
      substitute(has_excess ? bundle : rates, factors(), rows(solution), row_);
      density = rows(solution);
    }
    correct_rates(rates, flux, density, rows(corrected_forward), rows(corrected_backward));
    return bundle;
  }

  /// Where SDIRK2's solution is negative on a line (`row_`: its least value): backward Euler and SDIRK2's further
  /// currents as far as no cell becomes negative. Where one does, it and (as it then gives less to its neighbours)
  /// possibly more must bound what they give; with all bounded, none can.
  void limit(const Bundle& bundle) const {
    const long n = bundle.length * bundle.width;
    double* ignored = row_ + widest_bundle;  // the factors' row is free by then
    factorise(bundle, gamma * step_, rows(start), factors(), rows(stage), {nullptr, 0});
    substitute(bundle, factors(), rows(stage), ignored);
    factorise(bundle, step_, rows(start), factors(), rows(base), {nullptr, 0});
    substitute(bundle, factors(), rows(base), ignored);
    corrections(bundle, step_, rows(stage), rows(solution), rows(base), rows(flow), rows(leak));
    std::fill_n(rows(strict).data, n, 0.0);
    bool is_last = false;
    for (long reach = 1;; reach = std::min(2 * reach, bundle.length)) {
      allowances(bundle, rows(strict), rows(solution), rows(base), rows(flow), rows(leak), rows(part));
      if (!apply_corrections(bundle, rows(base), rows(flow), rows(leak), rows(part), rows(limited), rows(strict)))
        break;
      if (is_last) {
        // All are bounded: what is below zero lost its digits near the smallest numbers there are.
        for (long i = 0; i < n; ++i) rows(limited).data[i] = std::max(rows(limited).data[i], 0.0);
        break;
      }
      widen_marks(bundle, rows(strict), reach);
      is_last = reach == bundle.length;
    }
    for (long m = 0; m < bundle.length; ++m)
      for (long j = 0; j < bundle.width; ++j)
        if (row_[j] < 0 || bundle.exit.data) rows(solution)[m][j] = rows(limited)[m][j];
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
  void add_lost(const Bundle& bundle, bool second_order, double* lost) const {
    const Rows euler = rows(second_order ? base : solution);
    for (long m = 0; m < bundle.length; ++m)
      for (long j = 0; j < inside_of(m); ++j)
        lost[place_.cell(m, j)] +=
            step_ * bundle.exit[m][j] * euler[m][j] + (second_order ? rows(leak)[m][j] * rows(part)[m][j] : 0.0);
  }

  const LineProblem& problem_;
  double step_;
  std::unique_ptr<double[]> memory_;
  Place place_{};
  bool is_direct_ = false;
  double* row_ = nullptr;
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
