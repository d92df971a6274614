#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "driftwood/fp/edge_coefficients.hpp"
#include "driftwood/fp/tensor_decomposition.hpp"

namespace driftwood::fp {

using SmallVector = std::array<double, 4>;
using SmallTensor = std::array<double, 10>;

/// What one cell after another has to do with lattice directions: their weights, and the slope of ln p at zero current.
/// Directions are numbered in the order in which they are met.
class CellDirections {
 public:
  /// `lifts_axes`: what has to be added to a tensor is added once more, as terms along the axes, so that every axis has
  /// enough weight to take it off again (DirectionFields::Direction::excess). Directions are then always short: an
  /// error of the fourth order grows with the fourth power of their length, and what is added costs nothing.
  explicit CellDirections(const Grid& grid, bool lifts_axes = false);

  /// A tensor ready for use.
  struct Prepared {
    TensorDecomposition parts;
    double lifted = 0;  ///< what each of the axes' own terms has, none of which is among the parts
    int length = 0;     ///< the longest entry of a direction
    bool is_listed = false;
    std::array<int, 12> directions{};  ///< of the parts: their numbers, if listed
    std::array<int, 4> axes{};         ///< of the axes, if listed and lifted
    std::array<SmallVector, 4> inverse{};

    /// A component of E^-1 x.
    double tilt(int k, const SmallVector& x) const {
      double sum = 0;
      for (int l = 0; l < 4; ++l) sum += inverse[k][l] * x[l];
      return sum;
    }
    /// Calls visit(direction, weight, how much of it is an excess) for all that the tensor is made of, once listed.
    template <class Visit>
    void for_each_weight(int d, Visit&& visit) const {
      for (int term = 0; term < parts.n_terms; ++term) visit(directions[term], parts.terms[term].weight, 0.0);
      for (int k = 0; k < d && lifted > 0; ++k) visit(axes[k], lifted, parts.added + lifted);
    }
  };
  /// `tensor`: E_kl / (h_k h_l), packed; `drift`: u - div E in units of the cells. Long directions serve anisotropic
  /// tensors, but smear where the drift dominates; short ones (no longer than 2 / `peclet`, the largest cell Peclet
  /// number, which is returned) need diffusion to be added: the lesser evil is taken. Valid until the next call.
  const Prepared& prepare(const double* tensor, const SmallVector& drift, double& peclet);

  int n_directions() const { return static_cast<int>(offsets_.size()); }
  long offset(int number) const { return offsets_[number]; }
  const std::array<int, 4>& step(int number) const { return steps_[number]; }
  /// Largest diffusion added to a very anisotropic tensor, relative to it.
  double added_diffusion() const { return added_diffusion_; }

 private:
  Prepared& choose(const double* tensor, double floor, const SmallVector& drift, int allowed);
  /// The decomposition within a reach, in `space` or (that of the tensor before) kept.
  Prepared& decomposed(const double* tensor, double floor, int allowed, Prepared& space);
  int number_of(const std::array<int, 4>& step);

  int d_;
  int reach_;
  bool lifts_axes_;
  std::vector<long> stride_;
  Decomposer decompose_;
  SmallTensor kept_tensor_{};
  std::vector<std::optional<Prepared>> kept_;  ///< of kept_tensor_, by the allowed reach
  std::array<Prepared, 2> latest_;
  std::vector<long> offsets_;
  std::vector<std::array<int, 4>> steps_;
  double added_diffusion_ = 0;
};

/// The part of a step from a cell after which it leaves the grid, and through which face (2 axis + (0 low, 1 high); -1:
/// it does not).
std::pair<double, int> way_out(const Grid& grid, const std::array<int, 4>& index, const std::array<int, 4>& step,
                               int sign);

}  // namespace driftwood::fp
