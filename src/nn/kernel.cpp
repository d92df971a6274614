#include "driftwood/nn/kernel.hpp"

namespace driftwood::nn {

long scratch_size(const KernelProblem& problem) {
  const long units = problem.unit_offsets[problem.n_layers + 1];
  return (2 * units * tile_size + problem.n_parameters) * n_lanes;
}

std::vector<const Kernel*> available_kernels() {
  std::vector<const Kernel*> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) kernels.push_back(&avx512_kernel);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) kernels.push_back(&avx2_kernel);
#endif
  kernels.push_back(&portable_kernel);
  return kernels;
}

}  // namespace driftwood::nn
