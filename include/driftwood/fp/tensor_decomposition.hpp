#pragma once

#include <array>
#include <span>

#include "driftwood/core/packed.hpp"

namespace driftwood::fp {

/// rho e e^T with an integer direction e (entries beyond the dimension are 0).
struct DirectionTerm {
  std::array<int, 4> direction{};
  double weight = 0;
};

/// E = sum_k rho_k e_k e_k^T with rho_k > 0: at most d (d + 1) / 2 terms, 12 for d = 4.
struct TensorDecomposition {
  int n_terms = 0;
  std::array<DirectionTerm, 12> terms{};
  /// What had to be added to the tensor: `added` times the identity (see decompose).
  double added = 0;
};

/// Non-negative decomposition of a symmetric positive definite tensor, packed (core/packed.hpp), d = 1..4, by Selling's
/// algorithm (d <= 3; Selling 1874; Mirebeau 2014) or Voronoi's first reduction (d = 4; Bonnans, Bonnet, Mirebeau
/// 2021; equations.md section 5), so that cross diffusion becomes one-dimensional diffusion along lattice directions.
/// The first non-zero entry of every direction is positive. Weights depend continuously on the tensor, as long as
/// nothing has to be added to it.
///
/// The more anisotropic the tensor, the longer its directions; one that would need entries beyond `reach` (>= 1), or a
/// tensor that is not positive definite, gets the smallest tried multiple of the identity added that avoids it,
/// reported in `added`. Throws InternalError for other d and for entries that are not finite. Pure function.
TensorDecomposition decompose(int dimension, std::span<const double> packed, int reach);

/// decompose() for one tensor after another: a tensor equal to the one before costs a comparison. The result never
/// depends on what was asked before, so it is the same on every number of ranks.
class Decomposer {
 public:
  explicit Decomposer(int dimension) : dimension_(dimension) {}
  /// decompose(dimension, packed, reach), same errors; valid until the next call.
  const TensorDecomposition& operator()(std::span<const double> packed, int reach);

 private:
  int dimension_;
  int reach_ = 0;  ///< 0: nothing asked yet
  std::array<double, packed_size(4)> packed_{};
  TensorDecomposition last_;
};

}  // namespace driftwood::fp
