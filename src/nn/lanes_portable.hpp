#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "words_portable.hpp"

namespace driftwood::nn {
namespace {

/// As many numbers as fill 64 bytes, in plain C++. std::fma rounds once, in software where the processor cannot: slow
/// there, but the same bits as every other instruction set.
template <class Number>
struct PortableLanes {
  static constexpr int count = 64 / sizeof(Number);
  Number v[count];

  static PortableLanes load(const Number* p) {
    return each([&](int l) { return p[l]; });
  }
  static PortableLanes all(Number x) {
    return each([&](int) { return x; });
  }
  void store(Number* p) const {
    for (int l = 0; l < count; ++l) p[l] = v[l];
  }
  template <class Operation>
  static PortableLanes each(Operation operation) {
    PortableLanes lanes;
    for (int l = 0; l < count; ++l) lanes.v[l] = operation(l);
    return lanes;
  }
};

template <class Number>
inline PortableLanes<Number> operator+(PortableLanes<Number> a, PortableLanes<Number> b) {
  return a.each([&](int l) { return a.v[l] + b.v[l]; });
}
template <class Number>
inline PortableLanes<Number> operator-(PortableLanes<Number> a, PortableLanes<Number> b) {
  return a.each([&](int l) { return a.v[l] - b.v[l]; });
}
template <class Number>
inline PortableLanes<Number> operator*(PortableLanes<Number> a, PortableLanes<Number> b) {
  return a.each([&](int l) { return a.v[l] * b.v[l]; });
}
template <class Number>
inline PortableLanes<Number> operator/(PortableLanes<Number> a, PortableLanes<Number> b) {
  return a.each([&](int l) { return a.v[l] / b.v[l]; });
}
/// a b + c, rounded once.
template <class Number>
inline PortableLanes<Number> fma(PortableLanes<Number> a, PortableLanes<Number> b, PortableLanes<Number> c) {
  return a.each([&](int l) { return std::fma(a.v[l], b.v[l], c.v[l]); });
}
/// c - a b, rounded once.
template <class Number>
inline PortableLanes<Number> fnma(PortableLanes<Number> a, PortableLanes<Number> b, PortableLanes<Number> c) {
  return a.each([&](int l) { return std::fma(-a.v[l], b.v[l], c.v[l]); });
}
template <class Number>
inline PortableLanes<Number> square_root(PortableLanes<Number> x) {
  return x.each([&](int l) { return std::sqrt(x.v[l]); });
}
/// max(x, 0); NaN stays NaN.
template <class Number>
inline PortableLanes<Number> positive_part(PortableLanes<Number> x) {
  return x.each([&](int l) { return 0 > x.v[l] ? Number(0) : x.v[l]; });
}
/// x where a > 0, else 0.
template <class Number>
inline PortableLanes<Number> where_positive(PortableLanes<Number> a, PortableLanes<Number> x) {
  return x.each([&](int l) { return a.v[l] > 0 ? x.v[l] : Number(0); });
}
/// x limited to [-bound, bound]; NaN stays NaN. As the vector instructions do it: where a comparison is false (NaN),
/// the second operand wins.
template <class Number>
inline PortableLanes<Number> clamp(PortableLanes<Number> x, PortableLanes<Number> bound) {
  return x.each([&](int l) {
    const Number upper = bound.v[l] < x.v[l] ? bound.v[l] : x.v[l];
    const Number low = 0 - bound.v[l];
    return low > upper ? low : upper;
  });
}
/// 2^n where the low mantissa bits of x hold the integer n (x = n + 1.5 2^52).
inline PortableLanes<double> power_of_two(PortableLanes<double> x) {
  return x.each([&](int l) {
    return std::bit_cast<double>((std::bit_cast<std::uint64_t>(x.v[l]) << 52) + std::bit_cast<std::uint64_t>(1.0));
  });
}
/// The same for x = n + 1.5 2^23.
inline PortableLanes<float> power_of_two(PortableLanes<float> x) {
  return x.each([&](int l) {
    return std::bit_cast<float>((std::bit_cast<std::uint32_t>(x.v[l]) << 23) + std::bit_cast<std::uint32_t>(1.0F));
  });
}

/// Leaves registers to the compiler.
template <class Number>
inline void pin(PortableLanes<Number>&) {}

/// Four neighbouring features of as many samples as there are lanes (that of lane l at data + offsets[l]), transposed
/// to four entries of lanes, `stride` apart.
template <class Number>
inline void gather4(const Number* data, const std::uint64_t* offsets, Number* lanes, long stride) {
  for (int l = 0; l < PortableLanes<Number>::count; ++l)
    for (int i = 0; i < 4; ++i) lanes[i * stride + l] = data[offsets[l] + i];
}

/// The same for eight features.
template <class Number>
inline void gather8(const Number* data, const std::uint64_t* offsets, Number* lanes, long stride) {
  gather4(data, offsets, lanes, stride);
  gather4(data + 4, offsets, lanes + 4 * stride, stride);
}

}  // namespace
}  // namespace driftwood::nn
