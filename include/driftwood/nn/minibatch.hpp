#pragma once

#include <cstdint>
#include <vector>

#include "driftwood/core/random.hpp"
#include "driftwood/nn/training.hpp"

namespace driftwood::nn {

/// The samples, 0 .. n_samples - 1, of the minibatch that `replica` takes at step `step`; what the kernels draw.
///
///   replacement  B independent draws: RandomPurpose::minibatch, draw 0 .. B - 1
///   epochs       an epoch is floor(n_samples / B) steps; its minibatches are consecutive parts of a permutation of the
///                samples that belongs to (replica, epoch): a Feistel network keyed by RandomPurpose::epoch_shuffle.
///                What is left over at the end of an epoch is not used in it.
///   full_batch   all samples, in order
///
/// With shared minibatches every replica takes those of replica 2^64 - 1. Not collective.
std::vector<int> minibatch_samples(const SgdOptions& options, int n_samples, const CounterRandom& random,
                                   std::uint32_t step, std::uint64_t replica);

}  // namespace driftwood::nn
