#pragma once

#include <immintrin.h>

#include <cstdint>

#include "words_avx512.hpp"

namespace driftwood::nn {
namespace {

using Real = float;

/// Sixteen replicas (or samples, or parameters) side by side, AVX-512. Every operation is correctly rounded, so all
/// instruction sets give the same bits.
struct Lanes {
  static constexpr int count = 16;
  __m512 v;

  static Lanes load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static Lanes all(float x) { return {_mm512_set1_ps(x)}; }
  void store(float* p) const { _mm512_storeu_ps(p, v); }
};

inline Lanes operator+(Lanes a, Lanes b) {
  return {_mm512_add_ps(a.v, b.v)};
}
inline Lanes operator-(Lanes a, Lanes b) {
  return {_mm512_sub_ps(a.v, b.v)};
}
inline Lanes operator*(Lanes a, Lanes b) {
  return {_mm512_mul_ps(a.v, b.v)};
}
inline Lanes operator/(Lanes a, Lanes b) {
  return {_mm512_div_ps(a.v, b.v)};
}
/// a b + c, rounded once.
inline Lanes fma(Lanes a, Lanes b, Lanes c) {
  return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
/// c - a b, rounded once.
inline Lanes fnma(Lanes a, Lanes b, Lanes c) {
  return {_mm512_fnmadd_ps(a.v, b.v, c.v)};
}
inline Lanes square_root(Lanes x) {
  return {_mm512_sqrt_ps(x.v)};
}
/// max(x, 0); NaN stays NaN.
inline Lanes positive_part(Lanes x) {
  return {_mm512_max_ps(_mm512_setzero_ps(), x.v)};
}
/// x where a > 0, else 0.
inline Lanes where_positive(Lanes a, Lanes x) {
  return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a.v, _mm512_setzero_ps(), _CMP_GT_OQ), x.v)};
}
/// x limited to [-bound, bound]; NaN stays NaN.
inline Lanes clamp(Lanes x, Lanes bound) {
  const __m512 low = _mm512_sub_ps(_mm512_setzero_ps(), bound.v);
  return {_mm512_max_ps(low, _mm512_min_ps(bound.v, x.v))};
}
/// 2^n where the low mantissa bits of x hold the integer n (x = n + 1.5 2^23).
inline Lanes power_of_two(Lanes x) {
  const __m512i one = _mm512_castps_si512(_mm512_set1_ps(1.0F));
  return {_mm512_castsi512_ps(_mm512_add_epi32(_mm512_slli_epi32(_mm512_castps_si512(x.v), 23), one))};
}

/// Keeps `x` in a register: g++ would otherwise read it from memory again for every use, and loads are the bottleneck.
inline void pin(Lanes& x) {
  asm("" : "+v"(x.v));
}

/// Four neighbouring features of sixteen samples (that of lane l at data + offsets[l]), transposed to four entries of
/// lanes, `stride` apart.
inline void gather4(const float* data, const std::uint64_t* offsets, float* lanes, long stride) {
  const auto rows = [&](int l) __attribute__((always_inline)) {
    __m512 four = _mm512_castps128_ps512(_mm_loadu_ps(data + offsets[l]));
    four = _mm512_insertf32x4(four, _mm_loadu_ps(data + offsets[l + 4]), 1);
    four = _mm512_insertf32x4(four, _mm_loadu_ps(data + offsets[l + 8]), 2);
    return _mm512_insertf32x4(four, _mm_loadu_ps(data + offsets[l + 12]), 3);
  };
  const __m512 r0 = rows(0), r1 = rows(1), r2 = rows(2), r3 = rows(3);
  const __m512d t0 = _mm512_castps_pd(_mm512_unpacklo_ps(r0, r1)), t1 = _mm512_castps_pd(_mm512_unpackhi_ps(r0, r1));
  const __m512d t2 = _mm512_castps_pd(_mm512_unpacklo_ps(r2, r3)), t3 = _mm512_castps_pd(_mm512_unpackhi_ps(r2, r3));
  _mm512_storeu_ps(lanes, _mm512_castpd_ps(_mm512_unpacklo_pd(t0, t2)));
  _mm512_storeu_ps(lanes + stride, _mm512_castpd_ps(_mm512_unpackhi_pd(t0, t2)));
  _mm512_storeu_ps(lanes + 2 * stride, _mm512_castpd_ps(_mm512_unpacklo_pd(t1, t3)));
  _mm512_storeu_ps(lanes + 3 * stride, _mm512_castpd_ps(_mm512_unpackhi_pd(t1, t3)));
}

/// The same for eight features, with half the loads.
inline void gather8(const float* data, const std::uint64_t* offsets, float* lanes, long stride) {
  __m512 r[8];
  for (int l = 0; l < 8; ++l)
    r[l] = _mm512_castpd_ps(
        _mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_castps_pd(_mm256_loadu_ps(data + offsets[l]))),
                           _mm256_castps_pd(_mm256_loadu_ps(data + offsets[l + 8])), 1));
  __m512d t[8];
  for (int l = 0; l < 8; l += 2) {
    t[l] = _mm512_castps_pd(_mm512_unpacklo_ps(r[l], r[l + 1]));
    t[l + 1] = _mm512_castps_pd(_mm512_unpackhi_ps(r[l], r[l + 1]));
  }
  __m512d u[8];  // four features of four rows each (and, in the high halves, of the rows eight further)
  for (int h = 0; h < 2; ++h) {
    u[4 * h] = _mm512_unpacklo_pd(t[4 * h], t[4 * h + 2]);
    u[4 * h + 1] = _mm512_unpackhi_pd(t[4 * h], t[4 * h + 2]);
    u[4 * h + 2] = _mm512_unpacklo_pd(t[4 * h + 1], t[4 * h + 3]);
    u[4 * h + 3] = _mm512_unpackhi_pd(t[4 * h + 1], t[4 * h + 3]);
  }
  const __m512i low = _mm512_set_epi64(13, 12, 5, 4, 9, 8, 1, 0);
  const __m512i high = _mm512_set_epi64(15, 14, 7, 6, 11, 10, 3, 2);
  for (int f = 0; f < 4; ++f) {
    _mm512_storeu_ps(lanes + f * stride, _mm512_castpd_ps(_mm512_permutex2var_pd(u[f], low, u[4 + f])));
    _mm512_storeu_ps(lanes + (4 + f) * stride, _mm512_castpd_ps(_mm512_permutex2var_pd(u[f], high, u[4 + f])));
  }
}

}  // namespace
}  // namespace driftwood::nn
