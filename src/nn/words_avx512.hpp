#pragma once

#include <immintrin.h>

#include <cstdint>

namespace driftwood::nn {
namespace {

/// Eight 32-bit words, each in the low half of 64 bits; the high half is arbitrary.
struct Words {
  __m512i v;

  static Words all(std::uint64_t x) { return {_mm512_set1_epi64(static_cast<long long>(x))}; }
  static Words load(const std::uint64_t* p) { return {_mm512_loadu_si512(p)}; }
  void store(std::uint64_t* p) const { _mm512_storeu_si512(p, v); }
};

/// a ^ b ^ c
inline Words xor3(Words a, Words b, Words c) {
  return {_mm512_ternarylogic_epi64(a.v, b.v, c.v, 0x96)};
}
/// The 64-bit product of the low halves.
inline Words product(Words a, Words b) {
  return {_mm512_mul_epu32(a.v, b.v)};
}
inline Words high_half(Words a) {
  return {_mm512_srli_epi64(a.v, 32)};
}

}  // namespace
}  // namespace driftwood::nn
