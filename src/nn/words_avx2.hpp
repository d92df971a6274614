#pragma once

#include <immintrin.h>

#include <cstdint>

namespace driftwood::nn {
namespace {

/// Eight 32-bit words, each in the low half of 64 bits; the high half is arbitrary.
struct Words {
  __m256i low;
  __m256i high;

  static Words all(std::uint64_t x) {
    const __m256i v = _mm256_set1_epi64x(static_cast<long long>(x));
    return {v, v};
  }
  static Words load(const std::uint64_t* p) {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)),
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 4))};
  }
  void store(std::uint64_t* p) const {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), low);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 4), high);
  }
};

/// a ^ b ^ c
inline Words xor3(Words a, Words b, Words c) {
  return {_mm256_xor_si256(_mm256_xor_si256(a.low, b.low), c.low),
          _mm256_xor_si256(_mm256_xor_si256(a.high, b.high), c.high)};
}
inline Words product(Words a, Words b) {
  return {_mm256_mul_epu32(a.low, b.low), _mm256_mul_epu32(a.high, b.high)};
}
inline Words high_half(Words a) {
  return {_mm256_srli_epi64(a.low, 32), _mm256_srli_epi64(a.high, 32)};
}

}  // namespace
}  // namespace driftwood::nn
