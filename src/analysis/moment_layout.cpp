#include <algorithm>

#include "driftwood/analysis/field_moments.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"

namespace driftwood::analysis {

MomentLayout::MomentLayout(int dimension, int degree) : dimension_(dimension), degree_(degree) {
  if (dimension < 1 || dimension > 4 || degree < 1) throw InternalError("no operators to take moments for");
  powers_ = all_powers(dimension, 0, 2 * degree);
  for (std::size_t i = 0; i < powers_.size(); ++i) {
    index_[powers_[i]] = i;
    Powers lower = powers_[i];
    const auto axis = std::find_if(lower.begin(), lower.end(), [](int power) { return power > 0; });
    by_.push_back(axis == lower.end() ? 0 : static_cast<int>(axis - lower.begin()));
    if (axis != lower.end()) --*axis;
    from_.push_back(index_.at(lower));
    // The width's growth needs <u b> and <D> whatever the degree.
    if (total_degree(powers_[i]) <= std::max(degree - 1, 1)) ++n_drift_;
    if (total_degree(powers_[i]) <= std::max(degree - 2, 0)) ++n_diffusion_;
  }
  size_ = powers_.size() + n_drift_ * dimension + n_diffusion_ * packed_size(dimension);
}

std::size_t MomentLayout::field(const Powers& powers) const {
  const auto found = index_.find(powers);
  if (found == index_.end()) throw InternalError("a moment beyond the layout's degree");
  return found->second;
}

std::size_t MomentLayout::drift(int axis, const Powers& powers) const {
  const std::size_t at = field(powers);
  if (at >= n_drift_) throw InternalError("a drift's moment beyond the layout's degree");
  return powers_.size() + at * dimension_ + axis;
}

std::size_t MomentLayout::diffusion(int axis, int other_axis, const Powers& powers) const {
  const std::size_t at = field(powers);
  if (at >= n_diffusion_) throw InternalError("a diffusion's moment beyond the layout's degree");
  return powers_.size() + n_drift_ * dimension_ + at * packed_size(dimension_) +
         packed_index(dimension_, axis, other_axis);
}

void MomentLayout::evaluate(std::span<const double> u, std::span<const double> drift, std::span<const double> diffusion,
                            double* row) const {
  row[0] = 1;
  for (std::size_t i = 1; i < powers_.size(); ++i) row[i] = u[by_[i]] * row[from_[i]];
  double* next = row + powers_.size();
  for (std::size_t i = 0; i < n_drift_; ++i)
    for (const double b : drift) *next++ = b * row[i];
  for (std::size_t i = 0; i < n_diffusion_; ++i)
    for (const double entry : diffusion) *next++ = entry * row[i];
}

}  // namespace driftwood::analysis
