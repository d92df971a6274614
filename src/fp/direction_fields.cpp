#include "driftwood/fp/direction_fields.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "cell_directions.hpp"
#include "cell_walk.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "line_kernels.hpp"
#include "rows.hpp"

namespace driftwood::fp {

struct DirectionFieldsBuilder::Parts {
  Parts(const Grid& on_grid, CellRange cells, std::span<const Wall> faces, bool marks_excess);

  template <int d>
  void add_cell(long cell, const std::array<int, d>& index, const CellCoefficients& coefficients, bool is_uniform);
  template <int d>
  SmallVector divergence(long cell, const std::array<int, d>& index, const CellCoefficients& coefficients) const;
  void add_exits(DirectionFields::Direction& direction);

  Grid grid;
  std::vector<Wall> walls;
  std::vector<long> stride;
  SmallVector inverse_spacing{};
  SmallTensor tensor_unit{};  ///< 1 / (h_k h_l)
  CellDirections cell_directions;
  DirectionFields fields;
};

DirectionFieldsBuilder::Parts::Parts(const Grid& on_grid, CellRange cells, std::span<const Wall> faces,
                                     bool marks_excess)
    : grid(on_grid), walls(faces.begin(), faces.end()), stride(strides(grid)), cell_directions(grid, marks_excess) {
  const int d = grid.dimension();
  for (int k = 0; k < d; ++k) inverse_spacing[k] = 1 / grid.spacing(k);
  for (int k = 0; k < d; ++k)
    for (int l = k; l < d; ++l) tensor_unit[packed_index(d, k, l)] = inverse_spacing[k] * inverse_spacing[l];
  fields.owned = cells;
  fields.cell_peclet.resize(cells.count);
  fields.tilt.assign(d, std::vector<double>(cells.count));
}

/// div E in units of the cells.
template <int d>
SmallVector DirectionFieldsBuilder::Parts::divergence(long cell, const std::array<int, d>& index,
                                                      const CellCoefficients& coefficients) const {
  SmallVector result{};
  const auto tensor = [&](long at) {
    return &coefficients.diffusion[(at - coefficients.range.first) * packed_size(d)];
  };
  for (int l = 0; l < d; ++l) {
    const long up = index[l] + 1 < grid.cells[l] ? cell + stride[l] : cell;
    const long down = index[l] > 0 ? cell - stride[l] : cell;
    const double distance = static_cast<double>((up - down) / stride[l]);
    for (int k = 0; k < d; ++k) {
      const int entry = packed_index(d, k, l);
      result[k] += (tensor(up)[entry] - tensor(down)[entry]) * tensor_unit[entry] / distance;
    }
  }
  return result;
}

template <int d>
void DirectionFieldsBuilder::Parts::add_cell(long cell, const std::array<int, d>& index,
                                             const CellCoefficients& coefficients, bool is_uniform) {
  const long at = cell - coefficients.range.first;
  const long to = cell - fields.owned.first;
  SmallVector ito{};
  for (int k = 0; k < d; ++k) ito[k] = coefficients.drift[at * d + k] * inverse_spacing[k];
  SmallTensor tensor{};
  for (int k = 0; k < packed_size(d); ++k) tensor[k] = coefficients.diffusion[at * packed_size(d) + k] * tensor_unit[k];
  SmallVector drift = ito;  // what drives the density beside its own gradient
  if (!is_uniform) {
    const SmallVector divergence_of_E = divergence<d>(cell, index, coefficients);
    for (int k = 0; k < d; ++k) drift[k] -= divergence_of_E[k];
  }
  const CellDirections::Prepared& prepared = cell_directions.prepare(tensor.data(), drift, fields.cell_peclet[to]);
  for (int number = static_cast<int>(fields.directions.size()); number < cell_directions.n_directions(); ++number)
    fields.directions.push_back(
        {cell_directions.step(number), cell_directions.offset(number), std::vector<double>(fields.owned.count, 0.0)});
  prepared.for_each_weight(d, [&](int number, double weight, double excess) {
    DirectionFields::Direction& direction = fields.directions[number];
    direction.weight[to] += weight;
    if (excess == 0) return;
    direction.excess.resize(direction.weight.size());
    direction.excess[to] = excess;
  });
  const auto store = [&](const SmallVector& x, std::vector<std::vector<double>>& result) {
    for (int k = 0; k < d; ++k) {
      double sum = 0;
      for (int l = 0; l < d; ++l) sum += prepared.inverse[k][l] * x[l];
      result[k][to] = sum;
    }
  };
  store(drift, fields.tilt);
  if (!fields.ito_tilt.empty()) store(ito, fields.ito_tilt);
}

/// Where the direction leaves the grid through an absorbing face first, the density falls to 0 on a part of the step.
void DirectionFieldsBuilder::Parts::add_exits(DirectionFields::Direction& direction) {
  for (long i = 0; i < fields.owned.count; ++i) {
    const double rho = direction.weight[i];
    if (!(rho > 0)) continue;
    std::array<int, 4> index{};
    double slope = 0;
    for (int k = 0; k < grid.dimension(); ++k) {
      index[k] = static_cast<int>((fields.owned.first + i) / stride[k] % grid.cells[k]);
      slope += direction.step[k] * fields.tilt[k][i];
    }
    for (const int sign : {-1, 1}) {
      const auto [part, face] = way_out(grid, index, direction.step, sign);
      if (face < 0 || walls[face] != Wall::absorbing) continue;
      direction.exits.push_back({fields.owned.first + i, face, rho / part, sign * part * slope});
    }
  }
}

DirectionFieldsBuilder::DirectionFieldsBuilder(const Grid& grid, CellRange owned, std::span<const Wall> walls,
                                               bool marks_excess)
    : parts_(std::make_unique<Parts>(grid, owned, walls, marks_excess)) {}

DirectionFieldsBuilder::~DirectionFieldsBuilder() = default;

void DirectionFieldsBuilder::add(CellRange range, const CellCoefficients& coefficients) {
  Parts& parts = *parts_;
  const int d = parts.grid.dimension();
  const std::size_t packed = packed_size(d);
  const std::vector<double>& diffusion = coefficients.diffusion;
  const auto n = static_cast<std::size_t>(coefficients.range.count);
  const long first_needed = std::max(0L, range.first - parts.stride[0]);
  const long last_needed = std::min(parts.grid.n_cells(), range.last() + parts.stride[0]);
  if (coefficients.range.first > first_needed || coefficients.range.last() < last_needed ||
      coefficients.drift.size() != n * d || diffusion.size() != n * packed)
    throw InternalError("the cells' coefficients do not cover the layers whose directions are asked for");
  bool is_uniform = true;
  for (std::size_t i = packed; i < diffusion.size() && is_uniform; ++i)
    is_uniform = diffusion[i] == diffusion[i - packed];
  DirectionFields& fields = parts.fields;
  if (!is_uniform && fields.ito_tilt.empty()) fields.ito_tilt = fields.tilt;
  for_dimension(d, [&](auto dimension) {
    for_each_cell<dimension>(parts.grid, range, [&](std::size_t i, const auto& index) {
      parts.template add_cell<dimension>(range.first + static_cast<long>(i), index, coefficients, is_uniform);
    });
  });
}

DirectionFields DirectionFieldsBuilder::finish() {
  DirectionFields& fields = parts_->fields;
  fields.added_diffusion = parts_->cell_directions.added_diffusion();
  std::sort(fields.directions.begin(), fields.directions.end(),
            [](const auto& a, const auto& b) { return a.offset < b.offset; });
  const auto& walls = parts_->walls;
  if (std::find(walls.begin(), walls.end(), Wall::absorbing) != walls.end())
    for (DirectionFields::Direction& direction : fields.directions) parts_->add_exits(direction);
  return std::move(fields);
}

std::vector<double> DirectionFields::slopes(const Direction& direction) const {
  std::vector<double> result(owned.count, 0.0);
  for (std::size_t k = 0; k < tilt.size(); ++k)
    if (direction.step[k] != 0)
      for (long i = 0; i < owned.count; ++i) result[i] += direction.step[k] * tilt[k][i];
  return result;
}

std::vector<double> DirectionFields::drifts(const Direction& direction) const {
  const auto& components = ito_tilt.empty() ? tilt : ito_tilt;
  std::vector<double> result(owned.count, 0.0);
  for (std::size_t k = 0; k < components.size(); ++k)
    if (direction.step[k] != 0)
      for (long i = 0; i < owned.count; ++i) result[i] += direction.step[k] * components[k][i];
  for (long i = 0; i < owned.count; ++i) result[i] *= direction.weight[i];
  return result;
}

void rates_from_fields(const Grid& grid, const std::array<int, 4>& step, CellRange range, long next,
                       const double* weight, const double* slope, double* forward, double* backward) {
  long done = 0;
  const auto clear_until = [&](long end) {
    std::fill(forward + done, forward + end, 0.0);
    std::fill(backward + done, backward + end, 0.0);
  };
  for_rows(grid, range, step, [&](long first, long last) {
    const long at = first - range.first;
    const long n = last - first;
    clear_until(at);
    line_kernels::rates_of_edges(n, weight + at, weight + at + next, slope + at, slope + at + next, forward + at,
                                 backward + at);
    done = at + n;
  });
  clear_until(range.count);
}

}  // namespace driftwood::fp
