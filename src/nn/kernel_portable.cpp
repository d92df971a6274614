#include <cstdint>

#include "driftwood/nn/kernel.hpp"
// The body is written over what the lanes define: this order.
// clang-format off
#include "lanes_portable.hpp"
#include "kernel_body.inl"
// clang-format on

namespace driftwood::nn {

const Kernel portable_kernel{"portable", train, mean_gradient, tracked_moments, outputs};

}  // namespace driftwood::nn
