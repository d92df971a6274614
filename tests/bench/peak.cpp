#include "peak.hpp"

#include <time.h>

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

#if defined(__x86_64__)

namespace {

/// Chains of fused multiply-adds: enough to hide their latency, few enough for the registers.
constexpr int n_chains = 12;
constexpr long n_repeats = 200000;

// The asm keeps the compiler from seeing that the chains are alike, or that nobody reads them.
#define DRIFTWOOD_PEAK(name, isa, vector, set, fmadd)   \
  __attribute__((target(isa))) void name() {            \
    vector sum[n_chains];                               \
    for (vector & s : sum) s = set(1);                  \
    const vector a = set(0.999), b = set(1e-3);         \
    for (long i = 0; i < n_repeats; ++i)                \
      for (vector & s : sum) s = fmadd(s, a, b);        \
    for (vector & s : sum) asm volatile("" : : "x"(s)); \
  }

DRIFTWOOD_PEAK(double_512, "avx512f", __m512d, _mm512_set1_pd, _mm512_fmadd_pd)
DRIFTWOOD_PEAK(float_512, "avx512f", __m512, _mm512_set1_ps, _mm512_fmadd_ps)
DRIFTWOOD_PEAK(double_256, "avx2,fma", __m256d, _mm256_set1_pd, _mm256_fmadd_pd)
DRIFTWOOD_PEAK(float_256, "avx2,fma", __m256, _mm256_set1_ps, _mm256_fmadd_ps)
#undef DRIFTWOOD_PEAK

double rate_of(void (*run)(), int numbers_per_vector, double seconds) {
  double best = 0;
  for (double spent = 0; spent < seconds;) {
    const double start = cpu_seconds();
    run();
    const double taken = cpu_seconds() - start;
    best = std::max(best, 2.0 * numbers_per_vector * n_chains * n_repeats / taken);
    spent += taken;
  }
  return best;
}

}  // namespace

double fma_peak(bool single_precision, double seconds) {
  if (__builtin_cpu_supports("avx512f"))
    return single_precision ? rate_of(float_512, 16, seconds) : rate_of(double_512, 8, seconds);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return single_precision ? rate_of(float_256, 8, seconds) : rate_of(double_256, 4, seconds);
  return 0;
}

#else

double fma_peak(bool, double) {
  return 0;
}

#endif
