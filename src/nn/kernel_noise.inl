// Langevin noise: standard normal numbers over lanes, by IEEE operations only, in both layouts; a part of
// kernel_body.inl. Box-Muller on the words of CounterRandom::normal: its numbers, to round-off.

namespace driftwood::nn {
namespace {

/// How the bits of a number are laid out.
template <class Number>
struct Format;
template <>
struct Format<double> {
  using Unsigned = std::uint64_t;
  using Signed = std::int64_t;
  static constexpr Unsigned sqrt_half = 0x3fe6a09e667f3bcd;  // of 2^-1/2
  static constexpr int mantissa_bits = 52;
};
template <>
struct Format<float> {
  using Unsigned = std::uint32_t;
  using Signed = std::int32_t;
  static constexpr Unsigned sqrt_half = 0x3f3504f3;
  static constexpr int mantissa_bits = 23;
};

/// Two words to (0, 1]: 53 bits, or in single precision what is left of 32.
inline void to_unit_interval(const std::uint64_t* high, const std::uint64_t* low, Real* unit) {
  for (int l = 0; l < lanes; ++l) {
    const std::uint64_t top = high[l] & 0xFFFFFFFFu;
    if constexpr (is_double)
      unit[l] = (static_cast<double>((top << 32 | (low[l] & 0xFFFFFFFFu)) >> 11) + 0.5) * 0x1p-53;
    else
      unit[l] = (static_cast<float>(static_cast<std::uint32_t>(top)) + 0.5F) * 0x1p-32F;
  }
}

/// u = m 2^e with m in [2^-1/2, 2^1/2).
inline void split(const Real* u, Real* m, Real* e) {
  using Layout = Format<Real>;
  for (int l = 0; l < lanes; ++l) {
    Layout::Unsigned bits;
    __builtin_memcpy(&bits, &u[l], sizeof bits);
    const auto exponent = static_cast<Layout::Signed>(bits - Layout::sqrt_half) >> Layout::mantissa_bits;
    bits -= static_cast<Layout::Unsigned>(exponent) << Layout::mantissa_bits;
    __builtin_memcpy(&m[l], &bits, sizeof bits);
    e[l] = static_cast<Real>(exponent);
  }
}

template <int n>
inline __attribute__((always_inline)) Lanes polynomial(const double (&coefficients)[n], Lanes x) {
  Lanes sum = Lanes::all(static_cast<Real>(coefficients[n - 1]));
  for (int k = n - 2; k >= 0; --k) sum = fma(sum, x, Lanes::all(static_cast<Real>(coefficients[k])));
  return sum;
}

/// sqrt(-2 ln u), by ln m = 2 artanh((m - 1) / (m + 1)).
inline __attribute__((always_inline)) Lanes radius_of(const Real* u) {
  constexpr double in_double[] = {6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
                                  2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01,
                                  1.479819860511658591e-01};
  constexpr double in_single[] = {0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841};
  Real mantissa[lanes];
  Real exponent[lanes];
  split(u, mantissa, exponent);
  const Lanes m = Lanes::load(mantissa);
  const Lanes one = Lanes::all(1);
  const Lanes s = (m - one) / (m + one);
  const Lanes square = s * s;
  Lanes tail = one;
  if constexpr (is_double)
    tail = polynomial(in_double, square);
  else
    tail = polynomial(in_single, square);
  const Lanes log_m = fma(s * square, tail, s + s);
  const Lanes log_u = fma(Lanes::load(exponent), Lanes::all(static_cast<Real>(0.69314718055994530942)), log_m);
  return square_root(positive_part(log_u * Lanes::all(-2)));
}

/// cos and sin of 2 pi v, v in [0, 1]: of an angle below pi/4, doubled twice.
inline __attribute__((always_inline)) void direction_of(const Real* v, Lanes (&direction)[2]) {
  constexpr double sine[] = {-1.66666666666666324348e-01, 8.33333333332248946124e-03,  -1.98412698298579493134e-04,
                             2.75573137070700676789e-06,  -2.50507602534068634195e-08, 1.58969099521155010221e-10};
  constexpr double cosine[] = {-0.5,
                               4.16666666666666019037e-02,
                               -1.38888888888741095749e-03,
                               2.48015872894767294178e-05,
                               -2.75573143513906633035e-07,
                               2.08757232129817482790e-09,
                               -1.13596475577881948265e-11};
  const Lanes one = Lanes::all(1);
  const Lanes quarter =
      (Lanes::load(v) - Lanes::all(static_cast<Real>(0.5))) * Lanes::all(static_cast<Real>(1.57079632679489661923));
  const Lanes square = quarter * quarter;
  Lanes s = fma(quarter * square, polynomial(sine, square), quarter);
  Lanes c = fma(square, polynomial(cosine, square), one);
  for (int doubling = 0; doubling < 2; ++doubling) {
    const Lanes twice = s + s;
    const Lanes next = twice * c;
    c = fnma(twice, s, one);
    s = next;
  }
  direction[0] = Lanes::all(0) - c;
  direction[1] = Lanes::all(0) - s;
}

/// The normal numbers of a training's Langevin noise. Draws 2b and 2b + 1 come from one counter block.
class Noise {
 public:
  explicit Noise(const TrainTask& task) : keys_(task.key) {
    for (int l = 0; l < lanes; ++l) {
      const std::uint64_t replica = task.first_replica + static_cast<std::uint64_t>(l);
      replica_low_[l] = replica;
      replica_high_[l] = replica >> 32;
      first_low_[l] = task.first_replica;
      first_high_[l] = task.first_replica >> 32;
    }
  }

  /// Draw `draw` of the step, each lane its own replica's.
  Lanes of_replicas(std::uint32_t step, int draw) {
    if (step != step_ || draw / 2 != block_) {
      std::uint64_t blocks[lanes];
      for (int l = 0; l < lanes; ++l) blocks[l] = first_counter(RandomPurpose::langevin_noise, draw / 2);
      this->draw(step, draw / 2, blocks, replica_low_, replica_high_);
    }
    return Lanes::load(draw % 2 == 0 ? even_ : odd_);
  }

  /// Draws draw, draw + 1, ... of the step, of the first lane's replica alone.
  Lanes of_one(std::uint32_t step, int draw) {
    const int first_block = draw / 2;
    if (step != step_ || first_block < block_ || draw + lanes > 2 * (block_ + lanes)) {
      std::uint64_t blocks[lanes];
      for (int l = 0; l < lanes; ++l) blocks[l] = first_counter(RandomPurpose::langevin_noise, first_block + l);
      this->draw(step, first_block, blocks, first_low_, first_high_);
      for (int l = 0; l < lanes; ++l) {
        in_order_[2 * l] = even_[l];
        in_order_[2 * l + 1] = odd_[l];
      }
    }
    return Lanes::load(in_order_ + (draw - 2 * block_));
  }

 private:
  __attribute__((noinline)) void draw(std::uint32_t step, int number, const std::uint64_t* blocks,
                                      const std::uint64_t* low, const std::uint64_t* high) {
    std::uint64_t drawn[4][lanes];
    for (int l = 0; l < lanes; l += words) {
      Words counter[4] = {Words::load(blocks + l), Words::all(step), Words::load(low + l), Words::load(high + l)};
      philox(counter, keys_);
      for (int w = 0; w < 4; ++w) counter[w].store(drawn[w] + l);
    }
    Real u[lanes];
    Real v[lanes];
    to_unit_interval(drawn[0], drawn[1], u);
    to_unit_interval(drawn[2], drawn[3], v);
    const Lanes radius = radius_of(u);
    Lanes direction[2];
    direction_of(v, direction);
    (radius * direction[0]).store(even_);
    (radius * direction[1]).store(odd_);
    step_ = step;
    block_ = number;
  }

  RoundKeys keys_;
  std::uint64_t replica_low_[lanes];
  std::uint64_t replica_high_[lanes];
  std::uint64_t first_low_[lanes];
  std::uint64_t first_high_[lanes];
  Real even_[lanes];
  Real odd_[lanes];
  Real in_order_[2 * lanes];
  std::uint32_t step_ = 0;
  int block_ = -2 * lanes;  // none yet
};

}  // namespace
}  // namespace driftwood::nn
