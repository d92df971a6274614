// Which samples a minibatch holds: Philox words and epoch permutations, in both layouts; a part of kernel_body.inl.

namespace driftwood::nn {
namespace {

/// Words per vector register image.
inline constexpr int words = 8;
/// The replica counter of draws that all replicas share.
inline constexpr std::uint64_t shared_counter = ~static_cast<std::uint64_t>(0);

/// The ten rounds' keys of Philox4x32.
struct RoundKeys {
  std::uint64_t word[20];

  explicit RoundKeys(const std::uint32_t (&key)[2]) {
    std::uint32_t key0 = key[0];
    std::uint32_t key1 = key[1];
    for (int round = 0; round < 10; ++round) {
      word[2 * round] = key0;
      word[2 * round + 1] = key1;
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
  }
};

/// Philox4x32-10 (Salmon et al. 2011) for eight counters at once; the same words as CounterRandom::block.
inline __attribute__((always_inline)) void philox(Words (&counter)[4], const RoundKeys& keys) {
  const Words multiplier0 = Words::all(0xD2511F53u);
  const Words multiplier1 = Words::all(0xCD9E8D57u);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const Words product0 = product(multiplier0, counter[0]);
    const Words product1 = product(multiplier1, counter[2]);
    counter[0] = xor3(high_half(product1), counter[1], Words::all(keys.word[2 * round]));
    counter[2] = xor3(high_half(product0), counter[3], Words::all(keys.word[2 * round + 1]));
    counter[1] = product1;
    counter[3] = product0;
  }
}

inline std::uint64_t first_counter(RandomPurpose purpose, int counter_block) {
  return static_cast<std::uint32_t>(purpose) << 24 | static_cast<std::uint32_t>(counter_block);
}

/// The sample positions of minibatches, as offsets into the data.
class Minibatches {
 public:
  Minibatches(const KernelProblemOf<Real>& p, const TrainTask& task)
      : keys_(task.key),
        permutation_(static_cast<std::uint32_t>(p.n_samples)),
        n_samples_(static_cast<std::uint64_t>(p.n_samples)),
        n_features_(static_cast<std::uint64_t>(p.widths[0])),
        batch_size_(task.batch_size),
        sampling_(task.sampling) {
    for (int l = 0; l < lanes; ++l) {
      const std::uint64_t replica = task.shared ? shared_counter : task.first_replica + static_cast<std::uint64_t>(l);
      replica_low_[l] = replica;
      replica_high_[l] = replica >> 32;
    }
  }

  /// Draws first .. first + count - 1 of the step, each lane its own replica's, into offsets[sample][lane]. Slots up to
  /// `tile` repeat the first draw.
  template <int tile>
  void of_replicas(std::uint32_t step, int first, int count, std::uint64_t (&offsets)[tile][lanes]) const {
    if (sampling_ == Sampling::replacement) {
      draw_tile<tile>(step, first, offsets);
    } else {
      for (int s = 0; s < count; ++s) place(step, first + s, offsets[s]);
    }
    for (int s = count; s < tile; ++s)
      for (int l = 0; l < lanes; ++l) offsets[s][l] = offsets[0][l];
  }

  /// The tile that starts at draw `first`, drawn with replacement.
  template <int tile>
  __attribute__((always_inline)) void draw_tile(std::uint32_t step, int first,
                                                std::uint64_t (&offsets)[tile][lanes]) const {
#pragma GCC unroll 4
    for (int quad = 0; quad < tile / 4; ++quad)
#pragma GCC unroll 2
      for (int l = 0; l < lanes; l += words) draw_four(step, first / 4 + quad, l, &offsets[4 * quad][l]);
  }

  /// The same draws of the first lane's replica alone, into offsets[sample]; `first` is a multiple of 32, and there is
  /// room for `count` rounded up to 32.
  void of_one(std::uint32_t step, int first, int count, std::uint64_t* offsets) const {
    if (sampling_ == Sampling::replacement) {
      for (int s = 0; s < count; s += 4 * words) draw_many(step, (first + s) / 4, offsets + s);
      return;
    }
    std::uint64_t all[lanes];
    for (int s = 0; s < count; ++s) {
      place(step, first + s, all);
      offsets[s] = all[0];
    }
  }

 private:
  Words offset_of(Words word) const {
    return product(high_half(product(word, Words::all(n_samples_))), Words::all(n_features_));
  }

  /// One counter block of eight replicas: four draws.
  __attribute__((always_inline)) void draw_four(std::uint32_t step, int counter_block, int lane,
                                                std::uint64_t* offsets) const {
    Words counter[4] = {Words::all(first_counter(RandomPurpose::minibatch, counter_block)), Words::all(step),
                        Words::load(replica_low_ + lane), Words::load(replica_high_ + lane)};
    philox(counter, keys_);
    for (int w = 0; w < 4; ++w) offset_of(counter[w]).store(offsets + w * lanes);
  }

  /// Eight counter blocks of one replica: 32 draws.
  void draw_many(std::uint32_t step, int counter_block, std::uint64_t* offsets) const {
    std::uint64_t blocks[words];
    for (int b = 0; b < words; ++b) blocks[b] = first_counter(RandomPurpose::minibatch, counter_block + b);
    Words counter[4] = {Words::load(blocks), Words::all(step), Words::all(replica_low_[0]),
                        Words::all(replica_high_[0])};
    philox(counter, keys_);
    std::uint64_t drawn[4][words];
    for (int w = 0; w < 4; ++w) offset_of(counter[w]).store(drawn[w]);
    for (int b = 0; b < words; ++b)
      for (int w = 0; w < 4; ++w) offsets[4 * b + w] = drawn[w][b];
  }

  /// Draw `draw` of the step where samples are not drawn with replacement, for every lane.
  void place(std::uint32_t step, int draw, std::uint64_t* offsets) const {
    if (sampling_ == Sampling::full_batch) {
      for (int l = 0; l < lanes; ++l) offsets[l] = static_cast<std::uint64_t>(draw) * n_features_;
      return;
    }
    const auto steps_per_epoch = static_cast<std::uint32_t>(n_samples_ / static_cast<std::uint64_t>(batch_size_));
    const std::uint32_t epoch = step / steps_per_epoch;
    if (!has_keys_ || epoch != epoch_) make_keys(epoch);
    const std::uint32_t position =
        (step % steps_per_epoch) * static_cast<std::uint32_t>(batch_size_) + static_cast<std::uint32_t>(draw);
    for (int l = 0; l < lanes; ++l)
      offsets[l] = static_cast<std::uint64_t>(permutation_(position, &epoch_keys_[0][l], lanes)) * n_features_;
  }

  void make_keys(std::uint32_t epoch) const {
    for (int l = 0; l < lanes; l += words) {
      Words counter[4] = {Words::all(first_counter(RandomPurpose::epoch_shuffle, 0)), Words::all(epoch),
                          Words::load(replica_low_ + l), Words::load(replica_high_ + l)};
      philox(counter, keys_);
      std::uint64_t drawn[words];
      for (int w = 0; w < 4; ++w) {
        counter[w].store(drawn);
        for (int k = 0; k < words; ++k) epoch_keys_[w][l + k] = static_cast<std::uint32_t>(drawn[k]);
      }
    }
    epoch_ = epoch;
    has_keys_ = true;
  }

  RoundKeys keys_;
  Permutation permutation_;
  std::uint64_t n_samples_;
  std::uint64_t n_features_;
  int batch_size_;
  Sampling sampling_;
  std::uint64_t replica_low_[lanes];
  std::uint64_t replica_high_[lanes];
  mutable std::uint32_t epoch_keys_[Permutation::n_keys][lanes];
  mutable std::uint32_t epoch_ = 0;
  mutable bool has_keys_ = false;
};

}  // namespace
}  // namespace driftwood::nn
