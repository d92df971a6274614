#pragma once

#include <cstdint>
#include <vector>

#include "driftwood/nn/activation.hpp"

namespace driftwood::nn {

/// Numbers that a kernel works on at once: 64 bytes of them, whatever the registers' width. Every array below with
/// "lanes" holds that many numbers an entry.
template <class Number>
inline constexpr int lane_count = 64 / static_cast<int>(sizeof(Number));
inline constexpr int n_lanes = lane_count<double>;
/// Most tracked weights that tracked_moments takes: d = 1 .. 4 (equations.md section 1).
inline constexpr int max_tracked = 4;

/// A network and its data as the kernels read them: raw pointers, because a kernel's translation unit is compiled for
/// one instruction set and must not instantiate library templates that the linker could pick for all.
template <class Number>
struct KernelProblemOf {
  int n_layers;
  const int* widths;          ///< n_layers + 1
  const int* weight_offsets;  ///< of layer l at [l - 1]
  const int* bias_offsets;    ///< of layer l at [l - 1]; null without biases
  const int* unit_offsets;    ///< first unit of layer l = 0 .. n_layers among all units, then their number
  Activation activation;
  int n_parameters;
  const Number* data;  ///< n_samples x widths[0]
  int n_samples;
};
using KernelProblem = KernelProblemOf<double>;

/// How the samples of a minibatch are chosen (nn/minibatch.hpp).
enum class Sampling { replacement, epochs, full_batch };

/// The rule that turns a gradient into a step (nn/training.hpp).
enum class Optimiser { sgd, momentum, rmsprop, adam };

/// What changes from step to step.
struct StepSize {
  double learning_rate;
  double noise;              ///< standard deviation of the injected noise
  double first_correction;   ///< Adam's 1 - beta1^k
  double second_correction;  ///< Adam's square root of 1 - beta2^k
};

/// What training does with one layer's gradient: nothing, subtract it from the weights at once (the same bits, less
/// traffic), or keep it for the optimiser.
enum class LayerUpdate : char { none, fused, separate };

/// Steps of one or lane_count replicas, from `first_replica` on.
struct TrainTask {
  const StepSize* steps;  ///< n_steps
  Optimiser optimiser;
  double momentum;      ///< heavy ball's beta, Adam's beta1
  double square_decay;  ///< RMSprop's alpha, Adam's beta2
  double epsilon;
  double weight_decay;
  int batch_size;
  Sampling sampling;
  bool shared;                 ///< all replicas draw the minibatches of replica 2^64 - 1
  const LayerUpdate* updates;  ///< of layer l at [l - 1]
  const char* trained;         ///< one flag a parameter; 0 for tied copies
  const int* tied_copies;      ///< n_tied positions that repeat, in this order, those of tied_masters
  const int* tied_masters;
  int n_tied;
  std::uint32_t key[2];
  std::uint64_t first_replica;
  std::uint32_t first_step;
  std::uint32_t n_steps;
};

/// Vectors of n_parameters numbers that an optimiser keeps besides the parameters.
constexpr int state_vectors(Optimiser optimiser) {
  return optimiser == Optimiser::sgd ? 0 : optimiser == Optimiser::adam ? 2 : 1;
}

/// Training in one precision, in two layouts that give the same bits: `replicas` trains lane_count replicas side by
/// side (parameters and state in lanes); `one` trains a single replica, the lanes being samples. Each sum of a pass is
/// one chain of fused multiply-adds in a fixed order: over inputs going forward, over outputs going backward, over the
/// minibatch for a gradient. `scratch`: scratch_size numbers, aligned to 64 bytes.
template <class Number>
struct TrainFunctions {
  using Function = void(const KernelProblemOf<Number>&, const TrainTask&, Number* parameters, Number* state,
                        Number* scratch);
  Function* replicas;
  Function* one;
};

/// One tracked weight: entry (row, column) of layer `layer`'s matrix; column -1 is the bias. With a tied decoder entry
/// (column, row) of layer `tied_layer` repeats it; 0 where none does.
struct TrackedEntry {
  int layer;
  int row;
  int column;
  int tied_layer;
};

/// The compiled kernels of one instruction set.
struct Kernel {
  const char* name;
  TrainFunctions<double> train;
  TrainFunctions<float> train_float;
  /// Mean over the data of the gradient of (1.1), without weight decay.
  void (*mean_gradient)(const KernelProblem&, const double* parameter_lanes, double* gradient_lanes, double* scratch);
  /// Mean loss (1.1), mean gradient of the d tracked weights, and its packed covariance: 1 + d + d(d+1)/2 entries.
  void (*tracked_moments)(const KernelProblem&, const double* parameter_lanes, const TrackedEntry* tracked,
                          int n_tracked, double* moment_lanes, double* scratch);
  /// f(x) of the listed samples: n_listed x widths[n_layers] entries.
  void (*outputs)(const KernelProblem&, const double* parameter_lanes, const int* listed, int n_listed,
                  double* output_lanes, double* scratch);
};

/// Numbers of scratch that every function of a kernel may use.
template <class Number>
long scratch_size(const KernelProblemOf<Number>& problem);

extern const Kernel portable_kernel;
#if defined(__x86_64__)
extern const Kernel avx2_kernel;
extern const Kernel avx512_kernel;
#endif

/// The kernels that this processor can run, the fastest first. They give the same bits.
std::vector<const Kernel*> available_kernels();

}  // namespace driftwood::nn
