#include "driftwood/fp/edge_coefficients.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "cell_directions.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "rows.hpp"

namespace driftwood::fp {

namespace {

using Step = std::array<int, 4>;

CellRange widened(const Grid& grid, CellRange owned, long width) {
  const long first = std::max(0L, owned.first - width);
  return {first, std::min(grid.n_cells(), owned.last() + width) - first};
}

long longest_offset(const Grid& grid) {
  const std::vector<long> stride = strides(grid);
  return reach(grid) * std::accumulate(stride.begin(), stride.end(), 0L);
}

/// A pass over the cells that finds each one's directions, then one over the edges of every direction.
class EdgeBuilder {
 public:
  EdgeBuilder(const Grid& grid, CellRange owned, CellCoefficients coefficients, const EdgeOptions& options)
      : grid_(grid),
        d_(grid.dimension()),
        owned_(owned),
        options_(options),
        coefficients_(std::move(coefficients)),
        stride_(strides(grid)),
        cell_directions_(grid, options.keeps_cells),
        active_(widened(grid, owned, longest_offset(grid) * (options.keeps_cells ? 2 : 1))) {
    const CellRange needed = with_halo(grid, owned, options.keeps_cells);
    const CellRange& range = coefficients_.range;
    const auto n = static_cast<std::size_t>(range.count);
    if (range.first > needed.first || range.last() < needed.last() || coefficients_.drift.size() != n * d_ ||
        coefficients_.diffusion.size() != n * packed_size(d_))
      throw InternalError("the cells' coefficients do not cover the cells whose rates are asked for");
    to_cell_units();
    tilt_.resize(static_cast<std::size_t>(active_.count) * d_);
    if (options.keeps_cells) ito_tilt_.resize(tilt_.size());
    edges_.owned = owned;
    edges_.cells = active_;
    edges_.cell_peclet.assign(owned.count, 0.0);
  }

  EdgeCoefficients build() {
    if (owned_.count == 0) return std::move(edges_);
    for_rows(grid_, active_, Step{}, [&](long first, long last) {
      Step index = index_of(first);
      for (long cell = first; cell < last; ++cell, ++index[d_ - 1]) add_cell(cell, index);
    });
    coefficients_ = {};
    edges_.added_diffusion = cell_directions_.added_diffusion();
    std::vector<std::size_t> order(directions_.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return directions_[a].offset < directions_[b].offset; });
    for (const std::size_t at : order) {
      finish(directions_[at]);
      edges_.directions.push_back(std::move(directions_[at]));
    }
    return std::move(edges_);
  }

 private:
  Step index_of(long cell) const {
    Step index{};
    for (int k = d_ - 1; k >= 0; --k) {
      index[k] = static_cast<int>(cell % grid_.cells[k]);
      cell /= grid_.cells[k];
    }
    return index;
  }

  /// u_k / h_k and E_kl / (h_k h_l); notes whether E is the same everywhere.
  void to_cell_units() {
    SmallVector inverse_spacing{};
    for (int k = 0; k < d_; ++k) inverse_spacing[k] = 1 / grid_.spacing(k);
    SmallTensor factor{};
    for (int k = 0; k < d_; ++k)
      for (int l = k; l < d_; ++l) factor[packed_index(d_, k, l)] = inverse_spacing[k] * inverse_spacing[l];
    const int n = packed_size(d_);
    for (std::size_t i = 0; i < coefficients_.drift.size(); i += d_)
      for (int k = 0; k < d_; ++k) coefficients_.drift[i + k] *= inverse_spacing[k];
    is_uniform_ = true;
    for (std::size_t i = 0; i < coefficients_.diffusion.size(); i += n)
      for (int k = 0; k < n; ++k) {
        coefficients_.diffusion[i + k] *= factor[k];
        is_uniform_ = is_uniform_ && coefficients_.diffusion[i + k] == coefficients_.diffusion[k];
      }
  }

  const double* diffusion(long cell) const {
    return &coefficients_.diffusion[static_cast<std::size_t>(cell - coefficients_.range.first) * packed_size(d_)];
  }

  /// div E in units of the cells.
  SmallVector divergence(long cell, const Step& index) const {
    SmallVector result{};
    for (int l = 0; l < d_; ++l) {
      const long up = index[l] + 1 < grid_.cells[l] ? cell + stride_[l] : cell;
      const long down = index[l] > 0 ? cell - stride_[l] : cell;
      const double distance = static_cast<double>((up - down) / stride_[l]);
      for (int k = 0; k < d_; ++k) {
        const int entry = packed_index(d_, k, l);
        result[k] += (diffusion(up)[entry] - diffusion(down)[entry]) / distance;
      }
    }
    return result;
  }

  void add_cell(long cell, const Step& index) {
    SmallVector ito{};
    const double* u = &coefficients_.drift[static_cast<std::size_t>(cell - coefficients_.range.first) * d_];
    std::copy_n(u, d_, ito.begin());
    SmallVector drift = ito;  // what drives the density beside its own gradient
    if (!is_uniform_) {
      const SmallVector divergence_of_E = divergence(cell, index);
      for (int k = 0; k < d_; ++k) drift[k] -= divergence_of_E[k];
    }
    double peclet = 0;
    const CellDirections::Prepared& prepared = cell_directions_.prepare(diffusion(cell), drift, peclet);
    if (cell >= owned_.first && cell < owned_.last()) edges_.cell_peclet[cell - owned_.first] = peclet;
    while (static_cast<int>(directions_.size()) < cell_directions_.n_directions()) add_direction();
    const long at = cell - active_.first;
    prepared.for_each_weight(d_, [&](int number, double weight, double excess) {
      EdgeCoefficients::Direction& direction = directions_[number];
      direction.cell_weight[at] += weight;
      if (excess == 0) return;
      direction.cell_excess.resize(direction.cell_weight.size());
      direction.cell_excess[at] = excess;
    });
    for (int k = 0; k < d_; ++k) tilt_[at * d_ + k] = prepared.tilt(k, drift);
    if (options_.keeps_cells)
      for (int k = 0; k < d_; ++k) ito_tilt_[at * d_ + k] = prepared.tilt(k, ito);
  }

  void add_direction() {
    EdgeCoefficients::Direction& direction = directions_.emplace_back();
    const int number = static_cast<int>(directions_.size()) - 1;
    direction.step = cell_directions_.step(number);
    direction.offset = cell_directions_.offset(number);
    direction.cell_weight.assign(active_.count, 0.0);
  }

  /// From the cells' weights and tilts to the edges'.
  void finish(EdgeCoefficients::Direction& direction) {
    const long s = direction.offset;
    const CellRange starts{std::max(0L, owned_.first - s), owned_.last() - std::max(0L, owned_.first - s)};
    direction.weight.assign(static_cast<std::size_t>(owned_.count + s), EdgeCoefficients::no_edge);
    direction.peclet.assign(direction.weight.size(), 0.0);
    for_rows(grid_, starts, direction.step, [&](long first, long last) {
      double* weight = &direction.weight[first - (owned_.first - s)];
      double* peclet = &direction.peclet[first - (owned_.first - s)];
      const double* cell = &direction.cell_weight[first - active_.first];
      const double* tilt = &tilt_[(first - active_.first) * d_];
      for (long i = 0; i < last - first; ++i) {
        weight[i] = (cell[i] + cell[i + s]) / 2;
        double sum = 0;
        for (int k = 0; k < d_; ++k) sum += direction.step[k] * (tilt[i * d_ + k] + tilt[(i + s) * d_ + k]);
        peclet[i] = sum / 2;
      }
    });
    add_exits(direction);
    if (!options_.keeps_cells) {
      direction.cell_weight = {};
      return;
    }
    direction.cell_drift.resize(direction.cell_weight.size());
    for (std::size_t i = 0; i < direction.cell_drift.size(); ++i) {
      double slope = 0;
      for (int k = 0; k < d_; ++k) slope += direction.step[k] * ito_tilt_[i * d_ + k];
      direction.cell_drift[i] = direction.cell_weight[i] * slope;
    }
  }

  /// Where the direction leaves the grid through an absorbing face first, the density falls to 0 on a part of the step.
  void add_exits(const EdgeCoefficients::Direction& direction) {
    if (std::find(options_.walls.begin(), options_.walls.end(), Wall::absorbing) == options_.walls.end()) return;
    std::vector<EdgeCoefficients::Exit>& exits = edges_.exits.emplace_back();
    for (long cell = owned_.first; cell < owned_.last(); ++cell) {
      const double rho = direction.cell_weight[cell - active_.first];
      if (!(rho > 0)) continue;
      const Step index = index_of(cell);
      double tilt = 0;
      for (int k = 0; k < d_; ++k) tilt += direction.step[k] * tilt_[(cell - active_.first) * d_ + k];
      for (const int sign : {-1, 1}) {
        const auto [part, face] = way_out(grid_, index, direction.step, sign);
        if (face < 0 || options_.walls[face] != Wall::absorbing) continue;
        exits.push_back({cell, face, rho / part, sign * part * tilt});
      }
    }
  }

  const Grid& grid_;
  int d_;
  CellRange owned_;
  EdgeOptions options_;
  CellCoefficients coefficients_;
  std::vector<long> stride_;
  CellDirections cell_directions_;
  CellRange active_;  ///< cells whose directions may touch an owned cell
  bool is_uniform_ = false;
  std::vector<double> tilt_;      ///< E^-1 (u - div E) per active cell: the slope of ln p at zero current, per cell
  std::vector<double> ito_tilt_;  ///< E^-1 u
  std::vector<EdgeCoefficients::Direction> directions_;
  EdgeCoefficients edges_;
};

}  // namespace

std::vector<long> strides(const Grid& grid) {
  std::vector<long> result(grid.dimension(), 1);
  for (int k = grid.dimension() - 2; k >= 0; --k) result[k] = result[k + 1] * grid.cells[k + 1];
  return result;
}

int reach(const Grid& grid) {
  static constexpr int by_dimension[] = {0, 1, 8, 5, 3};
  int fewest = grid.cells[0];
  for (const int n : grid.cells) fewest = std::min(fewest, n);
  return std::clamp((fewest - 1) / 2, 1, by_dimension[grid.dimension()]);
}

CellRange with_halo(const Grid& grid, CellRange owned, bool keeps_cells) {
  // Edges reach so far, and the divergence of E one cell more.
  return widened(grid, owned, longest_offset(grid) * (keeps_cells ? 2 : 1) + strides(grid)[0]);
}

CellRange with_wide_halo(const Grid& grid, CellRange owned) {
  return widened(grid, owned, 2 * longest_offset(grid));
}

EdgeCoefficients edge_coefficients(const Grid& grid, CellRange owned, CellCoefficients coefficients,
                                   const EdgeOptions& options) {
  return EdgeBuilder(grid, owned, std::move(coefficients), options).build();
}

}  // namespace driftwood::fp
