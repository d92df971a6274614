#include "driftwood/fp/tensor_decomposition.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/core/small_cholesky.hpp"
#include "voronoi_reduction.hpp"

namespace driftwood::fp {

namespace {

using Vector = std::array<int, 4>;

/// The smallest multiple of the identity that is added where any is needed, relative to the largest entry.
constexpr double least_added = 1e-4;

/// A symmetric tensor of known dimension, unpacked.
struct Tensor {
  int d;
  std::array<std::array<double, 4>, 4> entry{};

  Tensor(int dimension, std::span<const double> packed, double added) : d(dimension) {
    for (int i = 0; i < d; ++i)
      for (int j = 0; j < d; ++j) entry[i][j] = packed[packed_index(d, i, j)] + (i == j ? added : 0.0);
  }

  double product(const Vector& a, const Vector& b) const {
    double sum = 0;
    for (int i = 0; i < d; ++i)
      for (int j = 0; j < d; ++j) sum += a[i] * entry[i][j] * b[j];
    return sum;
  }
};

Vector plus(const Vector& a, const Vector& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]};
}

Vector minus(const Vector& a) {
  return {-a[0], -a[1], -a[2], -a[3]};
}

/// d + 1 lattice vectors, d of them a basis, that sum to zero.
using Superbase = std::array<Vector, 4>;

Superbase standard_superbase(int d) {
  Superbase base{};
  for (int i = 0; i < d; ++i) {
    base[i][i] = 1;
    base[d][i] = -1;
  }
  return base;
}

/// Selling's step: replaces a pair with a positive product. d = 2: (-b_i, b_j, b_i - b_j); d = 3: (-b_i, b_j, b_k +
/// b_i, b_l + b_i). Every step lowers the sum of the squared lengths.
void reduce_pair(Superbase& base, int d, int i, int j) {
  const Vector moved = base[i];
  for (int k = 0; k <= d; ++k) {
    if (k == i || k == j) continue;
    base[k] = d == 2 ? plus(moved, minus(base[j])) : plus(base[k], moved);
  }
  base[i] = minus(moved);
}

int longest_entry(const Vector& e) {
  int most = 0;
  for (const int entry : e) most = std::max(most, std::abs(entry));
  return most;
}

/// A superbase with non-positive products, or nothing where the vectors have grown too long for directions within reach
/// or the search does not end.
std::optional<Superbase> obtuse_superbase(const Tensor& tensor, int reach) {
  constexpr int most_steps = 100;
  Superbase base = standard_superbase(tensor.d);
  for (int step = 0; step < most_steps; ++step) {
    for (const Vector& vector : base)
      if (longest_entry(vector) > 4 * reach) return std::nullopt;
    bool is_obtuse = true;
    for (int i = 0; i <= tensor.d && is_obtuse; ++i)
      for (int j = i + 1; j <= tensor.d && is_obtuse; ++j) {
        const double product = tensor.product(base[i], base[j]);
        const double scale = std::sqrt(std::abs(tensor.product(base[i], base[i]) * tensor.product(base[j], base[j])));
        if (product <= 1e-14 * scale) continue;
        reduce_pair(base, tensor.d, i, j);
        is_obtuse = false;
      }
    if (is_obtuse) return base;
  }
  return std::nullopt;
}

/// The lattice vector orthogonal to all of the superbase but b_i and b_j, first non-zero entry positive.
Vector direction_of(const Superbase& base, int d, int i, int j) {
  std::array<int, 2> others{};
  int n = 0;
  for (int k = 0; k <= d; ++k)
    if (k != i && k != j) others[n++] = k;
  const Vector& a = base[others[0]];
  Vector e{};
  if (d == 2) {
    e = {-a[1], a[0], 0, 0};
  } else {
    const Vector& b = base[others[1]];
    e = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0], 0};
  }
  for (const int entry : e) {
    if (entry == 0) continue;
    return entry > 0 ? e : minus(e);
  }
  return e;
}

/// The terms, unless a direction with a weight reaches too far.
std::optional<TensorDecomposition> terms_within(const Tensor& tensor, int reach) {
  const std::optional<Superbase> base = obtuse_superbase(tensor, reach);
  if (!base) return std::nullopt;
  TensorDecomposition result;
  for (int i = 0; i <= tensor.d; ++i)
    for (int j = i + 1; j <= tensor.d; ++j) {
      const double weight = -tensor.product((*base)[i], (*base)[j]);
      if (!(weight > 0)) continue;
      const Vector e = direction_of(*base, tensor.d, i, j);
      if (longest_entry(e) > reach) return std::nullopt;
      result.terms[result.n_terms++] = {e, weight};
    }
  return result;
}

/// d = 2: what lifts the smaller eigenvalue of a nearly singular tensor to 1e-4 of the largest entry. It depends on the
/// tensor without a jump, so that tensors that differ by round-off are treated alike. Diagonal tensors need nothing.
double lift_of(std::span<const double> packed) {
  if (packed[1] == 0) return 0;
  const double smaller = (packed[0] + packed[2] - std::hypot(packed[0] - packed[2], 2 * packed[1])) / 2;
  return std::max(0.0, 1e-4 * std::max(packed[0], packed[2]) - smaller);
}

/// d = 2 with the directions (1, 0), (0, 1), (1, 1), (1, -1) only: the diagonal has to dominate.
TensorDecomposition decompose_within_one(std::span<const double> packed, double largest) {
  const double cross = std::abs(packed[1]);
  TensorDecomposition result;
  result.added = std::max(lift_of(packed), cross - std::min(packed[0], packed[2]));
  if (!SmallCholesky(2, packed, result.added).is_positive()) result.added += least_added * largest;
  const std::array<DirectionTerm, 3> terms{{{{1, 0, 0, 0}, packed[0] + result.added - cross},
                                            {{0, 1, 0, 0}, packed[2] + result.added - cross},
                                            {{1, packed[1] > 0 ? 1 : -1, 0, 0}, cross}}};
  for (const DirectionTerm& term : terms)
    if (term.weight > 0) result.terms[result.n_terms++] = term;
  return result;
}

/// What makes a tensor's diagonal dominate, as a multiple of the identity.
double lack_of_dominance(const Tensor& tensor) {
  double lack = 0;
  for (int i = 0; i < tensor.d; ++i) {
    double rest = -tensor.entry[i][i];
    for (int j = 0; j < tensor.d; ++j)
      if (j != i) rest += std::abs(tensor.entry[i][j]);
    lack = std::max(lack, rest);
  }
  return lack;
}

/// d = 4: with the directions e_i and e_i +- e_j only, for a tensor with a dominant diagonal.
TensorDecomposition decompose_dominant(const Tensor& tensor) {
  TensorDecomposition result;
  for (int i = 0; i < tensor.d; ++i) {
    double own = tensor.entry[i][i];
    for (int j = 0; j < tensor.d; ++j) {
      if (j == i) continue;
      const double cross = tensor.entry[i][j];
      own -= std::abs(cross);
      if (j < i || cross == 0) continue;
      Vector e{};
      e[i] = 1;
      e[j] = cross > 0 ? 1 : -1;
      result.terms[result.n_terms++] = {e, std::abs(cross)};
    }
    Vector e{};
    e[i] = 1;
    if (own > 0) result.terms[result.n_terms++] = {e, own};
  }
  return result;
}

/// A diagonal tensor is its own decomposition.
std::optional<TensorDecomposition> along_axes(int dimension, std::span<const double> packed) {
  TensorDecomposition result;
  for (int i = 0; i < dimension; ++i) {
    for (int j = i + 1; j < dimension; ++j)
      if (packed[packed_index(dimension, i, j)] != 0) return std::nullopt;
    const double own = packed[packed_index(dimension, i, i)];
    if (!(own > 0)) return std::nullopt;
    DirectionTerm& term = result.terms[result.n_terms++];
    term.direction[i] = 1;
    term.weight = own;
  }
  return result;
}

bool is_within(const TensorDecomposition& parts, int reach) {
  for (int term = 0; term < parts.n_terms; ++term)
    if (longest_entry(parts.terms[term].direction) > reach) return false;
  return true;
}

/// d = 4 by Voronoi's reduction; where its directions are too long, those of a dominant diagonal if that is what the
/// tensor has. Between a multiple of the identity that does and half of it, three bisections look for a smaller one.
TensorDecomposition decompose_in_four(std::span<const double> packed, int reach, double largest) {
  const double lack = lack_of_dominance(Tensor(4, packed, 0));
  VoronoiReduction reduction(packed);
  const auto attempt = [&](double added) -> std::optional<TensorDecomposition> {
    if (!SmallCholesky(4, packed, added).is_positive()) return std::nullopt;
    std::optional<TensorDecomposition> found = reduction.decompose(added, 16 * reach);
    if (found && is_within(*found, reach)) return found;
    if (added < lack) return std::nullopt;
    found = decompose_dominant(Tensor(4, packed, added));
    found->added = added;
    return found;
  };
  if (std::optional<TensorDecomposition> found = attempt(0)) return *found;
  double too_little = 0;
  double added = least_added * largest;
  std::optional<TensorDecomposition> found;
  while (!(found = attempt(added))) {
    too_little = added;
    added = added < lack ? std::min(2 * added, lack) : 2 * added;
  }
  for (int bisection = 0; bisection < 3 && too_little > 0; ++bisection) {
    const double between = (too_little + added) / 2;
    if (std::optional<TensorDecomposition> better = attempt(between)) {
      found = better;
      added = between;
    } else {
      too_little = between;
    }
  }
  return *found;
}

}  // namespace

TensorDecomposition decompose(int dimension, std::span<const double> packed, int reach) {
  if (dimension < 1 || dimension > 4) throw InternalError("tensors are decomposed in 1 to 4 dimensions");
  if (reach < 1) throw InternalError("a tensor decomposition needs a reach of at least 1");
  // No multiple of the identity would help: the search below would not end.
  for (int i = 0; i < packed_size(dimension); ++i)
    if (!std::isfinite(packed[i])) throw InternalError("a tensor to decompose is not finite");
  if (dimension == 1) {
    TensorDecomposition line;
    line.n_terms = packed[0] > 0 ? 1 : 0;
    line.terms[0] = {{1, 0, 0, 0}, packed[0]};
    return line;
  }
  double largest = 0;
  for (int i = 0; i < packed_size(dimension); ++i) largest = std::max(largest, std::abs(packed[i]));
  if (largest == 0) return {};
  if (const std::optional<TensorDecomposition> axes = along_axes(dimension, packed)) return *axes;
  if (dimension == 2 && reach == 1) return decompose_within_one(packed, largest);
  if (dimension == 4) return decompose_in_four(packed, reach, largest);
  for (double added = dimension == 2 ? lift_of(packed) : 0;; added = std::max(least_added * largest, 2 * added)) {
    if (!SmallCholesky(dimension, packed, added).is_positive()) continue;
    if (std::optional<TensorDecomposition> found = terms_within(Tensor(dimension, packed, added), reach)) {
      found->added = added;
      return *found;
    }
  }
}

const TensorDecomposition& Decomposer::operator()(std::span<const double> packed, int reach) {
  const auto n = static_cast<std::size_t>(packed_size(dimension_));
  if (reach_ == reach && std::equal(packed_.begin(), packed_.begin() + n, packed.begin())) return last_;
  reach_ = 0;  // until the result is there
  last_ = decompose(dimension_, packed, reach);
  std::copy_n(packed.begin(), n, packed_.begin());
  reach_ = reach;
  return last_;
}

}  // namespace driftwood::fp
