#include "voronoi_reduction.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "driftwood/core/error.hpp"

// Voronoi's first reduction in four dimensions (Voronoi 1908; Bonnans, Bonnet, Mirebeau 2021). The positive definite
// tensors are tiled by cones { sum rho_v v v^T, rho >= 0 } over the minimal vectors v of the perfect forms. In four
// dimensions there are two kinds up to a change of the lattice's basis f_1 .. f_4:
//
//   A4, 10 vectors: f_i, f_i - f_j. Its 10 weights are unique.
//   D4, 12 vectors: three quadruples, each of vectors orthogonal in the form,
//         f1, f2, f1 + f2 - f3 - f4, f3 - f4  |  f3, f1 - f4, f2 - f4, f1 + f2 - f3  |  f4, f1 - f3, f2 - f3, f1 + f2 -
//         f4,
//       each with the same sum of v v^T. So weights may be moved from one quadruple to another; they can be made
//       non-negative if the least weights of the three add up to >= 0. Making these three equal is a choice that
//       depends continuously on the tensor, across the cone's walls too.
//
// From the cone at hand one walks through a wall that the tensor lies behind; this lowers <form, tensor>, so the walk
// ends. A wall of A4 leaves one vector out; a wall of D4 one of every quadruple (64 walls).

namespace driftwood::fp {

namespace {

using Vector = VoronoiReduction::Vector;
using Basis = VoronoiReduction::Basis;

constexpr Basis standard_basis{{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};

/// Minimal vectors of D4 in its basis, quadruple by quadruple.
constexpr std::array<Vector, 12> d4_vectors{{{1, 0, 0, 0},
                                             {0, 1, 0, 0},
                                             {1, 1, -1, -1},
                                             {0, 0, 1, -1},
                                             {0, 0, 1, 0},
                                             {1, 0, 0, -1},
                                             {0, 1, 0, -1},
                                             {1, 1, -1, 0},
                                             {0, 0, 0, 1},
                                             {1, 0, -1, 0},
                                             {0, 1, -1, 0},
                                             {1, 1, 0, -1}}};
/// Minimal vectors of A4 in its basis, and the points i, j of 0, f_1 .. f_4 that they join.
constexpr std::array<Vector, 10> a4_vectors{{{1, 0, 0, 0},
                                             {0, 1, 0, 0},
                                             {0, 0, 1, 0},
                                             {0, 0, 0, 1},
                                             {1, -1, 0, 0},
                                             {1, 0, -1, 0},
                                             {1, 0, 0, -1},
                                             {0, 1, -1, 0},
                                             {0, 1, 0, -1},
                                             {0, 0, 1, -1}}};
constexpr std::array<std::array<int, 2>, 10> a4_ends{
    {{1, 0}, {2, 0}, {3, 0}, {4, 0}, {1, 2}, {1, 3}, {1, 4}, {2, 3}, {2, 4}, {3, 4}}};

/// Twice the form of D4 in its basis.
constexpr std::array<std::array<int, 4>, 4> d4_form{{{2, 0, 1, 1}, {0, 2, 1, 1}, {1, 1, 2, 1}, {1, 1, 1, 2}}};

int d4_product(const Vector& a, const Vector& b) {
  int sum = 0;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) sum += a[i] * d4_form[i][j] * b[j];
  return sum;
}

/// sum_m factor_m basis_m
Vector combination(const Basis& basis, const Vector& factor) {
  Vector sum{};
  for (int m = 0; m < 4; ++m)
    for (int i = 0; i < 4; ++i) sum[i] += factor[m] * basis[m][i];
  return sum;
}

Vector negative(const Vector& v) {
  return {-v[0], -v[1], -v[2], -v[3]};
}

/// The basis b with b_i . f_j = delta_ij of a basis with determinant 1 or -1, by cofactors.
Basis dual(const Basis& f) {
  const auto minor = [&](int row, int column) {
    std::array<std::array<int, 3>, 3> a{};
    for (int i = 0, r = 0; i < 4; ++i) {
      if (i == row) continue;
      for (int j = 0, c = 0; j < 4; ++j)
        if (j != column) a[r][c++] = f[i][j];
      ++r;
    }
    return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
           a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  };
  Basis b{};
  int determinant = 0;
  for (int j = 0; j < 4; ++j) determinant += f[0][j] * (j % 2 == 0 ? 1 : -1) * minor(0, j);
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) b[i][j] = ((i + j) % 2 == 0 ? 1 : -1) * determinant * minor(i, j);
  return b;
}

/// What lies behind a wall of D4: a cone of this kind with its basis (and the dual one) in terms of D4's.
struct Neighbour {
  bool is_d4 = false;
  Basis basis{};
  Basis dual_basis{};
};

/// The neighbours behind the 64 walls of D4; a wall's number is 16 a + 4 b + c where vector a of the first, b of the
/// second and c of the third quadruple are left out.
class D4Neighbours {
 public:
  D4Neighbours() {
    std::array<Vector, 24> signed_vectors{};
    for (int v = 0; v < 12; ++v) {
      signed_vectors[2 * v] = d4_vectors[v];
      signed_vectors[2 * v + 1] = negative(d4_vectors[v]);
    }
    Basis image{};
    add_images(signed_vectors, image, 0);
    for (const bool done : is_known_)
      if (!done) throw InternalError("a wall of the D4 cone has no neighbour");
  }

  const Neighbour& behind(int wall) const { return neighbours_[wall]; }

 private:
  /// All automorphisms of the form D4: images of f_1 .. f_4 with the same products.
  void add_images(const std::array<Vector, 24>& vectors, Basis& image, int n) {
    if (n == 4) return add(image);
    for (const Vector& v : vectors) {
      bool fits = true;
      for (int m = 0; m < n; ++m) fits = fits && d4_product(image[m], v) == d4_form[m][n];
      if (!fits) continue;
      image[n] = v;
      add_images(vectors, image, n + 1);
    }
  }

  /// The two known neighbours, moved by an automorphism. f1 + f2 - f3 - f4, f1 + f2 - f3 and f1 + f2 - f4 left out
  /// give way to f1 - f2: A4 with the same basis. f1, f1 - f4 and f4 left out give way to another D4.
  void add(const Basis& image) {
    static constexpr Basis other{{{0, 0, 1, -1}, {0, 0, 1, 0}, {0, -1, 1, 0}, {-1, -1, 2, 0}}};
    add(image, {2, 7, 11}, false, standard_basis);
    add(image, {0, 5, 8}, true, other);
  }

  void add(const Basis& image, const std::array<int, 3>& left_out, bool is_d4, const Basis& basis) {
    std::array<int, 3> place{};
    for (const int v : left_out) {
      const Vector moved = combination(image, d4_vectors[v]);
      const int at =
          static_cast<int>(std::find_if(d4_vectors.begin(), d4_vectors.end(),
                                        [&](const Vector& u) { return u == moved || u == negative(moved); }) -
                           d4_vectors.begin());
      place[at / 4] = at % 4;
    }
    const int wall = 16 * place[0] + 4 * place[1] + place[2];
    if (is_known_[wall]) return;
    is_known_[wall] = true;
    Neighbour& neighbour = neighbours_[wall];
    neighbour.is_d4 = is_d4;
    for (int m = 0; m < 4; ++m) neighbour.basis[m] = combination(image, basis[m]);
    neighbour.dual_basis = dual(neighbour.basis);
  }

  std::array<Neighbour, 64> neighbours_{};
  std::array<bool, 64> is_known_{};
};

using Tensor = std::array<std::array<double, 4>, 4>;
using Weights = std::array<double, 12>;

/// A tensor's components in a basis: its products with the dual basis `b` (upper triangle).
Tensor components(const Tensor& tensor, const Basis& b) {
  Tensor half{};
  Tensor product{};
  for (int i = 0; i < 4; ++i)
    for (int k = 0; k < 4; ++k)
      for (int j = 0; j < 4; ++j) half[i][k] += b[i][j] * tensor[j][k];
  for (int i = 0; i < 4; ++i)
    for (int j = i; j < 4; ++j)
      for (int k = 0; k < 4; ++k) product[i][j] += half[i][k] * b[j][k];
  return product;
}

/// The weights of the A4 cone's vectors from the components in its basis; linear.
Weights a4_weights(const Tensor& t) {
  return {t[0][0] + t[0][1] + t[0][2] + t[0][3],
          t[1][1] + t[0][1] + t[1][2] + t[1][3],
          t[2][2] + t[0][2] + t[1][2] + t[2][3],
          t[3][3] + t[0][3] + t[1][3] + t[2][3],
          -t[0][1],
          -t[0][2],
          -t[0][3],
          -t[1][2],
          -t[1][3],
          -t[2][3],
          0,
          0};
}

/// Those of the D4 cone's vectors that leave out f1 + f2 - f3 and f1 + f2 - f4; linear.
Weights d4_weights(const Tensor& t) {
  const double c = t[0][1];
  const double w13 = -t[0][2] - c;
  const double w14 = -t[0][3] - c;
  const double w23 = -t[1][2] - c;
  const double w24 = -t[1][3] - c;
  const double w34 = c - t[2][3];
  return {t[0][0] - w13 - w14 - c,
          t[1][1] - w23 - w24 - c,
          c,
          w34,
          t[2][2] - w13 - w23 - w34 - c,
          w14,
          w24,
          0,
          t[3][3] - w14 - w24 - w34 - c,
          w13,
          w23,
          0};
}

/// Below this a negative weight is round-off, which is larger where the basis is long.
double tolerance(const Tensor& t) {
  return 2e-15 * std::max({t[0][0], t[1][1], t[2][2], t[3][3]});
}

int longest_entry(const Vector& e) {
  return std::max({std::abs(e[0]), std::abs(e[1]), std::abs(e[2]), std::abs(e[3])});
}

}  // namespace

VoronoiReduction::VoronoiReduction(std::span<const double> packed) : f_(standard_basis), b_(standard_basis) {
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) {
      tensor_[i][j] = packed[packed_index(4, i, j)];
      largest_ = std::max(largest_, std::abs(tensor_[i][j]));
    }
}

std::optional<TensorDecomposition> VoronoiReduction::decompose(double added, int longest) {
  constexpr int most_steps = 200;
  Tensor tensor = tensor_;
  for (int i = 0; i < 4; ++i) tensor[i][i] += added;
  for (int step = 0; step < most_steps; ++step) {
    if (is_d4_ ? step_from_d4(tensor) : step_from_a4(tensor)) {
      TensorDecomposition result = terms(tensor);
      result.added = added;
      return result;
    }
    for (const Vector& vector : f_)
      if (longest_entry(vector) > longest) return std::nullopt;
  }
  return std::nullopt;
}

/// Sets the weights in A4; true if the tensor lies in the cone, else a step to the D4 next to it.
bool VoronoiReduction::step_from_a4(const Tensor& tensor) {
  const Tensor t = components(tensor, b_);
  weight_ = a4_weights(t);
  const auto least = std::min_element(weight_.begin(), weight_.begin() + 10);
  if (*least >= -tolerance(t)) return true;
  // The points 0, f_1 .. f_4 renamed so that the wall's vector becomes f_1 - f_2.
  const std::array<int, 2> ends = a4_ends[least - weight_.begin()];
  std::array<int, 5> point{ends[0], ends[1], 0, 0, 0};
  for (int p = 0, n = 2; p < 5; ++p)
    if (p != ends[0] && p != ends[1]) point[n++] = p;
  const Basis f = f_;
  const Basis b = b_;
  const auto f_at = [&](int p, int i) { return p == 0 ? 0 : f[p - 1][i]; };
  const auto b_at = [&](int p, int i) { return p == 0 ? -(b[0][i] + b[1][i] + b[2][i] + b[3][i]) : b[p - 1][i]; };
  for (int k = 0; k < 4; ++k)
    for (int i = 0; i < 4; ++i) {
      f_[k][i] = f_at(point[k], i) - f_at(point[4], i);
      b_[k][i] = b_at(point[k], i);
    }
  is_d4_ = true;
  return false;
}

/// The same in D4.
bool VoronoiReduction::step_from_d4(const Tensor& tensor) {
  static const D4Neighbours neighbours;
  const Tensor t = components(tensor, b_);
  weight_ = d4_weights(t);
  std::array<int, 3> at{};
  std::array<double, 3> least{};
  for (int q = 0; q < 3; ++q) {
    const auto start = weight_.begin() + 4 * q;
    at[q] = static_cast<int>(std::min_element(start, start + 4) - start);
    least[q] = start[at[q]];
  }
  const double sum = least[0] + least[1] + least[2];
  if (sum >= -tolerance(t)) {
    for (int v = 0; v < 12; ++v) weight_[v] += sum / 3 - least[v / 4];
    return true;
  }
  const Neighbour& next = neighbours.behind(16 * at[0] + 4 * at[1] + at[2]);
  const Basis f = f_;
  const Basis b = b_;
  for (int k = 0; k < 4; ++k) {
    f_[k] = combination(f, next.basis[k]);
    b_[k] = combination(b, next.dual_basis[k]);
  }
  is_d4_ = next.is_d4;
  return false;
}

/// The terms from the weights, which are refined first where long directions magnify their round-off.
TensorDecomposition VoronoiReduction::terms(const Tensor& tensor) const {
  const int n = is_d4_ ? 12 : 10;
  std::array<Vector, 12> e{};
  int longest = 0;
  for (int v = 0; v < n; ++v) {
    e[v] = combination(f_, is_d4_ ? d4_vectors[v] : a4_vectors[v]);
    longest = std::max(longest, longest_entry(e[v]));
  }
  Weights weight = weight_;
  if (longest > 3) {
    Tensor missing = tensor;
    for (int v = 0; v < n; ++v)
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 4; ++j) missing[i][j] -= weight[v] * e[v][i] * e[v][j];
    const Tensor t = components(missing, b_);
    const Weights correction = is_d4_ ? d4_weights(t) : a4_weights(t);
    for (int v = 0; v < n; ++v) weight[v] += correction[v];
  }
  TensorDecomposition result;
  for (int v = 0; v < n; ++v) {
    const int entry = longest_entry(e[v]);
    if (weight[v] * entry * entry <= 1e-14 * largest_) continue;
    if (*std::find_if(e[v].begin(), e[v].end(), [](int x) { return x != 0; }) < 0) e[v] = negative(e[v]);
    result.terms[result.n_terms++] = {e[v], weight[v]};
  }
  return result;
}

}  // namespace driftwood::fp
