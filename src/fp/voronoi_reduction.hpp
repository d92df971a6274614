#pragma once

#include <array>
#include <optional>
#include <span>

#include "driftwood/fp/tensor_decomposition.hpp"

namespace driftwood::fp {

/// Voronoi's first reduction of the 4 x 4 tensors E + added I, for one E (packed) and any `added`: a walk through the
/// cones that tile the positive definite tensors. Each search starts where the last one ended.
class VoronoiReduction {
 public:
  explicit VoronoiReduction(std::span<const double> packed);

  /// The decomposition of E + added I, which must be positive definite: any directions, terms that are round-off left
  /// out. Nothing if the search does not end or the lattice's basis grows beyond entries of `longest`.
  std::optional<TensorDecomposition> decompose(double added, int longest);

  using Vector = std::array<int, 4>;
  using Basis = std::array<Vector, 4>;

 private:
  using Tensor = std::array<std::array<double, 4>, 4>;

  bool step_from_a4(const Tensor& tensor);
  bool step_from_d4(const Tensor& tensor);
  TensorDecomposition terms(const Tensor& tensor) const;

  Tensor tensor_{};
  double largest_ = 0;
  bool is_d4_ = false;  ///< the kind of the cone: D4 or A4
  Basis f_;             ///< the lattice's basis that goes with the cone
  Basis b_;             ///< its dual
  std::array<double, 12> weight_{};
};

}  // namespace driftwood::fp
