#pragma once

#include <immintrin.h>

#include <cstdint>

#include "words_avx512.hpp"

namespace driftwood::nn {
namespace {

using Real = double;

/// Eight replicas (or samples, or parameters) side by side, AVX-512. Every operation is correctly rounded, so all
/// instruction sets give the same bits.
struct Lanes {
  static constexpr int count = 8;
  __m512d v;

  static Lanes load(const double* p) { return {_mm512_loadu_pd(p)}; }
  static Lanes all(double x) { return {_mm512_set1_pd(x)}; }
  void store(double* p) const { _mm512_storeu_pd(p, v); }
};

inline Lanes operator+(Lanes a, Lanes b) {
  return {_mm512_add_pd(a.v, b.v)};
}
inline Lanes operator-(Lanes a, Lanes b) {
  return {_mm512_sub_pd(a.v, b.v)};
}
inline Lanes operator*(Lanes a, Lanes b) {
  return {_mm512_mul_pd(a.v, b.v)};
}
inline Lanes operator/(Lanes a, Lanes b) {
  return {_mm512_div_pd(a.v, b.v)};
}
/// a b + c, rounded once.
inline Lanes fma(Lanes a, Lanes b, Lanes c) {
  return {_mm512_fmadd_pd(a.v, b.v, c.v)};
}
/// c - a b, rounded once.
inline Lanes fnma(Lanes a, Lanes b, Lanes c) {
  return {_mm512_fnmadd_pd(a.v, b.v, c.v)};
}
inline Lanes square_root(Lanes x) {
  return {_mm512_sqrt_pd(x.v)};
}
/// max(x, 0); NaN stays NaN.
inline Lanes positive_part(Lanes x) {
  return {_mm512_max_pd(_mm512_setzero_pd(), x.v)};
}
/// x where a > 0, else 0.
inline Lanes where_positive(Lanes a, Lanes x) {
  return {_mm512_maskz_mov_pd(_mm512_cmp_pd_mask(a.v, _mm512_setzero_pd(), _CMP_GT_OQ), x.v)};
}
/// x limited to [-bound, bound]; NaN stays NaN.
inline Lanes clamp(Lanes x, Lanes bound) {
  const __m512d low = _mm512_sub_pd(_mm512_setzero_pd(), bound.v);
  return {_mm512_max_pd(low, _mm512_min_pd(bound.v, x.v))};
}
/// 2^n where the low mantissa bits of x hold the integer n (x = n + 1.5 2^52).
inline Lanes power_of_two(Lanes x) {
  const __m512i one = _mm512_castpd_si512(_mm512_set1_pd(1.0));
  return {_mm512_castsi512_pd(_mm512_add_epi64(_mm512_slli_epi64(_mm512_castpd_si512(x.v), 52), one))};
}

/// Keeps `x` in a register: g++ would otherwise read it from memory again for every use, and loads are the bottleneck.
inline void pin(Lanes& x) {
  asm("" : "+v"(x.v));
}

/// Four neighbouring features of eight samples (that of lane l at data + offsets[l]), transposed to four entries of
/// lanes, `stride` apart.
inline void gather4(const double* data, const std::uint64_t* offsets, double* lanes, long stride) {
  const auto rows = [&](int l) __attribute__((always_inline)) {
    const __m512d low = _mm512_castpd256_pd512(_mm256_loadu_pd(data + offsets[l]));
    return _mm512_insertf64x4(low, _mm256_loadu_pd(data + offsets[l + 4]), 1);
  };
  const __m512d r0 = rows(0), r1 = rows(1), r2 = rows(2), r3 = rows(3);
  const __m512d t0 = _mm512_unpacklo_pd(r0, r1), t1 = _mm512_unpackhi_pd(r0, r1);
  const __m512d t2 = _mm512_unpacklo_pd(r2, r3), t3 = _mm512_unpackhi_pd(r2, r3);
  const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
  const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
  _mm512_storeu_pd(lanes, _mm512_permutex2var_pd(t0, low, t2));
  _mm512_storeu_pd(lanes + stride, _mm512_permutex2var_pd(t1, low, t3));
  _mm512_storeu_pd(lanes + 2 * stride, _mm512_permutex2var_pd(t0, high, t2));
  _mm512_storeu_pd(lanes + 3 * stride, _mm512_permutex2var_pd(t1, high, t3));
}

/// The same for eight features, with half the loads.
inline void gather8(const double* data, const std::uint64_t* offsets, double* lanes, long stride) {
  __m512d even[4];
  __m512d odd[4];
  for (int l = 0; l < 4; ++l) {
    const __m512d a = _mm512_loadu_pd(data + offsets[2 * l]);
    const __m512d b = _mm512_loadu_pd(data + offsets[2 * l + 1]);
    even[l] = _mm512_unpacklo_pd(a, b);
    odd[l] = _mm512_unpackhi_pd(a, b);
  }
  const auto write = [&](const __m512d(&pairs)[4], int first) __attribute__((always_inline)) {
    const __m512d low01 = _mm512_shuffle_f64x2(pairs[0], pairs[1], 0x44);
    const __m512d high01 = _mm512_shuffle_f64x2(pairs[0], pairs[1], 0xEE);
    const __m512d low23 = _mm512_shuffle_f64x2(pairs[2], pairs[3], 0x44);
    const __m512d high23 = _mm512_shuffle_f64x2(pairs[2], pairs[3], 0xEE);
    _mm512_storeu_pd(lanes + first * stride, _mm512_shuffle_f64x2(low01, low23, 0x88));
    _mm512_storeu_pd(lanes + (first + 2) * stride, _mm512_shuffle_f64x2(low01, low23, 0xDD));
    _mm512_storeu_pd(lanes + (first + 4) * stride, _mm512_shuffle_f64x2(high01, high23, 0x88));
    _mm512_storeu_pd(lanes + (first + 6) * stride, _mm512_shuffle_f64x2(high01, high23, 0xDD));
  };
  write(even, 0);
  write(odd, 1);
}

}  // namespace
}  // namespace driftwood::nn
