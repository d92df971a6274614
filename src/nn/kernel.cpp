#include "driftwood/nn/kernel.hpp"

#include <algorithm>

namespace driftwood::nn {

template <class Number>
long scratch_size(const KernelProblemOf<Number>& problem) {
  constexpr long lanes = lane_count<Number>;
  constexpr long largest_tile = 16;
  constexpr long chunk = 64;
  const long units = problem.unit_offsets[problem.n_layers + 1];
  const long row = *std::max_element(problem.widths, problem.widths + problem.n_layers + 1) + lanes;
  const long side_by_side = (2 * units * largest_tile + problem.n_parameters) * lanes;
  const long one = 2 * (units + row) * chunk + problem.n_parameters + lanes;
  return std::max(side_by_side, one);
}

template long scratch_size(const KernelProblemOf<double>&);
template long scratch_size(const KernelProblemOf<float>&);

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
