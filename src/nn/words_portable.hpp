#pragma once

#include <cstdint>

namespace driftwood::nn {
namespace {

/// Eight 32-bit words, each in the low half of 64 bits; the high half is arbitrary.
struct Words {
  std::uint64_t v[8];

  static Words load(const std::uint64_t* p) {
    Words words;
    for (int l = 0; l < 8; ++l) words.v[l] = p[l];
    return words;
  }
  static Words all(std::uint64_t x) {
    Words words;
    for (std::uint64_t& value : words.v) value = x;
    return words;
  }
  void store(std::uint64_t* p) const {
    for (int l = 0; l < 8; ++l) p[l] = v[l];
  }
};

/// a ^ b ^ c
inline Words xor3(Words a, Words b, Words c) {
  for (int l = 0; l < 8; ++l) a.v[l] ^= b.v[l] ^ c.v[l];
  return a;
}
inline Words product(Words a, Words b) {
  for (int l = 0; l < 8; ++l) a.v[l] = (a.v[l] & 0xFFFFFFFFu) * (b.v[l] & 0xFFFFFFFFu);
  return a;
}
inline Words high_half(Words a) {
  for (std::uint64_t& value : a.v) value >>= 32;
  return a;
}

}  // namespace
}  // namespace driftwood::nn
