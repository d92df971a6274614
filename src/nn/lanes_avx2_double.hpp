#pragma once

#include <immintrin.h>

#include <cstdint>

#include "words_avx2.hpp"

namespace driftwood::nn {
namespace {

using Real = double;

/// Eight replicas (or samples, or parameters) side by side as two AVX2 registers. Same bits as every other instruction
/// set.
struct Lanes {
  static constexpr int count = 8;
  __m256d low;
  __m256d high;

  static Lanes load(const double* p) { return {_mm256_loadu_pd(p), _mm256_loadu_pd(p + 4)}; }
  static Lanes all(double x) { return {_mm256_set1_pd(x), _mm256_set1_pd(x)}; }
  void store(double* p) const {
    _mm256_storeu_pd(p, low);
    _mm256_storeu_pd(p + 4, high);
  }
};

inline Lanes operator+(Lanes a, Lanes b) {
  return {_mm256_add_pd(a.low, b.low), _mm256_add_pd(a.high, b.high)};
}
inline Lanes operator-(Lanes a, Lanes b) {
  return {_mm256_sub_pd(a.low, b.low), _mm256_sub_pd(a.high, b.high)};
}
inline Lanes operator*(Lanes a, Lanes b) {
  return {_mm256_mul_pd(a.low, b.low), _mm256_mul_pd(a.high, b.high)};
}
inline Lanes operator/(Lanes a, Lanes b) {
  return {_mm256_div_pd(a.low, b.low), _mm256_div_pd(a.high, b.high)};
}
inline Lanes fma(Lanes a, Lanes b, Lanes c) {
  return {_mm256_fmadd_pd(a.low, b.low, c.low), _mm256_fmadd_pd(a.high, b.high, c.high)};
}
inline Lanes fnma(Lanes a, Lanes b, Lanes c) {
  return {_mm256_fnmadd_pd(a.low, b.low, c.low), _mm256_fnmadd_pd(a.high, b.high, c.high)};
}
inline Lanes square_root(Lanes x) {
  return {_mm256_sqrt_pd(x.low), _mm256_sqrt_pd(x.high)};
}
/// max(x, 0); NaN stays NaN.
inline Lanes positive_part(Lanes x) {
  return {_mm256_max_pd(_mm256_setzero_pd(), x.low), _mm256_max_pd(_mm256_setzero_pd(), x.high)};
}
inline __m256d where_positive_half(__m256d a, __m256d x) {
  return _mm256_and_pd(_mm256_cmp_pd(a, _mm256_setzero_pd(), _CMP_GT_OQ), x);
}
/// x where a > 0, else 0.
inline Lanes where_positive(Lanes a, Lanes x) {
  return {where_positive_half(a.low, x.low), where_positive_half(a.high, x.high)};
}
/// x limited to [-bound, bound]; NaN stays NaN.
inline __m256d clamp_half(__m256d x, __m256d bound) {
  return _mm256_max_pd(_mm256_sub_pd(_mm256_setzero_pd(), bound), _mm256_min_pd(bound, x));
}
inline Lanes clamp(Lanes x, Lanes bound) {
  return {clamp_half(x.low, bound.low), clamp_half(x.high, bound.high)};
}
inline __m256d power_of_two_half(__m256d x) {
  const __m256i one = _mm256_castpd_si256(_mm256_set1_pd(1.0));
  return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_slli_epi64(_mm256_castpd_si256(x), 52), one));
}
inline Lanes power_of_two(Lanes x) {
  return {power_of_two_half(x.low), power_of_two_half(x.high)};
}

/// Sixteen registers are too few to keep operands in: leaves the choice to the compiler.
inline void pin(Lanes&) {}

/// Four neighbouring features of four samples, transposed.
inline void gather4_half(const double* data, const std::uint64_t* offsets, double* lanes, long stride) {
  const __m256d r0 = _mm256_loadu_pd(data + offsets[0]), r1 = _mm256_loadu_pd(data + offsets[1]);
  const __m256d r2 = _mm256_loadu_pd(data + offsets[2]), r3 = _mm256_loadu_pd(data + offsets[3]);
  const __m256d t0 = _mm256_unpacklo_pd(r0, r1), t1 = _mm256_unpackhi_pd(r0, r1);
  const __m256d t2 = _mm256_unpacklo_pd(r2, r3), t3 = _mm256_unpackhi_pd(r2, r3);
  _mm256_storeu_pd(lanes, _mm256_permute2f128_pd(t0, t2, 0x20));
  _mm256_storeu_pd(lanes + stride, _mm256_permute2f128_pd(t1, t3, 0x20));
  _mm256_storeu_pd(lanes + 2 * stride, _mm256_permute2f128_pd(t0, t2, 0x31));
  _mm256_storeu_pd(lanes + 3 * stride, _mm256_permute2f128_pd(t1, t3, 0x31));
}
/// Four neighbouring features of eight samples (that of lane l at data + offsets[l]), transposed to four entries of
/// lanes, `stride` apart.
inline void gather4(const double* data, const std::uint64_t* offsets, double* lanes, long stride) {
  gather4_half(data, offsets, lanes, stride);
  gather4_half(data, offsets + 4, lanes + 4, stride);
}

/// The same for eight features.
inline void gather8(const double* data, const std::uint64_t* offsets, double* lanes, long stride) {
  gather4(data, offsets, lanes, stride);
  gather4(data + 4, offsets, lanes + 4 * stride, stride);
}

}  // namespace
}  // namespace driftwood::nn
