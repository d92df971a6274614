// Activation functions over lanes, by IEEE operations only: every instruction set gives the same bits.

namespace driftwood::nn {
namespace {

inline constexpr bool is_double = sizeof(Real) == 8;

/// tanh to a few units in the last place, by expm1: 2x = n ln 2 + r, |r| <= ln(2)/2, and (exp(r) - 1 - r) / r^2 as the
/// polynomial through its ten Chebyshev nodes; expm1(r) is then right to 4e-17.
template <class Vector>
inline __attribute__((always_inline)) Vector tanh_by_expm1(Vector x) {
  constexpr double coefficients[] = {
      0x1.af38d53857513p-26, 0x1.2891a8c1d838dp-22, 0x1.71de0d9c145d0p-19, 0x1.a019b8ef67c6cp-16, 0x1.a01a01a7c8d47p-13,
      0x1.6c16c17893833p-10, 0x1.11111111109adp-7,  0x1.5555555553d4fp-5,  0x1.5555555555556p-3,  0x1.0000000000001p-1};
  x = clamp(x, Vector::all(20.0));
  const Vector magic = Vector::all(0x1.8p52);
  const Vector shifted = fma(x, Vector::all(2.0 * 1.4426950408889634), magic);
  const Vector n = shifted - magic;
  Vector r = fnma(n, Vector::all(6.93147180369123816490e-01), x + x);
  r = fnma(n, Vector::all(1.90821492927058770002e-10), r);
  Vector q = Vector::all(coefficients[0]);
#pragma GCC unroll 9
  for (int k = 1; k < 10; ++k) q = fma(q, r, Vector::all(coefficients[k]));
  const Vector p = fma(r * r, q, r);  // expm1(r)
  const Vector scale = power_of_two(shifted);
  const Vector expm1 = fma(scale, p, scale - Vector::all(1.0));
  return expm1 / (expm1 + Vector::all(2.0));
}

/// tanh(x) = x P(x^2) / Q(x^2) in single precision, to a few units in the last place: P of degree 5 and Q of degree 3,
/// fitted for the smallest relative error (1.7e-8) on |x| <= 7.9, beyond which tanh is 1 to single precision.
template <class Vector>
inline __attribute__((always_inline)) Vector tanh_by_ratio(Vector x) {
  constexpr float above[] = {0x1.a80fa8p-36F, -0x1.001666p-26F, 0x1.4d8120p-17F, 0x1.882e38p-9F, 0x1.09ee58p-3F, 1.0F};
  constexpr float below[] = {0x1.f34e18p-13F, 0x1.8a160cp-6F, 0x1.da4c76p-2F, 1.0F};
  x = clamp(x, Vector::all(7.9F));
  const Vector square = x * x;
  Vector p = Vector::all(above[0]);
#pragma GCC unroll 5
  for (int k = 1; k < 6; ++k) p = fma(p, square, Vector::all(above[k]));
  Vector q = Vector::all(below[0]);
#pragma GCC unroll 3
  for (int k = 1; k < 4; ++k) q = fma(q, square, Vector::all(below[k]));
  return x * p / q;
}

inline __attribute__((always_inline)) Lanes tanh_of(Lanes x) {
  if constexpr (is_double)
    return tanh_by_expm1(x);
  else
    return tanh_by_ratio(x);
}

/// phi(z). For gelu, whose derivative does not follow from its value, the derivative goes to `derivative`.
template <Activation activation>
inline __attribute__((always_inline)) Lanes activate(Lanes z, Real* derivative) {
  const Lanes half = Lanes::all(static_cast<Real>(0.5));
  if constexpr (activation == Activation::linear) return z;
  if constexpr (activation == Activation::tanh) return tanh_of(z);
  if constexpr (activation == Activation::relu) return positive_part(z);
  if constexpr (activation == Activation::sigmoid) return fma(half, tanh_of(half * z), half);
  if constexpr (activation == Activation::gelu) {
    const Lanes scale = Lanes::all(static_cast<Real>(0.7978845608028654));  // sqrt(2/pi)
    const Lanes cubic = Lanes::all(static_cast<Real>(0.7978845608028654 * 0.044715));
    const Lanes square = z * z;
    const Lanes t = tanh_of(z * fma(cubic, square, scale));
    const Lanes upper = fma(half, t, half);
    const Lanes inner = fma(Lanes::all(3) * cubic, square, scale);
    fma(half * z * fnma(t, t, Lanes::all(1)), inner, upper).store(derivative);
    return z * upper;
  }
}

/// phi'(z) times `sum`, from the value a = phi(z) or the derivative that activate() stored.
template <Activation activation>
inline __attribute__((always_inline)) Lanes times_derivative(Lanes sum, Lanes a, const Real* derivative) {
  if constexpr (activation == Activation::linear) return sum;
  if constexpr (activation == Activation::tanh) return fnma(sum, a * a, sum);
  if constexpr (activation == Activation::relu) return where_positive(a, sum);
  if constexpr (activation == Activation::sigmoid) return sum * fnma(a, a, a);
  if constexpr (activation == Activation::gelu) return sum * Lanes::load(derivative);
}

}  // namespace
}  // namespace driftwood::nn
