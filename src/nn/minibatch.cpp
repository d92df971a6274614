#include "driftwood/nn/minibatch.hpp"

#include <limits>

#include "permutation.inl"

namespace driftwood::nn {

std::vector<int> minibatch_samples(const SgdOptions& options, int n_samples, const CounterRandom& random,
                                   std::uint32_t step, std::uint64_t replica) {
  if (options.shared_minibatches) replica = std::numeric_limits<std::uint64_t>::max();
  const auto n = static_cast<std::uint32_t>(n_samples);
  const auto batch_size = static_cast<std::uint32_t>(options.batch_size);
  std::vector<int> samples;
  switch (options.sampling) {
    case Sampling::replacement:
      for (std::uint32_t draw = 0; draw < batch_size; ++draw)
        samples.push_back(static_cast<int>(random.below(n, RandomPurpose::minibatch, draw, step, replica)));
      break;
    case Sampling::epochs: {
      const std::uint32_t steps_per_epoch = n / batch_size;
      const auto keys = random.block(RandomPurpose::epoch_shuffle, 0, step / steps_per_epoch, replica);
      const Permutation permutation(n);
      for (std::uint32_t draw = 0; draw < batch_size; ++draw)
        samples.push_back(static_cast<int>(permutation(step % steps_per_epoch * batch_size + draw, keys.data())));
      break;
    }
    case Sampling::full_batch:
      for (std::uint32_t s = 0; s < n; ++s) samples.push_back(static_cast<int>(s));
      break;
  }
  return samples;
}

}  // namespace driftwood::nn
