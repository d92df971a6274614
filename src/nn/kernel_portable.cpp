#include <cstdint>

#include "driftwood/core/random.hpp"
#include "driftwood/nn/kernel.hpp"
#include "float_kernels.hpp"
// The body is written over what the lanes define: this order.
// clang-format off
#include "lanes_portable.hpp"

namespace driftwood::nn {
namespace {
using Real = double;
using Lanes = PortableLanes<double>;
}  // namespace
}  // namespace driftwood::nn

#include "kernel_body.inl"
#include "kernel_moments.inl"
// clang-format on

namespace driftwood::nn {

const Kernel portable_kernel{"portable",
                             {train_replicas, train_one},
                             {portable_float_replicas, portable_float_one},
                             mean_gradient,
                             tracked_moments,
                             outputs};

}  // namespace driftwood::nn
