#pragma once

#include <cstdint>
#include <vector>

namespace driftwood::nn {

/// Replicas that a kernel works on at once: lane = replica. Every array below with "lanes" holds 8 doubles an entry.
inline constexpr int n_lanes = 8;
/// Samples that a kernel pushes through the network at once.
inline constexpr int tile_size = 8;
/// Most tracked weights that tracked_moments takes: d = 1 .. 4 (equations.md section 1).
inline constexpr int max_tracked = 4;

/// A network and its data as the kernels read them: raw pointers, because a kernel's translation unit is compiled for
/// one instruction set and must not instantiate library templates that the linker could pick for all.
struct KernelProblem {
  int n_layers;
  const int* widths;          ///< n_layers + 1
  const int* weight_offsets;  ///< of layer l at [l - 1]
  const int* bias_offsets;    ///< of layer l at [l - 1]; null without biases
  const int* unit_offsets;    ///< first unit of layer l = 0 .. n_layers among all units, then their number
  bool tanh;
  int n_parameters;
  const double* data;  ///< n_samples x widths[0]
  int n_samples;
};

/// Steps of SGD (1.3) for eight replicas.
struct TrainTask {
  double learning_rate;
  double weight_decay;
  double noise;  ///< sqrt(2 eta T)
  int batch_size;
  const int* trained;  ///< positions of the trained parameters
  int n_trained;
  std::uint32_t key[2];
  std::uint32_t purpose;  ///< of the minibatch draws
  std::uint64_t first_replica;
  std::uint32_t first_step;
  std::uint32_t n_steps;
  const void* random;  ///< handed to `normal`
  double (*normal)(const void* random, std::uint32_t parameter, std::uint32_t step, std::uint64_t replica);
};

/// One tracked weight: entry (row, column) of layer `layer`'s matrix; column -1 is the bias.
struct TrackedEntry {
  int layer;
  int row;
  int column;
};

/// The compiled kernels of one instruction set. `scratch` holds scratch_size(problem) doubles, aligned to 64 bytes.
struct Kernel {
  const char* name;
  void (*train)(const KernelProblem&, const TrainTask&, double* parameter_lanes, double* scratch);
  /// Mean over the data of the gradient of (1.1), without weight decay.
  void (*mean_gradient)(const KernelProblem&, const double* parameter_lanes, double* gradient_lanes, double* scratch);
  /// Mean loss (1.1), mean gradient of the d tracked weights, and its packed covariance: 1 + d + d(d+1)/2 entries.
  void (*tracked_moments)(const KernelProblem&, const double* parameter_lanes, const TrackedEntry* tracked,
                          int n_tracked, double* moment_lanes, double* scratch);
  /// f(x) of the listed samples: n_listed x widths[n_layers] entries.
  void (*outputs)(const KernelProblem&, const double* parameter_lanes, const int* listed, int n_listed,
                  double* output_lanes, double* scratch);
};

/// Doubles of scratch that every function of a kernel may use.
long scratch_size(const KernelProblem& problem);

extern const Kernel portable_kernel;
#if defined(__x86_64__)
extern const Kernel avx2_kernel;
extern const Kernel avx512_kernel;
#endif

/// The kernels that this processor can run, the fastest first. They give the same bits.
std::vector<const Kernel*> available_kernels();

}  // namespace driftwood::nn
