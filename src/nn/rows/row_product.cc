#include "nn/rows/row_product.h"

#include <algorithm>

namespace netdissect {
namespace {

// As many columns as this are cheaper as dot products than as a panel of 16.
constexpr int kMostDots = 4;

}  // namespace

int PanelVectors(const RowKernels& kernels, int columns) {
  if (columns <= kMostDots) return 0;
  // The width that leaves fewest columns idle, the widest of equals.
  int best = 1, idle = 1 << 30;
  for (int vectors = 1; vectors <= kernels.most_vectors; ++vectors) {
    const int width = 16 * vectors;
    const int waste = (columns + width - 1) / width * width - columns;
    if (waste <= idle) {
      idle = waste;
      best = vectors;
    }
  }
  return best;
}

void Multiply(const RowKernels& kernels, const RowProduct& product, const PackedWeights& weights) {
  const KernelCall call = {product.rows,   product.count,  product.runs,          product.length,
                           product.offset, product.stride, product.rectification, weights.depth};
  if (weights.vectors == 0) {
    kernels.dots(call, weights.panels.data() + product.first, weights.bias.data(), product.out,
                 weights.columns);
    return;
  }
  const int width = 16 * weights.vectors;
  const ptrdiff_t skipped = ptrdiff_t{product.first} * width;
  for (int first = 0; first < weights.columns; first += width) {
    kernels.panel(
        call, weights.vectors, weights.panels.data() + ptrdiff_t{first} * weights.depth + skipped,
        weights.bias.data() + first, product.out + first, std::min(width, weights.columns - first));
  }
}

void MultiplyDepthwise(const RowKernels& kernels, const RowProduct& product,
                       const PackedWeights& weights) {
  const KernelCall call = {product.rows,   product.count,  product.runs,         weights.columns,
                           product.offset, product.stride, product.rectification};
  kernels.depthwise(call, weights.panels.data(), weights.bias.data(), product.out);
}

}  // namespace netdissect
