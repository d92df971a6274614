#include <cstdint>

#include "driftwood/core/random.hpp"
#include "driftwood/nn/kernel.hpp"
#include "float_kernels.hpp"
// The body is written over what the lanes define: this order.
// clang-format off
#include "lanes_portable.hpp"

namespace driftwood::nn {
namespace {
using Real = float;
using Lanes = PortableLanes<float>;
}  // namespace
}  // namespace driftwood::nn

#include "kernel_body.inl"
// clang-format on

namespace driftwood::nn {

void portable_float_replicas(const KernelProblemOf<float>& p, const TrainTask& task, float* w, float* state,
                             float* scratch) {
  train_replicas(p, task, w, state, scratch);
}

void portable_float_one(const KernelProblemOf<float>& p, const TrainTask& task, float* w, float* state,
                        float* scratch) {
  train_one(p, task, w, state, scratch);
}

}  // namespace driftwood::nn
