// The vectorised training kernel, written once over `Lanes` (64 bytes of `Real`) and compiled for each precision and
// instruction set: include a lanes_*.hpp first. Everything is in an unnamed namespace: each translation unit has its
// own copy. Fused multiply-adds are written out, never left to the compiler, so that every instruction set rounds
// alike.

// The parts build on each other: this order.
// clang-format off
#include "activations.inl"
#include "kernel_passes.inl"
#include "permutation.inl"
#include "kernel_draws.inl"
#include "kernel_noise.inl"
#include "kernel_update.inl"
#include "kernel_replicas.inl"
#include "kernel_bottleneck.inl"
#include "kernel_samples.inl"
// clang-format on
