#include "study/product_kernel.h"

namespace netdissect {
namespace {

typedef double Lanes __attribute__((vector_size(64), aligned(8)));
static_assert(sizeof(Lanes) == kPanelColumns * sizeof(double));

// ROWS sums at once, in registers; compiled once for every set of instructions that it is inlined
// into.
template <int64_t ROWS>
[[gnu::always_inline]] inline void Product(const double* a, ptrdiff_t row_stride,
                                           ptrdiff_t term_stride, int64_t depth,
                                           const double* panel, double* out) {
  static_assert(kTileRows % ROWS == 0);
  for (int64_t first = 0; first < kTileRows; first += ROWS) {
    Lanes* const result = reinterpret_cast<Lanes*>(out + first * kPanelColumns);
    Lanes sums[ROWS];
#pragma GCC unroll 24
    for (int64_t i = 0; i < ROWS; ++i) sums[i] = result[i];
    for (int64_t k = 0; k < depth; ++k) {
      const Lanes terms = *reinterpret_cast<const Lanes*>(panel + k * kPanelColumns);
      const double* column = a + first * row_stride + k * term_stride;
#pragma GCC unroll 24
      for (int64_t i = 0; i < ROWS; ++i) sums[i] += column[i * row_stride] * terms;
    }
#pragma GCC unroll 24
    for (int64_t i = 0; i < ROWS; ++i) result[i] = sums[i];
  }
}

void Portable(const double* a, ptrdiff_t row_stride, ptrdiff_t term_stride, int64_t depth,
              const double* panel, double* out) {
  Product<3>(a, row_stride, term_stride, depth, panel, out);
}

#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) void Avx2(const double* a, ptrdiff_t row_stride,
                                              ptrdiff_t term_stride, int64_t depth,
                                              const double* panel, double* out) {
  Product<6>(a, row_stride, term_stride, depth, panel, out);
}

__attribute__((target("avx512f"))) void Avx512(const double* a, ptrdiff_t row_stride,
                                               ptrdiff_t term_stride, int64_t depth,
                                               const double* panel, double* out) {
  Product<24>(a, row_stride, term_stride, depth, panel, out);
}

#endif

}  // namespace

TileProduct PortableTileProduct() { return Portable; }

TileProduct BestTileProduct() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return Avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Avx2;
#endif
  return Portable;
}

}  // namespace netdissect
