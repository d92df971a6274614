#pragma once

/// Floating-point operations per second that this core reaches with independent fused multiply-adds in registers, two
/// operations each; 0 where the processor has neither AVX-512 nor AVX2. `seconds`: how long to measure.
double fma_peak(bool single_precision, double seconds);

/// Processor seconds of this thread: what counts on a machine that others use too.
double cpu_seconds();
