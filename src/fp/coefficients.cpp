#include "driftwood/fp/coefficients.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"

namespace driftwood::fp {

namespace {

constexpr int max_dimension = 4;

/// Where a coordinate lies among the nodes of its axis, after it was moved into their range.
struct AxisPlace {
  int interval = 0;      ///< between nodes[interval] and nodes[interval + 1]
  double fraction = 0;   ///< within it, 0..1
  double overshoot = 0;  ///< how far outside the range the coordinate was
  double range = 1;      ///< high - low
};

AxisPlace place_on(const std::vector<double>& nodes, double w) {
  const double low = nodes.front();
  const double high = nodes.back();
  const double inside = std::clamp(w, low, high);
  const int n_intervals = static_cast<int>(nodes.size()) - 1;
  const double position = (inside - low) / (high - low) * n_intervals;
  const int interval = std::clamp(static_cast<int>(position), 0, n_intervals - 1);
  return {interval, position - interval, w - inside, high - low};
}

/// Weights of the nodes interval-1 .. interval+2 and, for the slope, their derivatives per unit of w.
struct AxisWeights {
  std::array<double, 4> value{};
  std::array<double, 4> slope{};
};

/// Nodes beyond an end are the linear continuation of the last two: their weight goes to those.
void fold(std::array<double, 4>& weights, bool at_low_end, bool at_high_end) {
  if (at_low_end) {
    weights[1] += 2 * weights[0];
    weights[2] -= weights[0];
    weights[0] = 0;
  }
  if (at_high_end) {
    weights[2] += 2 * weights[3];
    weights[1] -= weights[3];
    weights[3] = 0;
  }
}

AxisWeights cubic_weights(const AxisPlace& place, int n_nodes) {
  const double x = place.fraction;
  const double x2 = x * x;
  const double x3 = x2 * x;
  AxisWeights weights;
  weights.value = {(-x3 + 2 * x2 - x) / 2, (3 * x3 - 5 * x2 + 2) / 2, (-3 * x3 + 4 * x2 + x) / 2, (x3 - x2) / 2};
  const double per_w = (n_nodes - 1) / place.range;
  weights.slope = {(-3 * x2 + 4 * x - 1) / 2 * per_w, (9 * x2 - 10 * x) / 2 * per_w, (-9 * x2 + 8 * x + 1) / 2 * per_w,
                   (3 * x2 - 2 * x) / 2 * per_w};
  const bool at_low_end = place.interval == 0;
  const bool at_high_end = place.interval + 2 >= n_nodes;
  fold(weights.value, at_low_end, at_high_end);
  fold(weights.slope, at_low_end, at_high_end);
  return weights;
}

/// Interpolation of one table at points of R^d, one after the other. The table is contracted axis by axis, and what was
/// contracted over the first axes is kept while their coordinates stay: along a row of cells only the last axis is
/// left. The value at a point does not depend on the points before.
template <int d>
class WalkInTable {
 public:
  explicit WalkInTable(const CoefficientTable& table) : table_(table) {
    std::size_t n_left = table.n_nodes();
    for (int k = 0; k < d; ++k) {
      n_left /= table.nodes[k].size();
      Level& level = levels_[k];
      level.n_left = n_left;
      level.drift.resize(n_left * d);
      level.diffusion.resize(n_left * packed_size(d));
      for (int axis = 0; axis <= k; ++axis) level.slopes[axis].resize(n_left * d);
    }
  }

  void move_to(const double* w) {
    int first = 0;
    if (has_moved_)
      while (first < d && levels_[first].coordinate == w[first]) ++first;
    has_moved_ = true;
    for (int k = first; k < d; ++k) contract(k, w[k]);
  }

  void add_drift(double factor, double* drift) const {
    std::array<double, d> value{};
    std::copy_n(levels_[d - 1].drift.begin(), d, value.begin());
    continue_drift(value.data());
    for (int i = 0; i < d; ++i) drift[i] += factor * value[i];
  }

  void add_diffusion(double factor, double* diffusion) const {
    for (int i = 0; i < packed_size(d); ++i) diffusion[i] += factor * levels_[d - 1].diffusion[i];
  }

 private:
  /// The table contracted over the axes 0 .. k: the nodes of the others remain.
  struct Level {
    double coordinate = 0;
    AxisPlace place;
    std::size_t n_left = 0;
    std::vector<double> drift;
    std::array<std::vector<double>, d> slopes;  ///< derivative along one of these axes; only beyond its nodes
    std::vector<double> diffusion;
  };

  /// Sum of `from`, nodes x width, with weights on n nodes from `first_node` on.
  template <std::size_t n>
  static void combine(const std::array<double, n>& weights, int first_node, const std::vector<double>& from,
                      std::vector<double>& to) {
    std::fill(to.begin(), to.end(), 0.0);
    for (std::size_t j = 0; j < n; ++j) {
      if (weights[j] == 0) continue;  // nodes beyond an end among them
      const double* part = from.data() + (first_node + static_cast<long>(j)) * static_cast<long>(to.size());
      for (std::size_t i = 0; i < to.size(); ++i) to[i] += weights[j] * part[i];
    }
  }

  void contract(int k, double coordinate) {
    Level& level = levels_[k];
    level.coordinate = coordinate;
    level.place = place_on(table_.nodes[k], coordinate);
    const AxisWeights cubic = cubic_weights(level.place, static_cast<int>(table_.nodes[k].size()));
    const std::array<double, 2> linear{1 - level.place.fraction, level.place.fraction};
    const std::vector<double>& drift = k == 0 ? table_.drift : levels_[k - 1].drift;
    const int first_node = level.place.interval - 1;
    combine(cubic.value, first_node, drift, level.drift);
    combine(linear, level.place.interval, k == 0 ? table_.diffusion : levels_[k - 1].diffusion, level.diffusion);
    if (level.place.overshoot != 0) combine(cubic.slope, first_node, drift, level.slopes[k]);
    for (int axis = 0; axis < k; ++axis)
      if (levels_[axis].place.overshoot != 0)
        combine(cubic.value, first_node, levels_[k - 1].slopes[axis], level.slopes[axis]);
  }

  /// Adds the linear change beyond the nodes, less the part of it that points outward. Lengths in units of the range.
  void continue_drift(double* value) const {
    std::array<double, d> change{};
    double length2 = 0;
    for (int k = 0; k < d; ++k) {
      const AxisPlace& place = levels_[k].place;
      if (place.overshoot == 0) continue;
      for (int i = 0; i < d; ++i) change[i] += levels_[d - 1].slopes[k][i] * place.overshoot;
      length2 += std::pow(place.overshoot / place.range, 2);
    }
    if (length2 == 0) return;
    double outward = 0;
    for (int i = 0; i < d; ++i) outward += change[i] * levels_[i].place.overshoot / std::pow(levels_[i].place.range, 2);
    const double excess = std::max(0.0, outward) / length2;
    for (int i = 0; i < d; ++i) value[i] += change[i] - excess * levels_[i].place.overshoot;
  }

  const CoefficientTable& table_;
  std::array<Level, d> levels_;
  bool has_moved_ = false;
};

/// Adds the table's values at every point, with a factor for the drift and one for the diffusion.
template <int d>
void add_table(const CoefficientTable& table, double drift_factor, double diffusion_factor, std::span<const double> w,
               std::span<double> drift, std::span<double> diffusion) {
  WalkInTable<d> walk(table);
  for (std::size_t i = 0; i * d < w.size(); ++i) {
    walk.move_to(&w[i * d]);
    if (drift_factor != 0) walk.add_drift(drift_factor, &drift[i * d]);
    if (diffusion_factor != 0) walk.add_diffusion(diffusion_factor, &diffusion[i * packed_size(d)]);
  }
}

/// Lagrange's weight of `times[own]` at t, among the times first .. last.
double lagrange_weight(const std::vector<double>& times, std::size_t first, std::size_t last, std::size_t own,
                       double t) {
  double weight = 1;
  for (std::size_t other = first; other <= last; ++other)
    if (other != own) weight *= (t - times[other]) / (times[own] - times[other]);
  return weight;
}

void require_consistent(const CoefficientTable& table) {
  const int d = table.dimension();
  if (d < 1 || d > max_dimension) throw InternalError("a coefficient table has 1 to 4 dimensions");
  for (const auto& axis : table.nodes)
    if (axis.size() < 2 || !(axis.front() < axis.back()))
      throw InternalError("a coefficient table needs 2 or more ascending nodes on every axis");
  if (table.drift.size() != table.n_nodes() * d || table.diffusion.size() != table.n_nodes() * packed_size(d))
    throw InternalError("a coefficient table's drift and diffusion do not fit its nodes");
}

}  // namespace

std::size_t CoefficientTable::n_nodes() const {
  std::size_t n = 1;
  for (const auto& axis : nodes) n *= axis.size();
  return n;
}

std::vector<double> CoefficientTable::points() const {
  const int d = dimension();
  std::vector<double> all(n_nodes() * d);
  for (std::size_t node = 0; node < n_nodes(); ++node) {
    std::size_t rest = node;
    for (int k = d - 1; k >= 0; --k) {
      all[node * d + k] = nodes[k][rest % nodes[k].size()];
      rest /= nodes[k].size();
    }
  }
  return all;
}

TabulatedCoefficients::TabulatedCoefficients(std::vector<double> times, std::vector<CoefficientTable> tables)
    : times_(std::move(times)), tables_(std::move(tables)) {
  if (tables_.empty() || times_.size() != tables_.size())
    throw InternalError("tabulated coefficients need one time a table");
  if (std::adjacent_find(times_.begin(), times_.end(), std::greater_equal<>()) != times_.end())
    throw InternalError("tabulated coefficients need ascending times");
  for (const CoefficientTable& table : tables_) {
    require_consistent(table);
    if (table.dimension() != dimension()) throw InternalError("coefficient tables differ in dimension");
  }
}

int TabulatedCoefficients::dimension() const {
  return tables_.front().dimension();
}

void TabulatedCoefficients::evaluate(double t, std::span<const double> w, std::span<double> drift,
                                     std::span<double> diffusion) const {
  t = std::clamp(t, times_.front(), times_.back());
  // t lies between times_[before] and times_[after].
  const auto later = std::upper_bound(times_.begin(), times_.end(), t);
  const std::size_t after = std::min<std::size_t>(later - times_.begin(), times_.size() - 1);
  const std::size_t before = after == 0 ? 0 : after - 1;
  const double share = before == after ? 0.0 : (t - times_[before]) / (times_[after] - times_[before]);
  // The four tables around t, or as many as there are.
  const std::size_t n_used = std::min<std::size_t>(4, times_.size());
  const std::size_t first = std::min(before == 0 ? 0 : before - 1, times_.size() - n_used);
  const std::size_t last = first + n_used - 1;
  std::fill(drift.begin(), drift.end(), 0.0);
  std::fill(diffusion.begin(), diffusion.end(), 0.0);
  for (std::size_t k = first; k <= last; ++k) {
    const double drift_factor = lagrange_weight(times_, first, last, k, t);
    const double diffusion_factor = k == before ? 1 - share : k == after ? share : 0.0;
    switch (dimension()) {
      case 1:
        add_table<1>(tables_[k], drift_factor, diffusion_factor, w, drift, diffusion);
        break;
      case 2:
        add_table<2>(tables_[k], drift_factor, diffusion_factor, w, drift, diffusion);
        break;
      case 3:
        add_table<3>(tables_[k], drift_factor, diffusion_factor, w, drift, diffusion);
        break;
      default:
        add_table<4>(tables_[k], drift_factor, diffusion_factor, w, drift, diffusion);
        break;
    }
  }
}

}  // namespace driftwood::fp
