// How the box follows the density's support (decision 2).
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "driftwood/fp/remap.hpp"
#include "driftwood/fp/support.hpp"
#include "evolution.hpp"

namespace driftwood::fp_solver {

namespace {

/// The parts of the box at which it is remapped.
constexpr double fill_most = 0.93;
constexpr double fill_least = 0.45;
/// Where the support reaches beyond this part of the box, a wall is near: the box makes room. Elsewhere a density that
/// reaches a wall within a step went there too fast: the step is shortened.
constexpr double near_wall = 0.8;
/// A box that holds the support already and still is too small grows by this.
constexpr double growth = 1.4;
/// Fewer occupied cells than this (0.7 standard deviations of a normal density a cell) cannot show a density.
constexpr double fewest_cells = 2.5;

}  // namespace

void Evolution::require_resolution() const {
  if (options_.has_physical_walls()) return;  // what leaves through them may leave little behind
  for (int k = 0; k < grid_.dimension(); ++k) {
    const auto axis = fp::axis_support(grid_, k, fp::layers_of(grid_, layers_, k), options_.support_tail);
    if (axis.occupied_cells < fewest_cells)
      throw SolveFailure{SolveStatus::too_coarse, "at t = " + text(state_.time) + " the density occupies " +
                                                      text(axis.occupied_cells) + " cells of axis " +
                                                      std::to_string(k + 1) + ": more fokker_planck.cells are needed" +
                                                      (grid_.is_uniform() ? ", or fokker_planck.stretching" : "") +
                                                      (follows_width() ? "" : ", or fokker_planck.frame = diagonal")};
  }
}

bool Evolution::wall_is_reached(const std::vector<double>& layers) const {
  if (options_.has_physical_walls()) return false;
  for (int k = 0; k < grid_.dimension(); ++k)
    if (fp::axis_support(grid_, k, fp::layers_of(grid_, layers, k), options_.support_tail).wall_mass >
        options_.max_wall_mass)
      return true;
  return false;
}

bool Evolution::widen_walls(const std::vector<double>& next_layers) {
  fp::Frame wider = state_.frame;
  bool changed = false;
  for (int k = 0; k < grid_.dimension(); ++k) {
    const auto next = fp::axis_support(grid_, k, fp::layers_of(grid_, next_layers, k), options_.support_tail);
    if (next.wall_mass <= options_.max_wall_mass) continue;
    if (options_.when_wall_is_reached == WallPolicy::fail || report_.n_remaps > 1000)
      throw SolveFailure{SolveStatus::wall_reached,
                         "at t = " + text(state_.time) + " a probability of " + text(next.wall_mass) +
                             " is at a wall of axis " + std::to_string(k + 1) +
                             " (fokker_planck.max_wall_mass = " + text(options_.max_wall_mass) +
                             "): raise fokker_planck.z_max, or set when_wall_is_reached = widen"};
    const auto now = fp::axis_support(grid_, k, fp::layers_of(grid_, layers_, k), options_.support_tail);
    const bool is_near = std::max(std::abs(now.low), std::abs(now.high)) >= near_wall * grid_.z_max ||
                         now.wall_mass > options_.max_wall_mass / 10;
    if (!is_near) continue;
    const double centre = (now.high + now.low) / 2;
    const double needed = (now.high - now.low) / 2 / (box_fill_wanted * grid_.z_max);
    const bool is_centred = std::abs(centre) < 0.05 * grid_.z_max;
    wider.scale.col(k) *= std::max(needed, is_centred ? growth : 1.0);
    wider.centre += state_.frame.scale.col(k) * centre;
    changed = true;
  }
  if (changed) remap_to(wider);
  return changed;
}

void Evolution::fit_box() {
  if (!follows_width()) return;
  fp::Frame fitted = state_.frame;
  bool changed = false;
  for (int k = 0; k < grid_.dimension(); ++k) {
    const auto axis = fp::axis_support(grid_, k, fp::layers_of(grid_, layers_, k), options_.support_tail);
    const double width = (axis.high - axis.low) / 2;
    const double reach = std::max(std::abs(axis.low), std::abs(axis.high));
    if (reach <= fill_most * grid_.z_max && width >= fill_least * grid_.z_max) continue;
    if (reach > fill_most * grid_.z_max && options_.when_wall_is_reached == WallPolicy::fail) continue;
    fitted.centre += state_.frame.scale.col(k) * (axis.high + axis.low) / 2;
    fitted.scale.col(k) *= width / (box_fill_wanted * grid_.z_max);
    changed = true;
  }
  if (changed) remap_to(fitted);
}

void Evolution::remap_to(const fp::Frame& frame) {
  std::vector<double> mass = communicator_.all_gather(state_.mass);
  if (cell_value() == fp::CellValue::centre) {
    const fp::Spread spread = fp::spread_of(grid_, state_.frame, mass);
    fp::averages_from_values(grid_, mass);
    mass = fp::remap(grid_, std::move(mass), state_.frame, frame);
    fp::values_from_averages(grid_, mass);
    state_.frame = fp::with_spread(options_.frame, grid_, frame, mass, spread);
  } else {
    mass = fp::remap(grid_, std::move(mass), state_.frame, frame);
    state_.frame = frame;
  }
  state_.mass = owned_part(mass);
  layers_ = layers_of_mass(state_.mass);
  stepper_->accept(false);
  ++report_.n_remaps;
}

}  // namespace driftwood::fp_solver
