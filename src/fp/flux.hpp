#pragma once

#include <algorithm>
#include <cmath>

namespace driftwood::fp::flux {

/// x/2 coth(x/2), from which B(x) = x / (e^x - 1) = even_part(x) - x/2. For |x| <= 2 by its continued fraction, whose
/// only division is the last: the ratio B(-x) / B(x) is e^x to round-off.
inline double even_part(double x) {
  const double z = x * x / 4;
  double a = 17;
  double b = 1;
  for (int n = 15; n >= 1; n -= 2) {
    const double next = n * a + z * b;
    b = a;
    a = next;
  }
  return a / b;
}

/// B(x) and B(-x) for |x| > 2.
inline void bernoulli_of_large(double x, double& at_x, double& at_minus_x) {
  const double size = std::abs(x);
  const double at_size = size < 700 ? size / std::expm1(size) : 0.0;
  at_x = x >= 0 ? at_size : at_size + size;
  at_minus_x = x >= 0 ? at_size + size : at_size;
}

/// Where the edge Peclet number is larger, the limited flux begins to differ from Chang and Cooper's, and is on its own
/// one later.
constexpr double limited_from = 1.0;
/// Where the edge Peclet number is larger, the fourth-order flux gives way to the limited one unless the density is
/// smooth there.
constexpr double fourth_order_to = 2.0;
/// Smooth is where the third difference of ln q along a direction is within +-1: it is 0 for a normal density, however
/// deep in its tail, and 8 times its relative size for a ripple from cell to cell.
constexpr double largest_ripple = 2.718281828459045;

/// Products of two differences below this have lost digits: a face then takes the cell's own value.
constexpr double smallest_product = 1e-290;

/// q at the face behind an upwind cell, relative to the cell's, from the cell and its neighbours up- and downwind:
/// 0..2.
inline double face_ratio(double upwind, double cell, double downwind) {
  const double behind = cell - upwind;
  const double ahead = downwind - cell;
  if (!(behind * ahead > smallest_product)) return 1;
  return 1 + behind * ahead / (behind + ahead) / cell;  // half of van Leer's slope
}

/// The density along a direction around the edge `from` -> `to`.
struct Around {
  double before;  ///< of from - e
  double from;
  double to;
  double after;  ///< of to + e
  bool has_before;
  bool has_after;
};

/// Where the density changes by more than this factor from cell to cell and drift dominates, the fourth-order flux
/// takes its face values from ln q.
constexpr double steep_factor = 2.0;

/// Less than this is not called smooth: products of two values must be numbers.
constexpr double smallest_smooth = 1e-140;

/// exp of the third difference of ln q over four cells in a row; those must be positive.
inline double ripple(double before, double from, double to, double after) {
  const double middle = from / to;
  return middle * middle * middle * (after / before);
}

/// Whether the density changes steeply between any two of four cells in a row.
inline bool is_steep(double before, double from, double to, double after) {
  const auto differ = [](double a, double b) { return (a > b ? a : b) > steep_factor * (a > b ? b : a); };
  return differ(before, from) || differ(from, to) || differ(to, after);
}

/// The face in the middle of four cells of a smooth but steep density q = e^l, with l a cubic there, which is exact for
/// a normal density. With q_f and l' there, c = (l'/2) / sinh(l'/2) (by Polya's mean, 3 G / (2 G + A)) and f'' of each
/// flux f from l' and l'', the flux whose difference is the derivative at the cells' centres, f - f''/24 + .., is
///   drift x `value` + (change of the drift from cell to cell) x `turn` + diffusion x `slope` (q.from - q.to)
/// to fourth order, and it vanishes for a normal density in equilibrium.
struct SteepFace {
  double value;  ///< q_f (c - l''/24)
  double turn;   ///< -q_f l'/12
  double slope;  ///< -q_f l' (c - l''/8) over q.from - q.to; >= 0
};
inline SteepFace steep_face(double before, double from, double to, double after) {
  const double product = from * to;
  const double geometric = std::sqrt(product);
  const double bend = std::sqrt(std::sqrt(std::sqrt(std::sqrt(product / (before * after)))));  // exp(-l''/8)
  const double curvature = -16 * (bend - 1) / (bend + 1);
  const double c = 3 * geometric / (2 * geometric + (from + to) / 2);
  const double slope = bend * c * (c - curvature / 8);
  return {geometric * bend * (c - curvature / 24), (from - to) * bend * c / 12, slope > 0 ? slope : 0};
}

/// Which form of the fourth-order flux holds on an edge.
enum class Form { fourth_order, steep, limited };

inline Form form_of(double peclet, const Around& q) {
  const Form otherwise = std::abs(peclet) <= fourth_order_to ? Form::fourth_order : Form::limited;
  if (!(q.has_before && q.has_after && std::min({q.before, q.from, q.to, q.after}) > smallest_smooth)) return otherwise;
  const double size = ripple(q.before, q.from, q.to, q.after);
  if (!(size < largest_ripple && size * largest_ripple > 1)) return otherwise;
  return is_steep(q.before, q.from, q.to, q.after) ? Form::steep : Form::fourth_order;
}

/// Turns Chang and Cooper's rates of an edge into those of the limited flux where the edge Peclet number is large.
inline void limit(double weight, double peclet, const Around& q, double& forward, double& backward) {
  const double size = std::abs(peclet);
  if (size <= limited_from) return;
  const double share = std::min(1.0, size - limited_from);
  double face = 1;
  if (peclet > 0 && q.from > 0 && q.has_before) face = face_ratio(q.before, q.from, q.to);
  if (peclet < 0 && q.to > 0 && q.has_after) face = face_ratio(q.after, q.to, q.from);
  const double drift = size * face;
  forward += share * (weight * (1 + (peclet > 0 ? drift : 0)) - forward);
  backward += share * (weight * (1 + (peclet < 0 ? drift : 0)) - backward);
}

/// Turns Chang and Cooper's rates of an edge into those of the steep form. `turn`: change of the cells' drift.
inline void follow_steep(double weight, double peclet, double turn, const Around& q, double& forward,
                         double& backward) {
  const SteepFace face = steep_face(q.before, q.from, q.to, q.after);
  const double carried = weight * peclet * face.value + turn * face.turn;
  forward = weight * face.slope + std::max(carried, 0.0) / q.from;
  backward = weight * face.slope + std::max(-carried, 0.0) / q.to;
}

/// Adds to Chang and Cooper's rates of an edge what the fourth-order flux has more. With g = (drift along e) q and G =
/// rho q at four cells in a row, all in units of the cells, the flux is
///   (-g0 + 7 g1 + 7 g2 - g3) / 12 - (G0 - 15 G1 + 15 G2 - G3) / 12,
/// whose difference over a cell is the derivative of g - G' to fourth order, and which keeps the first three moments'
/// equations exactly.
inline void raise_order(double weight, double peclet, const Around& q, const double* drift, const double* rho,
                        double& forward, double& backward) {
  if (!q.has_before || !q.has_after) return;
  const double high = (-(drift[0] + rho[0]) * q.before + (7 * drift[1] + 15 * rho[1]) * q.from +
                       (7 * drift[2] - 15 * rho[2]) * q.to - (drift[3] - rho[3]) * q.after) /
                      12;
  const double more = high - (forward * q.from - backward * q.to);
  const double most = weight * std::max(1.0, std::abs(peclet));
  if (more > 0 && q.from > 0) forward += std::min(more / q.from, most);
  if (more < 0 && q.to > 0) backward += std::min(-more / q.to, most);
}

}  // namespace driftwood::fp::flux
