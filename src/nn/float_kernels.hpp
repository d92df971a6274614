#pragma once

#include "driftwood/nn/kernel.hpp"

namespace driftwood::nn {

/// The single precision part of each instruction set: a translation unit of its own, because the lanes differ.
TrainFunctions<float>::Function portable_float_replicas, portable_float_one;
TrainFunctions<float>::Function avx2_float_replicas, avx2_float_one;
TrainFunctions<float>::Function avx512_float_replicas, avx512_float_one;

}  // namespace driftwood::nn
