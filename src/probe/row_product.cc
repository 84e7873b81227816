#include "probe/row_product.h"

#include <algorithm>

#include "netdissect/base/clock.h"
#include "probe/row_kernels.h"

namespace netdissect {
namespace {

// As many columns as this are cheaper as dot products than as a panel of 16.
constexpr int kMostDots = 4;

}  // namespace

const RowKernels& Kernels() {
#if defined(__x86_64__)
  static const RowKernels& kernels =
      __builtin_cpu_supports("avx512f")                                 ? Avx512Kernels()
      : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? Avx2Kernels()
                                                                        : PortableKernels();
  return kernels;
#else
  return PortableKernels();
#endif
}

const char* KernelName() { return Kernels().name; }

int PanelVectors(int columns) {
  if (columns <= kMostDots) return 0;
  // The width that leaves fewest columns idle, the widest of equals.
  int best = 1, idle = 1 << 30;
  for (int vectors = 1; vectors <= Kernels().most_vectors; ++vectors) {
    const int width = 16 * vectors;
    const int waste = (columns + width - 1) / width * width - columns;
    if (waste <= idle) {
      idle = waste;
      best = vectors;
    }
  }
  return best;
}

void Multiply(const RowProduct& product, const PackedWeights& weights) {
  const KernelCall call = {product.rows,   product.count,  product.runs,    product.length,
                           product.offset, product.stride, product.rectify, product.slope};
  if (weights.vectors == 0) {
    Kernels().dots(call, weights.panels.data(), weights.bias.data(), product.out, weights.columns);
    return;
  }
  const int width = 16 * weights.vectors;
  for (int first = 0; first < weights.columns; first += width) {
    Kernels().panel(call, weights.vectors,
                    weights.panels.data() + static_cast<ptrdiff_t>(first) * weights.depth,
                    weights.bias.data() + first, product.out + first,
                    std::min(width, weights.columns - first));
  }
}

double MeasurePeakMultiplyAdds() {
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    float sink = 0;
    const auto start = Clock::now();
    const int64_t count = Kernels().peak(2'000'000, &sink);
    const double seconds = SecondsSince(start);
    // The sink keeps the loop from being left out.
    if (sink == sink) best = std::max(best, static_cast<double>(count) / seconds);
  }
  return best;
}

}  // namespace netdissect
