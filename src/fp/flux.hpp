#pragma once

#include <algorithm>
#include <array>
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
/// e^3: smooth is where the third difference of ln q along a direction is within +-3: it is 0 for a normal density,
/// however deep in its tail, and 8 times its relative size for a ripple from cell to cell.
constexpr double largest_ripple = 20.085536923187668;

/// Edges within the grid have at least this rate both ways, which moves nothing, so that edges without a diffusion of
/// their own are told from those that are not there: their neighbours' fluxes reach over them.
constexpr double least_rate = 1e-150;

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

/// How much of an excess of the diffusion is taken off again at an edge with this ripple: all up to a third difference
/// of ln q of +-1, nothing from +-2 on.
inline double part_taken_off(double ripple) {
  constexpr double all = 3.0861612696304874;   // 2 cosh(1)
  constexpr double none = 7.5243913822611855;  // 2 cosh(2)
  const double part = (none - (ripple + 1 / ripple)) / (none - all);
  return part < 0 ? 0 : part > 1 ? 1 : part;
}

/// What the excess is taken off with is l' over three cells and one, (l3 - l0 + l2 - l1) / 4: as good as l2 - l1 for a
/// normal density, and blind to ripples from cell to cell, which would grow where other directions do not spread them.
/// The difference of the two: a quarter of the third difference of l.
inline double wide_tilt(double ripple) {
  return (ripple - 1) / (ripple + 1) / 2;
}

/// Whether the density changes steeply between any two of four cells in a row.
inline bool is_steep(double before, double from, double to, double after) {
  const auto differ = [](double a, double b) { return (a > b ? a : b) > steep_factor * (a > b ? b : a); };
  return differ(before, from) || differ(from, to) || differ(to, after);
}

/// The face in the middle of four cells of a smooth but steep density q = e^l, with l a cubic there, which is exact for
/// a normal density. What of it moves is f = V q - G q', V = g - G', with the drift g and the diffusion G along the
/// edge. The flux whose difference over a cell is the derivative of f is F(d/dx) f with F(a) = (a/2) / sinh(a/2) = 1 -
/// a^2/24 + .., and on e^(a x + k x^2 / 2) x^n at 0 that gives, with derivatives of F,
///   A = F + k F''/2 + k^2 F''''/8 + .. for n = 0, and then B = dA/da, C = dB/da, D = dC/da.
struct SteepFace {
  double density;    ///< q_f
  double tilt;       ///< a = l'
  double curvature;  ///< k = l''
  double A;
  double B;
  double C;
  double D;
  double slope;  ///< what -q' gives, -q_f (a A + k B), over q.from - q.to; >= 0
};

/// A cubic in F, lowest power first: the derivatives of F as functions of F itself (odd ones over a), fitted for
/// a = 0..7 to 1e-5 (fourth and fifth to 2e-4) where a < 3.
inline double cubic(double x, double c0, double c1, double c2, double c3) {
  return c0 + x * (c1 + x * (c2 + x * c3));
}

inline SteepFace steep_face(double before, double from, double to, double after) {
  const double product = from * to;
  const double geometric = std::sqrt(product);
  const double bend = std::sqrt(std::sqrt(std::sqrt(std::sqrt(product / (before * after)))));  // exp(-k/8)
  const double k = -16 * (bend - 1) / (bend + 1);
  const double u = (from + to) / (2 * geometric) - 1;  // cosh(a/2) - 1
  const double F = (1 + u * (5.0 / 21)) / (1 + u * (4.0 / 7 + u * (2.0 / 35)));
  const double a = (to - from) / geometric * F;
  const double F1 = cubic(F, 0.0013301, -0.04884807, -0.03977568, 0.00396323);
  const double F2 = cubic(F, 0.00325634, 0.1335343, -0.1771665, -0.04295089);
  const double F3 = cubic(F, -0.00044068, -0.00298849, 0.00275132, 0.02984062);
  const double F4 = cubic(F, -0.01611809, 0.1291108, -0.39143937, 0.30747353);
  const double F5 = cubic(F, 0.01002932, -0.06911666, 0.16616103, -0.13004827);
  const double A = F + k * (F2 / 2 + k * F4 / 8);
  const double B = F1 + k * (F3 / 2 + k * F5 / 8);  // over a
  const double slope = bend * F * (A + k * B);
  return {geometric * bend, a, k, A, a * B, F2 + k * F4 / 2, a * F3, slope > 0 ? slope : 0};
}

/// The flux through a steep face, from the drift and the diffusion along the edge of four cells in a row.
inline double steep_flux(const SteepFace& face, double g0, double g1, double g2, double g3, double G0, double G1,
                         double G2, double G3) {
  const auto value = [](double f0, double f1, double f2, double f3) { return (9 * (f1 + f2) - (f0 + f3)) / 16; };
  const auto first = [](double f0, double f1, double f2, double f3) { return (27 * (f2 - f1) - (f3 - f0)) / 24; };
  const auto second = [](double f0, double f1, double f2, double f3) { return (f0 - f1 - f2 + f3) / 2; };
  const double G = value(G0, G1, G2, G3);
  const double G_x = first(G0, G1, G2, G3);
  const double G_xx = second(G0, G1, G2, G3);
  const double V = value(g0, g1, g2, g3) - G_x;
  const double V_x = first(g0, g1, g2, g3) - G_xx;
  const double V_xx = second(g0, g1, g2, g3) - (G3 - G0 - 3 * (G2 - G1));
  const double a = face.tilt;
  const double k = face.curvature;
  return face.density * (face.A * (V - a * G) + face.B * (V_x - k * G - a * G_x) +
                         face.C * (V_xx / 2 - k * G_x - a * G_xx / 2) - face.D * (k * G_xx / 2));
}

/// d/dl' of what q' gives there.
inline double steep_response(const SteepFace& face) {
  return face.density * (face.A + face.tilt * face.B + face.curvature * face.C);
}

/// Which form of the fourth-order flux holds on an edge.
enum class Form { fourth_order, steep, limited };

struct Shape {
  Form form;
  double taken = 0;  ///< the part of an excess of the diffusion that is taken off again
  double wide = 0;   ///< that times wide_tilt
};

inline Shape shape_of(double peclet, const Around& q) {
  const Shape otherwise{std::abs(peclet) <= fourth_order_to ? Form::fourth_order : Form::limited};
  if (!(q.has_before && q.has_after && std::min({q.before, q.from, q.to, q.after}) > smallest_smooth)) return otherwise;
  const double size = ripple(q.before, q.from, q.to, q.after);
  if (!(size < largest_ripple && size * largest_ripple > 1)) return otherwise;
  const double taken = part_taken_off(size);
  return {is_steep(q.before, q.from, q.to, q.after) ? Form::steep : Form::fourth_order, taken, taken * wide_tilt(size)};
}

/// Along an edge, of four cells in a row: drift, diffusion, and how much of that is an excess.
struct Along {
  std::array<double, 4> drift;
  std::array<double, 4> rho;
  std::array<double, 4> excess;

  /// The diffusion without the part of the excess that is taken off.
  std::array<double, 4> rest(double taken) const {
    return {rho[0] - taken * excess[0], rho[1] - taken * excess[1], rho[2] - taken * excess[2],
            rho[3] - taken * excess[3]};
  }
};

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

/// Turns Chang and Cooper's rates of an edge into those of the steep form. What an excess of the weight spreads goes
/// back, uphill, as a rate of the lower cell.
inline void follow_steep(double weight, const Around& q, const Shape& shape, const Along& along, double& forward,
                         double& backward) {
  const auto& [g0, g1, g2, g3] = along.drift;
  const auto [G0, G1, G2, G3] = along.rest(shape.taken);
  const SteepFace face = steep_face(q.before, q.from, q.to, q.after);
  const double spread = weight * face.slope;
  const double moved = steep_flux(face, g0, g1, g2, g3, G0, G1, G2, G3) - spread * (q.from - q.to) +
                       shape.wide * (along.excess[1] + along.excess[2]) / 2 * steep_response(face);
  forward = spread + std::max(moved, 0.0) / q.from;
  backward = spread + std::max(-moved, 0.0) / q.to;
}

/// What the fourth-order flux adds to a rate at most, by the drifts and diffusions along the edge of the four cells.
inline double largest_rate(double g0, double g1, double g2, double g3, double G0, double G1, double G2, double G3) {
  return std::abs(g0) + std::abs(g1) + std::abs(g2) + std::abs(g3) + (G0 + G1 + G2 + G3);
}

/// Adds to Chang and Cooper's rates of an edge what the fourth-order flux has more. With g = (drift along e) q and G =
/// rho q at four cells in a row, all in units of the cells, the flux is
///   (-g0 + 7 g1 + 7 g2 - g3) / 12 - (G0 - 15 G1 + 15 G2 - G3) / 12,
/// whose difference over a cell is the derivative of g - G' to fourth order, and which keeps the first three moments'
/// equations exactly.
inline void raise_order(const Around& q, const Shape& shape, const Along& along, double& forward, double& backward) {
  if (!q.has_before || !q.has_after) return;
  const auto& drift = along.drift;
  const auto& rho = along.rho;
  const std::array<double, 4> rest = along.rest(shape.taken);
  const double high = (-(drift[0] + rest[0]) * q.before + (7 * drift[1] + 15 * rest[1]) * q.from +
                       (7 * drift[2] - 15 * rest[2]) * q.to - (drift[3] - rest[3]) * q.after) /
                          12 +
                      shape.wide * (along.excess[1] + along.excess[2]) * (q.from + q.to) / 4;
  const double more = high - (forward * q.from - backward * q.to);
  const double most = largest_rate(drift[0], drift[1], drift[2], drift[3], rho[0], rho[1], rho[2], rho[3]);
  if (more > 0 && q.from > 0) forward += std::min(more / q.from, most);
  if (more < 0 && q.to > 0) backward += std::min(-more / q.to, most);
}

}  // namespace driftwood::fp::flux
