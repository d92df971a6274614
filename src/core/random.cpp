#include "driftwood/core/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

namespace driftwood {

namespace {

constexpr std::uint32_t max_block = 1u << 24;

/// 53 random bits to the open interval (0, 1).
double to_unit_interval(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = (static_cast<std::uint64_t>(high) << 32 | low) >> 11;
  return (static_cast<double>(bits) + 0.5) * 0x1p-53;
}

}  // namespace

CounterRandom::Block CounterRandom::block(RandomPurpose purpose, std::uint32_t block, std::uint32_t step,
                                          std::uint64_t replica) const {
  r123::Philox4x32 philox;
  const r123::Philox4x32::ctr_type counter{{static_cast<std::uint32_t>(purpose) << 24 | (block & (max_block - 1)), step,
                                            static_cast<std::uint32_t>(replica),
                                            static_cast<std::uint32_t>(replica >> 32)}};
  const r123::Philox4x32::key_type key{{key_[0], key_[1]}};
  const auto words = philox(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

double CounterRandom::uniform(RandomPurpose purpose, std::uint32_t draw, std::uint32_t step,
                              std::uint64_t replica) const {
  const Block words = block(purpose, draw / 2, step, replica);
  return draw % 2 == 0 ? to_unit_interval(words[0], words[1]) : to_unit_interval(words[2], words[3]);
}

double CounterRandom::normal(RandomPurpose purpose, std::uint32_t draw, std::uint32_t step,
                             std::uint64_t replica) const {
  const Block words = block(purpose, draw / 2, step, replica);
  const double radius = std::sqrt(-2 * std::log(to_unit_interval(words[0], words[1])));
  const double angle = 2 * std::numbers::pi * to_unit_interval(words[2], words[3]);
  return draw % 2 == 0 ? radius * std::cos(angle) : radius * std::sin(angle);
}

std::uint32_t CounterRandom::below(std::uint32_t bound, RandomPurpose purpose, std::uint32_t draw, std::uint32_t step,
                                   std::uint64_t replica) const {
  const std::uint32_t word = block(purpose, draw / 4, step, replica)[draw % 4];
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(word) * bound >> 32);
}

}  // namespace driftwood
