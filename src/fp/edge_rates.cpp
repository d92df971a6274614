#include "driftwood/fp/edge_rates.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/core/small_cholesky.hpp"
#include "driftwood/fp/tensor_decomposition.hpp"

namespace driftwood::fp {

namespace {

using Step = std::array<int, 4>;
using SmallVector = std::array<double, 4>;

/// Below this part of the drift a diffusion is as good as none: the flux is upwind.
constexpr double least_diffusion = 1e-8;

/// A position on the grid that walks in natural order.
class Walker {
 public:
  Walker(const Grid& grid, long cell) : grid_(grid) {
    for (int k = grid.dimension() - 1; k >= 0; --k) {
      index_[k] = static_cast<int>(cell % grid.cells[k]);
      cell /= grid.cells[k];
    }
  }
  int index(int axis) const { return index_[axis]; }
  void next() {
    for (int k = grid_.dimension() - 1; k >= 0; --k) {
      if (++index_[k] < grid_.cells[k]) return;
      index_[k] = 0;
    }
  }
  bool has(const Step& step, int sign) const {
    for (int k = 0; k < grid_.dimension(); ++k) {
      const int to = index_[k] + sign * step[k];
      if (to < 0 || to >= grid_.cells[k]) return false;
    }
    return true;
  }

 private:
  const Grid& grid_;
  std::array<int, 4> index_{};
};

long offset_of(const Step& step, const std::vector<long>& stride) {
  long offset = 0;
  for (std::size_t k = 0; k < stride.size(); ++k) offset += step[k] * stride[k];
  return offset;
}

/// A pass over the cells that spreads each cell's directions on its edges, then one over the edges.
class EdgeBuilder {
 public:
  EdgeBuilder(const Grid& grid, CellRange owned, const CellCoefficients& coefficients)
      : grid_(grid),
        d_(grid.dimension()),
        owned_(owned),
        coefficients_(coefficients),
        stride_(strides(grid)),
        reach_(reach(grid)) {
    const CellRange needed = with_halo(grid, owned);
    const auto& range = coefficients.range;
    const auto n = static_cast<std::size_t>(range.count);
    if (range.first > needed.first || range.last() < needed.last() || coefficients.drift.size() != n * d_ ||
        coefficients.diffusion.size() != n * packed_size(d_))
      throw InternalError("the cells' coefficients do not cover the cells whose rates are asked for");
    const long reach_offset = reach_ * std::accumulate(stride_.begin(), stride_.end(), 0L);
    active_.first = std::max(0L, owned.first - reach_offset);
    active_.count = std::min(grid.n_cells(), owned.last() + reach_offset) - active_.first;
    tilt_.resize(static_cast<std::size_t>(active_.count) * d_);
    edges_.owned = owned;
    edges_.cell_peclet.assign(owned.count, 0.0);
  }

  EdgeCoefficients build() {
    Walker walker(grid_, active_.first);
    for (long cell = active_.first; cell < active_.last(); ++cell, walker.next()) add_cell(cell, walker);
    for (auto& [offset, direction] : directions_) {
      set_peclet(direction);
      edges_.directions.push_back(std::move(direction));
    }
    return std::move(edges_);
  }

 private:
  /// E in units of the cells: E_kl / (h_k h_l).
  double diffusion(long cell, int k, int l) const {
    const std::size_t row = static_cast<std::size_t>(cell - coefficients_.range.first) * packed_size(d_);
    return coefficients_.diffusion[row + packed_index(d_, k, l)] / (grid_.spacing(k) * grid_.spacing(l));
  }

  /// u - div E in units of the cells: what drives the density beside its own gradient (Ito).
  SmallVector effective_drift(long cell, const Walker& walker) const {
    SmallVector drift{};
    const std::size_t row = static_cast<std::size_t>(cell - coefficients_.range.first) * d_;
    for (int k = 0; k < d_; ++k) drift[k] = coefficients_.drift[row + k] / grid_.spacing(k);
    for (int l = 0; l < d_; ++l) {
      const long up = walker.index(l) + 1 < grid_.cells[l] ? cell + stride_[l] : cell;
      const long down = walker.index(l) > 0 ? cell - stride_[l] : cell;
      const double distance = static_cast<double>((up - down) / stride_[l]);
      for (int k = 0; k < d_; ++k) drift[k] -= (diffusion(up, k, l) - diffusion(down, k, l)) / distance;
    }
    return drift;
  }

  void add_cell(long cell, const Walker& walker) {
    const SmallVector drift = effective_drift(cell, walker);
    std::array<double, 10> tensor{};
    double trace = 0;
    for (int k = 0; k < d_; ++k)
      for (int l = k; l < d_; ++l) tensor[packed_index(d_, k, l)] = diffusion(cell, k, l);
    for (int k = 0; k < d_; ++k) trace += tensor[packed_index(d_, k, k)];
    const double peclet = cell_peclet(drift, tensor);
    if (cell >= owned_.first && cell < owned_.last()) edges_.cell_peclet[cell - owned_.first] = peclet;
    double fastest = 0;
    for (const double component : drift) fastest = std::max(fastest, std::abs(component));
    const double floor = std::max(least_diffusion * fastest - trace / d_, 0.0) + 1e-150;  // P stays finite
    for (int k = 0; k < d_; ++k) tensor[packed_index(d_, k, k)] += floor;

    const auto packed = std::span<const double>(tensor).first(packed_size(d_));
    const int allowed = static_cast<int>(std::clamp(2 / std::max(peclet, 1e-3), 1.0, static_cast<double>(reach_)));
    const TensorDecomposition parts = decompose(d_, packed, allowed);
    if (trace > 0) edges_.added_diffusion = std::max(edges_.added_diffusion, parts.added * d_ / trace);
    const SmallVector tilt = SmallCholesky(d_, packed, parts.added).solve(drift);
    std::copy_n(tilt.begin(), d_, tilt_.begin() + (cell - active_.first) * d_);
    for (int term = 0; term < parts.n_terms; ++term) spread(cell, walker, parts.terms[term]);
  }

  double cell_peclet(const SmallVector& drift, const std::array<double, 10>& tensor) const {
    double most = 0;
    for (int k = 0; k < d_; ++k)
      if (drift[k] != 0) most = std::max(most, std::abs(drift[k]) / std::max(tensor[packed_index(d_, k, k)], 1e-300));
    return most;
  }

  /// Half of a cell's weight goes to each of its two edges along the direction. `forward` holds the weights until
  /// finish().
  void spread(long cell, const Walker& walker, const DirectionTerm& term) {
    EdgeCoefficients::Direction& direction = direction_of(term.direction);
    const long start = owned_.first - direction.offset;
    const auto add = [&](long edge) {
      if (edge >= start && edge < owned_.last()) direction.weight[edge - start] += term.weight / 2;
    };
    if (walker.has(term.direction, 1)) add(cell);
    if (walker.has(term.direction, -1)) add(cell - direction.offset);
  }

  EdgeCoefficients::Direction& direction_of(const Step& step) {
    const long offset = offset_of(step, stride_);
    const auto found = directions_.find(offset);
    if (found != directions_.end()) return found->second;
    EdgeCoefficients::Direction direction{step, offset, {}, {}};
    direction.weight.assign(static_cast<std::size_t>(owned_.count + offset), 0.0);
    direction.peclet.assign(direction.weight.size(), 0.0);
    return directions_.emplace(offset, std::move(direction)).first->second;
  }

  void set_peclet(EdgeCoefficients::Direction& direction) const {
    const long start = owned_.first - direction.offset - active_.first;
    for (std::size_t i = 0; i < direction.weight.size(); ++i) {
      if (direction.weight[i] == 0) continue;
      const long from = start + static_cast<long>(i);
      for (int k = 0; k < d_; ++k)
        direction.peclet[i] +=
            direction.step[k] * (tilt_[from * d_ + k] + tilt_[(from + direction.offset) * d_ + k]) / 2;
    }
  }

  const Grid& grid_;
  int d_;
  CellRange owned_;
  const CellCoefficients& coefficients_;
  std::vector<long> stride_;
  int reach_;
  CellRange active_;          ///< cells whose directions may touch an owned cell
  std::vector<double> tilt_;  ///< E^-1 (u - div E) per active cell: the slope of ln p at zero current, per cell
  std::map<long, EdgeCoefficients::Direction> directions_;
  EdgeCoefficients edges_;
};

}  // namespace

std::vector<long> strides(const Grid& grid) {
  std::vector<long> result(grid.dimension(), 1);
  for (int k = grid.dimension() - 2; k >= 0; --k) result[k] = result[k + 1] * grid.cells[k + 1];
  return result;
}

int reach(const Grid& grid) {
  static constexpr int by_dimension[] = {0, 1, 8, 3, 2};
  int fewest = grid.cells[0];
  for (const int n : grid.cells) fewest = std::min(fewest, n);
  return std::clamp((fewest - 1) / 2, 1, by_dimension[grid.dimension()]);
}

namespace {

CellRange widened(const Grid& grid, CellRange owned, long width) {
  const long first = std::max(0L, owned.first - width);
  return {first, std::min(grid.n_cells(), owned.last() + width) - first};
}

long longest_offset(const Grid& grid) {
  const std::vector<long> stride = strides(grid);
  return reach(grid) * std::accumulate(stride.begin(), stride.end(), 0L);
}

}  // namespace

CellRange with_halo(const Grid& grid, CellRange owned) {
  // Edges reach so far, and the divergence of E one cell more.
  return widened(grid, owned, longest_offset(grid) + strides(grid)[0]);
}

CellRange with_wide_halo(const Grid& grid, CellRange owned) {
  return widened(grid, owned, 2 * longest_offset(grid));
}

EdgeCoefficients edge_coefficients(const Grid& grid, CellRange owned, const CellCoefficients& coefficients) {
  return EdgeBuilder(grid, owned, coefficients).build();
}

namespace {

/// Above this edge Peclet number the limited flux begins to differ from Chang and Cooper's, and is on its own one
/// later.
constexpr double limited_from = 1.0;

/// q at the face behind an upwind cell, relative to the cell's, from the cell and its neighbours up- and downwind:
/// 0..2.
double face_ratio(double upwind, double cell, double downwind) {
  const double behind = cell - upwind;
  const double ahead = downwind - cell;
  if (!(behind * ahead > 0)) return 1;
  return 1 + behind * ahead / (behind + ahead) / cell;  // half of van Leer's slope
}

/// Turns the rates of one direction into those of the limited flux where the edge Peclet number is large.
void limit(const Grid& grid, const EdgeCoefficients::Direction& edges, std::span<const double> density,
           CellRange density_range, long first_edge, EdgeRates::Direction& rates) {
  const auto value = [&](long cell) { return density[cell - density_range.first]; };
  Walker walker(grid, std::max(0L, first_edge));
  long at = std::max(0L, first_edge);
  for (std::size_t i = 0; i < edges.weight.size(); ++i) {
    const double peclet = edges.peclet[i];
    if (edges.weight[i] == 0 || std::abs(peclet) <= limited_from) continue;
    const long from = first_edge + static_cast<long>(i);
    const long to = from + edges.offset;
    const double share = std::min(1.0, std::abs(peclet) - limited_from);
    double face = 1;
    for (; at < from; ++at) walker.next();
    if (peclet > 0 && value(from) > 0 && walker.has(edges.step, -1))
      face = face_ratio(value(from - edges.offset), value(from), value(to));
    if (peclet < 0 && value(to) > 0 && walker.has(edges.step, 2))
      face = face_ratio(value(to + edges.offset), value(to), value(from));
    const double drift = std::abs(peclet) * face;
    const double forward = edges.weight[i] * (1 + (peclet > 0 ? drift : 0));
    const double backward = edges.weight[i] * (1 + (peclet < 0 ? drift : 0));
    rates.forward[i] += share * (forward - rates.forward[i]);
    rates.backward[i] += share * (backward - rates.backward[i]);
  }
}

}  // namespace

EdgeRates edge_rates(const Grid& grid, const EdgeCoefficients& coefficients, FluxKind flux,
                     std::span<const double> density, CellRange density_range) {
  EdgeRates result;
  result.owned = coefficients.owned;
  for (const EdgeCoefficients::Direction& edges : coefficients.directions) {
    EdgeRates::Direction rates{edges.step, edges.offset, {}, {}};
    rates.forward.resize(edges.weight.size());
    rates.backward.resize(edges.weight.size());
    for (std::size_t i = 0; i < edges.weight.size(); ++i) {
      const auto [at_peclet, at_minus_peclet] = bernoulli(edges.peclet[i]);
      rates.forward[i] = edges.weight[i] * at_minus_peclet;
      rates.backward[i] = edges.weight[i] * at_peclet;
    }
    if (flux == FluxKind::limited) limit(grid, edges, density, density_range, result.owned.first - edges.offset, rates);
    result.directions.push_back(std::move(rates));
  }
  return result;
}

EdgeRates sum_of(std::span<const ScaledRates> parts) {
  std::map<long, EdgeRates::Direction> sum;
  EdgeRates result;
  for (const ScaledRates& part : parts) {
    result.owned = part.rates->owned;
    for (const EdgeRates::Direction& from : part.rates->directions) {
      const auto [place, is_new] = sum.try_emplace(from.offset, EdgeRates::Direction{from.step, from.offset, {}, {}});
      EdgeRates::Direction& to = place->second;
      if (is_new) {
        to.forward.assign(from.forward.size(), 0.0);
        to.backward.assign(from.backward.size(), 0.0);
      }
      const long start = result.owned.first - from.offset;
      for (std::size_t i = 0; i < from.forward.size(); ++i) {
        if (from.forward[i] == 0 && from.backward[i] == 0) continue;
        const long source = start + static_cast<long>(i) - part.factor_range.first;
        const bool is_plain = part.source_factor.empty();
        to.forward[i] += part.factor * (is_plain ? 1.0 : part.source_factor[source]) * from.forward[i];
        to.backward[i] += part.factor * (is_plain ? 1.0 : part.source_factor[source + from.offset]) * from.backward[i];
      }
    }
  }
  for (auto& [offset, direction] : sum) result.directions.push_back(std::move(direction));
  return result;
}

std::pair<double, double> bernoulli(double x) {
  const double size = std::abs(x);
  double at_size = 0;
  if (size < 1e-4)
    at_size = 1 - size / 2 + size * size / 12;
  else if (size < 700)
    at_size = size / std::expm1(size);
  return x >= 0 ? std::pair(at_size, at_size + size) : std::pair(at_size + size, at_size);
}

}  // namespace driftwood::fp
