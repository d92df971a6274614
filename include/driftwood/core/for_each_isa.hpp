#pragma once

/// Before a kernel that is compiled for several instruction sets, chosen at run time. Without contraction of products and
/// sums (the whole project's choice) all give the same bits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__)
#define DRIFTWOOD_FOR_EACH_ISA __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define DRIFTWOOD_FOR_EACH_ISA
#endif
/// For what such kernels share.
#define DRIFTWOOD_ALWAYS_INLINE inline __attribute__((always_inline))
