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

constexpr int power_of_4(int n) {
  return 1 << (2 * n);
}

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

/// Interpolation of one table at one point of R^d.
template <int d>
class PointInTable {
 public:
  PointInTable(const CoefficientTable& table, const double* w) : table_(table) {
    for (int k = 0; k < d; ++k) {
      places_[k] = place_on(table.nodes[k], w[k]);
      cubic_[k] = cubic_weights(places_[k], static_cast<int>(table.nodes[k].size()));
      is_outside_ = is_outside_ || places_[k].overshoot != 0;
    }
  }

  void add_drift(double factor, double* drift) const {
    std::array<double, d> value{};
    sum_drift(-1, value.data());
    if (is_outside_) continue_drift(value.data());
    for (int i = 0; i < d; ++i) drift[i] += factor * value[i];
  }

  void add_diffusion(double factor, double* diffusion) const {
    const int n_pairs = packed_size(d);
    for (int corner = 0; corner < (1 << d); ++corner) {
      double weight = factor;
      std::size_t node = 0;
      for (int k = 0; k < d; ++k) {
        const int upper = (corner >> k) & 1;
        weight *= upper != 0 ? places_[k].fraction : 1 - places_[k].fraction;
        node = node * table_.nodes[k].size() + places_[k].interval + upper;
      }
      if (weight == 0) continue;
      for (int i = 0; i < n_pairs; ++i) diffusion[i] += weight * table_.diffusion[node * n_pairs + i];
    }
  }

 private:
  /// The drift, or its derivative along one axis, at the point moved into the nodes' range.
  void sum_drift(int derivative_axis, double* value) const {
    for (int corner = 0; corner < power_of_4(d); ++corner) {
      double weight = 1;
      std::size_t node = 0;
      for (int k = 0; k < d; ++k) {
        const int j = (corner >> (2 * (d - 1 - k))) & 3;
        weight *= k == derivative_axis ? cubic_[k].slope[j] : cubic_[k].value[j];
        node = node * table_.nodes[k].size() + places_[k].interval + j - 1;
      }
      if (weight == 0) continue;  // nodes beyond an end among them
      for (int i = 0; i < d; ++i) value[i] += weight * table_.drift[node * d + i];
    }
  }

  /// Adds the linear change beyond the nodes, less the part of it that points outward. Lengths in units of the range.
  void continue_drift(double* value) const {
    std::array<double, d> change{};
    double length2 = 0;
    for (int k = 0; k < d; ++k) {
      if (places_[k].overshoot == 0) continue;
      std::array<double, d> slope{};
      sum_drift(k, slope.data());
      for (int i = 0; i < d; ++i) change[i] += slope[i] * places_[k].overshoot;
      length2 += std::pow(places_[k].overshoot / places_[k].range, 2);
    }
    double outward = 0;
    for (int i = 0; i < d; ++i) outward += change[i] * places_[i].overshoot / std::pow(places_[i].range, 2);
    const double excess = std::max(0.0, outward) / length2;
    for (int i = 0; i < d; ++i) value[i] += change[i] - excess * places_[i].overshoot;
  }

  const CoefficientTable& table_;
  bool is_outside_ = false;
  std::array<AxisPlace, d> places_{};
  std::array<AxisWeights, d> cubic_{};
};

/// Adds the table's values at every point, with a factor for the drift and one for the diffusion.
template <int d>
void add_table(const CoefficientTable& table, double drift_factor, double diffusion_factor, std::span<const double> w,
               std::span<double> drift, std::span<double> diffusion) {
  for (std::size_t i = 0; i * d < w.size(); ++i) {
    const PointInTable<d> point(table, &w[i * d]);
    if (drift_factor != 0) point.add_drift(drift_factor, &drift[i * d]);
    if (diffusion_factor != 0) point.add_diffusion(diffusion_factor, &diffusion[i * packed_size(d)]);
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
