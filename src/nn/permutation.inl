// Keyed permutations of 0 .. n-1 without a table: epoch shuffling that needs no state. In an unnamed namespace, because
// kernels of several instruction sets include it.

namespace driftwood::nn {
namespace {

/// A Feistel network on the smallest power of two that holds n, with unbalanced halves and cycle walking: positions
/// that leave 0 .. n-1 are sent round again.
struct Permutation {
  static constexpr int n_keys = 4;
  static constexpr int n_rounds = 8;
  static constexpr int least_bits = 8;
  std::uint32_t n;
  int low_bits;
  int high_bits;

  explicit Permutation(std::uint32_t size) : n(size) {
    int bits = least_bits;
    while (bits < 32 && (static_cast<std::uint64_t>(1) << bits) < size) ++bits;
    low_bits = (bits + 1) / 2;
    high_bits = bits - low_bits;
  }

  static std::uint32_t mixed(std::uint32_t x, std::uint32_t key) {
    x = (x + key) * 0x9E3779B1u;
    x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
    return x ^ (x >> 13);
  }

  /// One pass through the network; `keys[r]` with a stride, so that lanes can hold keys side by side.
  std::uint32_t once(std::uint32_t position, const std::uint32_t* keys, int stride) const {
    const std::uint32_t low_mask = (1u << low_bits) - 1;
    const std::uint32_t high_mask = (1u << high_bits) - 1;
    std::uint32_t low = position & low_mask;
    std::uint32_t high = position >> low_bits;
    for (int round = 0; round < n_rounds; round += 2) {
      const auto shift = static_cast<std::uint32_t>(round) * 0x7F4A7C15u;
      high ^= mixed(low, keys[(round % n_keys) * stride] + shift) & high_mask;
      low ^= mixed(high, keys[((round + 1) % n_keys) * stride] ^ shift) & low_mask;
    }
    return high << low_bits | low;
  }

  /// Where `position` < n goes.
  std::uint32_t operator()(std::uint32_t position, const std::uint32_t* keys, int stride = 1) const {
    do position = once(position, keys, stride);
    while (position >= n);
    return position;
  }
};

}  // namespace
}  // namespace driftwood::nn
