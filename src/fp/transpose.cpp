#include "driftwood/core/for_each_isa.hpp"
#include "line_kernels.hpp"

namespace driftwood::fp::line_kernels {

namespace {

// NOLINTNEXTLINE(modernize-use-using): vector types are declared so
typedef double Pack __attribute__((vector_size(32), aligned(8)));
typedef long Choice __attribute__((vector_size(32)));  // NOLINT(modernize-use-using)

DRIFTWOOD_ALWAYS_INLINE void transpose_four(const double* from, long from_stride, double* to, long to_stride) {
  const Pack a = *reinterpret_cast<const Pack*>(from);
  const Pack b = *reinterpret_cast<const Pack*>(from + from_stride);
  const Pack c = *reinterpret_cast<const Pack*>(from + 2 * from_stride);
  const Pack d = *reinterpret_cast<const Pack*>(from + 3 * from_stride);
  const Pack ab_even = __builtin_shuffle(a, b, Choice{0, 4, 2, 6});
  const Pack ab_odd = __builtin_shuffle(a, b, Choice{1, 5, 3, 7});
  const Pack cd_even = __builtin_shuffle(c, d, Choice{0, 4, 2, 6});
  const Pack cd_odd = __builtin_shuffle(c, d, Choice{1, 5, 3, 7});
  *reinterpret_cast<Pack*>(to) = __builtin_shuffle(ab_even, cd_even, Choice{0, 1, 4, 5});
  *reinterpret_cast<Pack*>(to + to_stride) = __builtin_shuffle(ab_odd, cd_odd, Choice{0, 1, 4, 5});
  *reinterpret_cast<Pack*>(to + 2 * to_stride) = __builtin_shuffle(ab_even, cd_even, Choice{2, 3, 6, 7});
  *reinterpret_cast<Pack*>(to + 3 * to_stride) = __builtin_shuffle(ab_odd, cd_odd, Choice{2, 3, 6, 7});
}

}  // namespace

DRIFTWOOD_FOR_EACH_ISA
void transpose(long rows, long columns, const double* from, long from_stride, double* to, long to_stride) {
  const long whole_rows = rows / 4 * 4;
  const long whole_columns = columns / 4 * 4;
  for (long i = 0; i < whole_rows; i += 4)
    for (long j = 0; j < whole_columns; j += 4)
      transpose_four(from + i * from_stride + j, from_stride, to + j * to_stride + i, to_stride);
  for (long i = 0; i < rows; ++i)
    for (long j = i < whole_rows ? whole_columns : 0; j < columns; ++j)
      to[j * to_stride + i] = from[i * from_stride + j];
}

}  // namespace driftwood::fp::line_kernels
