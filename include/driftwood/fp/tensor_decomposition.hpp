#pragma once

#include <array>
#include <span>

namespace driftwood::fp {

/// rho e e^T with an integer direction e (entries beyond the dimension are 0).
struct DirectionTerm {
  std::array<int, 4> direction{};
  double weight = 0;
};

/// E = sum_k rho_k e_k e_k^T with rho_k > 0: at most d (d + 1) / 2 terms.
struct TensorDecomposition {
  int n_terms = 0;
  std::array<DirectionTerm, 6> terms{};
  /// What had to be added to the tensor: `added` times the identity (see decompose).
  double added = 0;
};

/// Non-negative decomposition of a symmetric positive definite tensor, packed (core/packed.hpp), d = 1..3, by Selling's
/// algorithm (Selling 1874; Mirebeau 2014; equations.md section 5), so that cross diffusion becomes one-dimensional
/// diffusion along lattice directions. The first non-zero entry of every direction is positive.
///
/// The more anisotropic the tensor, the longer its directions; one that would need entries beyond `reach` (>= 1), or a
/// tensor that is not positive definite, gets the smallest tried multiple of the identity added that avoids it,
/// reported in `added`. Throws InternalError for other d and for entries that are not finite. Pure function.
TensorDecomposition decompose(int dimension, std::span<const double> packed, int reach);

}  // namespace driftwood::fp
