// Activation functions over lanes, by IEEE operations only: every instruction set gives the same bits.

namespace driftwood::nn {
namespace {

inline constexpr bool is_double = sizeof(Real) == 8;

/// What tanh needs in one precision: ln 2 in two parts, and 1/k! from 1/2 upwards, for expm1 on |r| <= ln(2)/2.
template <bool in_double>
struct Expm1Constants;

template <>
struct Expm1Constants<true> {
  static constexpr double bound = 20.0;
  static constexpr double magic = 0x1.8p52;
  static constexpr double ln2_high = 6.93147180369123816490e-01;
  static constexpr double ln2_low = 1.90821492927058770002e-10;
  static constexpr double inverse_factorials[] = {
      1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0, 1.0 / 362880.0, 1.0 / 40320.0,
      1.0 / 5040.0,       1.0 / 720.0,       1.0 / 120.0,      1.0 / 24.0,      1.0 / 6.0,      0.5};
};

template <>
struct Expm1Constants<false> {
  static constexpr float bound = 10.0F;
  static constexpr float magic = 0x1.8p23F;
  static constexpr float ln2_high = 0x1.62e4p-1F;
  static constexpr float ln2_low = 1.428606765330187e-06F;
  static constexpr float inverse_factorials[] = {1.0F / 5040, 1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F};
};

/// tanh to a few units in the last place, by expm1: 2x = n ln 2 + r, |r| <= ln(2)/2.
inline __attribute__((always_inline)) Lanes tanh_of(Lanes x) {
  using Constants = Expm1Constants<is_double>;
  x = clamp(x, Lanes::all(Constants::bound));
  const Lanes magic = Lanes::all(Constants::magic);
  const Lanes shifted = fma(x, Lanes::all(static_cast<Real>(2.0 * 1.4426950408889634)), magic);
  const Lanes n = shifted - magic;
  Lanes r = fnma(n, Lanes::all(Constants::ln2_high), x + x);
  r = fnma(n, Lanes::all(Constants::ln2_low), r);
  constexpr int n_terms = sizeof(Constants::inverse_factorials) / sizeof(Real);
  Lanes q = Lanes::all(Constants::inverse_factorials[0]);
#pragma GCC unroll 12
  for (int k = 1; k < n_terms; ++k) q = fma(q, r, Lanes::all(Constants::inverse_factorials[k]));
  const Lanes p = fma(r * r, q, r);  // expm1(r)
  const Lanes scale = power_of_two(shifted);
  const Lanes expm1 = fma(scale, p, scale - Lanes::all(1));
  return expm1 / (expm1 + Lanes::all(2));
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
