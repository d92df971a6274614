#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace driftwood::nn {
namespace {

/// Eight replicas side by side in plain C++. std::fma rounds once, in software where the processor cannot: slow there,
/// but the same bits as every other instruction set.
struct Lanes {
  double v[8];

  static Lanes load(const double* p) {
    Lanes lanes;
    for (int l = 0; l < 8; ++l) lanes.v[l] = p[l];
    return lanes;
  }
  static Lanes all(double x) {
    Lanes lanes;
    for (double& value : lanes.v) value = x;
    return lanes;
  }
  void store(double* p) const {
    for (int l = 0; l < 8; ++l) p[l] = v[l];
  }
};

template <class Operation>
inline Lanes each(Operation operation) {
  Lanes lanes;
  for (int l = 0; l < 8; ++l) lanes.v[l] = operation(l);
  return lanes;
}

inline Lanes operator+(Lanes a, Lanes b) {
  return each([&](int l) { return a.v[l] + b.v[l]; });
}
inline Lanes operator-(Lanes a, Lanes b) {
  return each([&](int l) { return a.v[l] - b.v[l]; });
}
inline Lanes operator*(Lanes a, Lanes b) {
  return each([&](int l) { return a.v[l] * b.v[l]; });
}
inline Lanes operator/(Lanes a, Lanes b) {
  return each([&](int l) { return a.v[l] / b.v[l]; });
}
inline Lanes fma(Lanes a, Lanes b, Lanes c) {
  return each([&](int l) { return std::fma(a.v[l], b.v[l], c.v[l]); });
}
inline Lanes fnma(Lanes a, Lanes b, Lanes c) {
  return each([&](int l) { return std::fma(-a.v[l], b.v[l], c.v[l]); });
}
inline Lanes clamp(Lanes x, Lanes bound) {
  // As the vector instructions do it: where a comparison is false (NaN), the second operand wins.
  return each([&](int l) {
    const double upper = bound.v[l] < x.v[l] ? bound.v[l] : x.v[l];
    const double low = 0.0 - bound.v[l];
    return low > upper ? low : upper;
  });
}
inline Lanes power_of_two(Lanes x) {
  return each([&](int l) {
    return std::bit_cast<double>((std::bit_cast<std::uint64_t>(x.v[l]) << 52) + std::bit_cast<std::uint64_t>(1.0));
  });
}

/// Leaves registers to the compiler.
inline void pin(Lanes&) {}

/// A 32-bit word of each lane, in the low half of 64 bits; the high half is arbitrary.
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

inline Words operator^(Words a, Words b) {
  for (int l = 0; l < 8; ++l) a.v[l] ^= b.v[l];
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

/// Four neighbouring features of eight samples (that of lane l at data + offsets[l]), transposed to four entries of
/// lanes, `stride` apart.
inline void gather4(const double* data, const std::uint64_t* offsets, double* lanes, long stride) {
  for (int l = 0; l < 8; ++l)
    for (int i = 0; i < 4; ++i) lanes[i * stride + l] = data[offsets[l] + i];
}

}  // namespace
}  // namespace driftwood::nn
