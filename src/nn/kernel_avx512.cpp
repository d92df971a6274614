#include <cstdint>

#include "driftwood/core/random.hpp"
#include "driftwood/nn/kernel.hpp"
#include "float_kernels.hpp"
// The body is written over what the lanes define: this order.
// clang-format off
#include "lanes_avx512_double.hpp"
#include "kernel_body.inl"
#include "kernel_moments.inl"
// clang-format on

namespace driftwood::nn {

const Kernel avx512_kernel{
    "avx512", {train_replicas, train_one}, {avx512_float_replicas, avx512_float_one}, mean_gradient, tracked_moments,
    outputs};

}  // namespace driftwood::nn
