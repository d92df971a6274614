#include <cstdint>

#include "driftwood/nn/kernel.hpp"
// The body is written over what the lanes define: this order.
// clang-format off
#include "lanes_avx2.hpp"
#include "kernel_body.inl"
// clang-format on

namespace driftwood::nn {

const Kernel avx2_kernel{"avx2", train, mean_gradient, tracked_moments, outputs};

}  // namespace driftwood::nn
