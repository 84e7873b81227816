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

namespace {

void Run(const RowKernels& kernels, KernelCall call, const float* bias, int first, float* out,
         const PackedWeights& weights) {
  call.depth = weights.depth;
  if (weights.vectors == 0) {
    kernels.dots(call, weights.panels.data() + first, bias, out, weights.columns);
    return;
  }
  const int width = 16 * weights.vectors;
  const ptrdiff_t skipped = ptrdiff_t{first} * width, begin = call.column;
  for (int column = 0; column < weights.columns; column += width) {
    call.column = begin + column;
    kernels.panel(
        call, weights.vectors, weights.panels.data() + ptrdiff_t{column} * weights.depth + skipped,
        bias + (call.outs != nullptr ? 0 : column), out == nullptr ? nullptr : out + column,
        std::min(width, weights.columns - column));
  }
}

KernelCall CallOf(const RowProduct& product) {
  return {product.rows,   product.count,  product.runs,         product.length,
          product.offset, product.stride, product.rectification};
}

}  // namespace

void Multiply(const RowKernels& kernels, const RowProduct& product, const PackedWeights& weights) {
  Run(kernels, CallOf(product), weights.bias.data(), product.first, product.out, weights);
}

void Add(const RowKernels& kernels, const RowProduct& product, float* const* outs,
         const PackedWeights& weights) {
  alignas(64) static const float none[64] = {};
  KernelCall call = CallOf(product);
  call.outs = outs;
  call.rectification = {};
  call.column = product.column;
  Run(kernels, call, none, product.first, nullptr, weights);
}

void MultiplyDepthwise(const RowKernels& kernels, const RowProduct& product,
                       const PackedWeights& weights) {
  const KernelCall call = {product.rows,   product.count,  product.runs,         weights.columns,
                           product.offset, product.stride, product.rectification};
  kernels.depthwise(call, weights.panels.data(), weights.bias.data(), product.out);
}

}  // namespace netdissect
