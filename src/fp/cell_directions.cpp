#include "cell_directions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "driftwood/core/packed.hpp"
#include "driftwood/core/small_cholesky.hpp"

namespace driftwood::fp {

namespace {

/// Below this part of the drift a diffusion is as good as none: the flux is upwind.
constexpr double least_diffusion = 1e-8;
/// Keeps Peclet numbers finite where there is neither drift nor diffusion.
constexpr double tiny = 1e-150;

/// The trace of the diffusion that a decomposition's edges have too much for this drift: what was added to the tensor,
/// and what upwind differences (edge Peclet numbers above 2) would add.
double excess_diffusion(int d, const CellDirections::Prepared& prepared, const SmallVector& drift) {
  SmallVector tilt{};
  for (int k = 0; k < d; ++k) tilt[k] = prepared.tilt(k, drift);
  double excess = prepared.parts.added * d;
  for (int term = 0; term < prepared.parts.n_terms; ++term) {
    const auto& [e, weight] = prepared.parts.terms[term];
    double peclet = 0;
    double length_squared = 0;
    for (int k = 0; k < d; ++k) {
      peclet += e[k] * tilt[k];
      length_squared += e[k] * e[k];
    }
    excess += weight * std::max(std::abs(peclet) - 2, 0.0) / 2 * length_squared;
  }
  return excess;
}

}  // namespace

CellDirections::CellDirections(const Grid& grid, bool lifts_axes)
    : d_(grid.dimension()),
      reach_(reach(grid)),
      lifts_axes_(lifts_axes),
      stride_(strides(grid)),
      decompose_(d_),
      kept_(reach_ + 1) {}

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
  Prepared& prepared = choose(tensor, floor, drift, allowed);
  if (!prepared.is_listed) {
    for (int term = 0; term < prepared.parts.n_terms; ++term)
      prepared.directions[term] = number_of(prepared.parts.terms[term].direction);
    for (int k = 0; k < d_ && prepared.lifted > 0; ++k) {
      std::array<int, 4> axis{};
      axis[k] = 1;
      prepared.axes[k] = number_of(axis);
    }
    prepared.is_listed = true;
  }
  if (trace > 0) added_diffusion_ = std::max(added_diffusion_, prepared.parts.added * d_ / trace);
  return prepared;
}

CellDirections::Prepared& CellDirections::choose(const double* tensor, double floor, const SmallVector& drift,
                                                 int allowed) {
  if (lifts_axes_) return decomposed(tensor, floor, 1, latest_[0]);
  Prepared& longest = decomposed(tensor, floor, reach_, latest_[0]);
  // Directions that are short already are those that a shorter reach gives.
  if (allowed == reach_ || (longest.length <= allowed && longest.parts.added == 0)) return longest;
  const double excess = excess_diffusion(d_, longest, drift);
  if (excess == 0) return longest;
  Prepared& shorter = decomposed(tensor, floor, allowed, latest_[1]);
  return excess_diffusion(d_, shorter, drift) < excess ? shorter : longest;
}

CellDirections::Prepared& CellDirections::decomposed(const double* tensor, double floor, int allowed, Prepared& space) {
  const bool is_kept = floor == tiny;  // many tensors are the one before
  if (is_kept && !std::equal(tensor, tensor + packed_size(d_), kept_tensor_.begin())) {
    std::copy_n(tensor, packed_size(d_), kept_tensor_.begin());
    std::fill(kept_.begin(), kept_.end(), std::nullopt);
  }
  if (is_kept && kept_[allowed]) return *kept_[allowed];
  SmallTensor lifted{};
  std::copy_n(tensor, packed_size(d_), lifted.begin());
  for (int k = 0; k < d_; ++k) lifted[packed_index(d_, k, k)] += floor;
  const auto packed = std::span<const double>(lifted).first(packed_size(d_));
  Prepared& prepared = is_kept ? kept_[allowed].emplace() : space;
  prepared.parts = decompose_(packed, allowed);
  prepared.is_listed = false;
  prepared.length = 0;
  for (int term = 0; term < prepared.parts.n_terms; ++term)
    for (const int entry : prepared.parts.terms[term].direction)
      prepared.length = std::max(prepared.length, std::abs(entry));
  prepared.lifted = lifts_axes_ ? prepared.parts.added : 0;
  const SmallCholesky cholesky(d_, packed, prepared.parts.added + prepared.lifted);
  for (int k = 0; k < d_; ++k) {
    SmallVector unit{};
    unit[k] = 1;
    const SmallVector column = cholesky.solve(unit);
    for (int l = 0; l < d_; ++l) prepared.inverse[l][k] = column[l];
  }
  return prepared;
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
