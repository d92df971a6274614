#pragma once

#include <immintrin.h>

#include <cstdint>

#include "words_avx2.hpp"

namespace driftwood::nn {
namespace {

using Real = float;

/// Sixteen replicas (or samples, or parameters) side by side as two AVX2 registers. Same bits as every other
/// instruction set.
struct Lanes {
  static constexpr int count = 16;
  __m256 low;
  __m256 high;

  static Lanes load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
  static Lanes all(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
  void store(float* p) const {
    _mm256_storeu_ps(p, low);
    _mm256_storeu_ps(p + 8, high);
  }
};

inline Lanes operator+(Lanes a, Lanes b) {
  return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}
inline Lanes operator-(Lanes a, Lanes b) {
  return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}
inline Lanes operator*(Lanes a, Lanes b) {
  return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}
inline Lanes operator/(Lanes a, Lanes b) {
  return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)};
}
inline Lanes fma(Lanes a, Lanes b, Lanes c) {
  return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
inline Lanes fnma(Lanes a, Lanes b, Lanes c) {
  return {_mm256_fnmadd_ps(a.low, b.low, c.low), _mm256_fnmadd_ps(a.high, b.high, c.high)};
}
inline Lanes square_root(Lanes x) {
  return {_mm256_sqrt_ps(x.low), _mm256_sqrt_ps(x.high)};
}
/// max(x, 0); NaN stays NaN.
inline Lanes positive_part(Lanes x) {
  return {_mm256_max_ps(_mm256_setzero_ps(), x.low), _mm256_max_ps(_mm256_setzero_ps(), x.high)};
}
inline __m256 where_positive_half(__m256 a, __m256 x) {
  return _mm256_and_ps(_mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_GT_OQ), x);
}
/// x where a > 0, else 0.
inline Lanes where_positive(Lanes a, Lanes x) {
  return {where_positive_half(a.low, x.low), where_positive_half(a.high, x.high)};
}
/// x limited to [-bound, bound]; NaN stays NaN.
inline __m256 clamp_half(__m256 x, __m256 bound) {
  return _mm256_max_ps(_mm256_sub_ps(_mm256_setzero_ps(), bound), _mm256_min_ps(bound, x));
}
inline Lanes clamp(Lanes x, Lanes bound) {
  return {clamp_half(x.low, bound.low), clamp_half(x.high, bound.high)};
}
inline __m256 power_of_two_half(__m256 x) {
  const __m256i one = _mm256_castps_si256(_mm256_set1_ps(1.0F));
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_slli_epi32(_mm256_castps_si256(x), 23), one));
}
inline Lanes power_of_two(Lanes x) {
  return {power_of_two_half(x.low), power_of_two_half(x.high)};
}

/// Sixteen registers are too few to keep operands in: leaves the choice to the compiler.
inline void pin(Lanes&) {}

/// Four neighbouring features of eight samples, transposed.
inline void gather4_half(const float* data, const std::uint64_t* offsets, float* lanes, long stride) {
  const auto rows = [&](int l) __attribute__((always_inline)) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(data + offsets[l])),
                                _mm_loadu_ps(data + offsets[l + 4]), 1);
  };
  const __m256 r0 = rows(0), r1 = rows(1), r2 = rows(2), r3 = rows(3);
  const __m256d t0 = _mm256_castps_pd(_mm256_unpacklo_ps(r0, r1)), t1 = _mm256_castps_pd(_mm256_unpackhi_ps(r0, r1));
  const __m256d t2 = _mm256_castps_pd(_mm256_unpacklo_ps(r2, r3)), t3 = _mm256_castps_pd(_mm256_unpackhi_ps(r2, r3));
  _mm256_storeu_ps(lanes, _mm256_castpd_ps(_mm256_unpacklo_pd(t0, t2)));
  _mm256_storeu_ps(lanes + stride, _mm256_castpd_ps(_mm256_unpackhi_pd(t0, t2)));
  _mm256_storeu_ps(lanes + 2 * stride, _mm256_castpd_ps(_mm256_unpacklo_pd(t1, t3)));
  _mm256_storeu_ps(lanes + 3 * stride, _mm256_castpd_ps(_mm256_unpackhi_pd(t1, t3)));
}
/// Four neighbouring features of sixteen samples (that of lane l at data + offsets[l]), transposed to four entries of
/// lanes, `stride` apart.
inline void gather4(const float* data, const std::uint64_t* offsets, float* lanes, long stride) {
  gather4_half(data, offsets, lanes, stride);
  gather4_half(data, offsets + 8, lanes + 8, stride);
}

/// The same for eight features.
inline void gather8(const float* data, const std::uint64_t* offsets, float* lanes, long stride) {
  gather4(data, offsets, lanes, stride);
  gather4(data + 4, offsets, lanes + 4 * stride, stride);
}

}  // namespace
}  // namespace driftwood::nn
