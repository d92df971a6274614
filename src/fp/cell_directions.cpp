#include "cell_directions.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "driftwood/core/packed.hpp"
#include "driftwood/core/small_cholesky.hpp"

namespace driftwood::fp {

namespace {

/// Below this part of the drift a diffusion is as good as none: the flux is upwind.
constexpr double least_diffusion = 1e-8;
/// Keeps Peclet numbers finite where there is neither drift nor diffusion.
constexpr double tiny = 1e-150;

}  // namespace

CellDirections::CellDirections(const Grid& grid)
    : d_(grid.dimension()), reach_(reach(grid)), stride_(strides(grid)), decompose_(d_), kept_(reach_ + 1) {}

const CellDirections::Prepared& CellDirections::prepare(const double* tensor, const SmallVector& drift,
                                                        double& peclet) {
  double fastest = 0;
  double trace = 0;
  peclet = 0;
  for (int k = 0; k < d_; ++k) {
    const double E_kk = tensor[packed_index(d_, k, k)];
    trace += E_kk;
    fastest = std::max(fastest, std::abs(drift[k]));
    if (drift[k] != 0) peclet = std::max(peclet, std::abs(drift[k]) / std::max(E_kk, 1e-300));
  }
  const double floor = std::max(least_diffusion * fastest - trace / d_, 0.0) + tiny;
  const int allowed = static_cast<int>(std::clamp(2 / std::max(peclet, 1e-3), 1.0, static_cast<double>(reach_)));
  if (floor != tiny) {
    make(latest_, tensor, trace, floor, allowed);
    return latest_;
  }
  // Many tensors are the one before.
  if (!std::equal(tensor, tensor + packed_size(d_), kept_tensor_.begin())) {
    std::copy_n(tensor, packed_size(d_), kept_tensor_.begin());
    std::fill(kept_.begin(), kept_.end(), std::nullopt);
  }
  if (!kept_[allowed]) make(kept_[allowed].emplace(), tensor, trace, floor, allowed);
  return *kept_[allowed];
}

void CellDirections::make(Prepared& prepared, const double* tensor, double trace, double floor, int allowed) {
  SmallTensor lifted{};
  std::copy_n(tensor, packed_size(d_), lifted.begin());
  for (int k = 0; k < d_; ++k) lifted[packed_index(d_, k, k)] += floor;
  const auto packed = std::span<const double>(lifted).first(packed_size(d_));
  prepared.parts = decompose_(packed, allowed);
  if (trace > 0) added_diffusion_ = std::max(added_diffusion_, prepared.parts.added * d_ / trace);
  const SmallCholesky cholesky(d_, packed, prepared.parts.added);
  for (int k = 0; k < d_; ++k) {
    SmallVector unit{};
    unit[k] = 1;
    const SmallVector column = cholesky.solve(unit);
    for (int l = 0; l < d_; ++l) prepared.inverse[l][k] = column[l];
  }
  for (int term = 0; term < prepared.parts.n_terms; ++term)
    prepared.directions[term] = number_of(prepared.parts.terms[term].direction);
}

int CellDirections::number_of(const std::array<int, 4>& step) {
  const long offset = std::inner_product(stride_.begin(), stride_.end(), step.begin(), 0L);
  const auto found = std::find(offsets_.begin(), offsets_.end(), offset);
  if (found != offsets_.end()) return static_cast<int>(found - offsets_.begin());
  offsets_.push_back(offset);
  steps_.push_back(step);
  return n_directions() - 1;
}

std::pair<double, int> way_out(const Grid& grid, const std::array<int, 4>& index, const std::array<int, 4>& step,
                               int sign) {
  double part = 1;
  int face = -1;
  for (int k = 0; k < grid.dimension(); ++k) {
    const int move = sign * step[k];
    if (move == 0) continue;
    const double distance = move > 0 ? grid.cells[k] - index[k] - 0.5 : index[k] + 0.5;
    if (distance / std::abs(move) < part) {
      part = distance / std::abs(move);
      face = 2 * k + (move > 0 ? 1 : 0);
    }
  }
  return {part, face};
}

}  // namespace driftwood::fp
