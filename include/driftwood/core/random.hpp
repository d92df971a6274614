#pragma once

#include <array>
#include <cstdint>

namespace driftwood {

/// What a random number is for. Two purposes never share a counter, so adding a draw to one never shifts another.
enum class RandomPurpose : std::uint32_t {
  initial_weights = 1,
  minibatch = 2,
  langevin_noise = 3,
  ensemble_split = 4,
  theory_draw = 5,
  projection = 6,
  bootstrap = 7,
  replica_pairing = 8,
  subsample = 9,
  epoch_shuffle = 10,
  data_sample = 11,
  data_split = 12,
  layer_samples = 13,
  layer_draw = 14,
  coefficient_band = 16,
  surface_noise = 17,
  sweep_axis = 20,
};

/// Counter-based random numbers (Philox4x32-10, Random123): a pure function of its arguments, hence the same whatever
/// the number of ranks, the grouping, the SIMD width or the order of evaluation.
///
/// key = (seed, sweep point); counter = (purpose and block, step, replica low, replica high).
class CounterRandom {
 public:
  using Block = std::array<std::uint32_t, 4>;

  /// `point_key`: says which sweep points share their streams (sweep/identity.hpp).
  CounterRandom(std::uint32_t seed, std::uint32_t point_key) : key_{seed, point_key} {}

  /// Four independent 32-bit words. `block` < 2^24 numbers the draws (four a block) within (purpose, step, replica).
  Block block(RandomPurpose purpose, std::uint32_t block, std::uint32_t step, std::uint64_t replica) const;

  /// The draw-th uniform number in (0, 1), 53 bits, of (purpose, step, replica).
  double uniform(RandomPurpose purpose, std::uint32_t draw, std::uint32_t step, std::uint64_t replica) const;

  /// The draw-th standard normal number (Box-Muller) of (purpose, step, replica). Its last bits are those of the C
  /// library's log, sin and cos: equal on equal machines.
  double normal(RandomPurpose purpose, std::uint32_t draw, std::uint32_t step, std::uint64_t replica) const;

  /// The draw-th integer in [0, bound) of (purpose, step, replica): (word * bound) >> 32, bound < 2^32.
  std::uint32_t below(std::uint32_t bound, RandomPurpose purpose, std::uint32_t draw, std::uint32_t step,
                      std::uint64_t replica) const;

  std::array<std::uint32_t, 2> key() const { return key_; }

 private:
  std::array<std::uint32_t, 2> key_;
};

}  // namespace driftwood
