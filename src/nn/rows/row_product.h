#pragma once
// Matrix products of gathered rows, the heart of incremental inference on a CPU.
//
// A row of the left matrix is the input of one output position: `runs` pieces of `length`
// contiguous floats, each found by a pointer (a tap of a convolution is a piece: it points into an
// occluder's window, into the unoccluded map, or at zeros). So nothing is gathered into a matrix
// first:
//
//   out[m][n] = bias[n] + sum over r < runs, k < length of rows[m * runs + r][offset + k] * w[n][r
//   * length + k]
//
// then rectified, where that is asked for.
//
// The sum runs in the order of k, whatever the number of rows, so a row's result does not depend on
// the rows beside it: inputs that did not change give outputs that did not change, to the bit.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nn/rows/row_kernels.h"

namespace netdissect {

/// Floats on 64-byte boundaries.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  explicit AlignedFloats(size_t count) : storage_(count + kSlack), count_(count) {}
  float* data() { return Align(storage_.data()); }
  const float* data() const { return Align(const_cast<float*>(storage_.data())); }
  size_t size() const { return count_; }

 private:
  static constexpr size_t kSlack = 16;
  static float* Align(float* p) {
    const uintptr_t past = reinterpret_cast<uintptr_t>(p) % 64;
    return past == 0 ? p : p + (64 - past) / sizeof(float);
  }
  std::vector<float> storage_;
  size_t count_ = 0;
};

/// Right matrix, in the layout of the kernels that it is made for: panels of `vectors` * 16
/// columns, each [k][column].
struct PackedWeights {
  int columns = 0;
  int depth = 0;    // runs * length
  int vectors = 0;  // of 16 columns in a panel; 0: few columns, weights are [column][k]
  AlignedFloats panels;
  AlignedFloats bias;  // padded to whole panels

  int64_t bytes() const {
    return static_cast<int64_t>((panels.size() + bias.size()) * sizeof(float));
  }
};

/// `weight(column, k)` gives the matrix, `bias(column)` the bias.
template <typename Weight, typename Bias>
PackedWeights PackWeights(const RowKernels& kernels, int columns, int depth, const Weight& weight,
                          const Bias& bias);

struct RowProduct {
  const float* const* rows = nullptr;  // (count, runs) pointers
  int64_t count = 0;
  int runs = 0;
  int length = 0;
  ptrdiff_t offset = 0;  // added to every pointer
  int first = 0;         // of the weights' depth, where the product begins
  float* out = nullptr;  // (count, columns), rows `stride` floats apart
  ptrdiff_t column = 0;  // of Add: of the first one in its rows
  ptrdiff_t stride = 0;
  Rectification rectification;
};

/// `weights` are packed for the same kernels.
void Multiply(const RowKernels& kernels, const RowProduct& product, const PackedWeights& weights);

/// Adds what `product` gives, without a bias, to rows that are found by pointers: `outs` (count) of
/// the first column. For products that are parts of sums; nothing is rectified.
void Add(const RowKernels& kernels, const RowProduct& product, float* const* outs,
         const PackedWeights& weights);

/// The same as Multiply for layers in which each channel is weighed by itself: `weights` are
/// [run][column], the input of a column is rows[m * runs + r][offset + column].
void MultiplyDepthwise(const RowKernels& kernels, const RowProduct& product,
                       const PackedWeights& weights);

/// Panel width, in vectors of 16 columns, that the kernels take for so many columns.
int PanelVectors(const RowKernels& kernels, int columns);

template <typename Weight, typename Bias>
PackedWeights PackWeights(const RowKernels& kernels, int columns, int depth, const Weight& weight,
                          const Bias& bias) {
  PackedWeights packed;
  packed.columns = columns;
  packed.depth = depth;
  packed.vectors = PanelVectors(kernels, columns);
  packed.bias = AlignedFloats(static_cast<size_t>(columns) + 64);
  for (int column = 0; column < columns; ++column) packed.bias.data()[column] = bias(column);
  if (packed.vectors == 0) {
    packed.panels = AlignedFloats(static_cast<size_t>(columns) * static_cast<size_t>(depth));
    float* out = packed.panels.data();
    for (int column = 0; column < columns; ++column) {
      for (int k = 0; k < depth; ++k) *out++ = weight(column, k);
    }
    return packed;
  }
  const int width = packed.vectors * 16;
  const int panels = (columns + width - 1) / width;
  packed.panels = AlignedFloats(static_cast<size_t>(panels) * static_cast<size_t>(depth) *
                                static_cast<size_t>(width));
  float* out = packed.panels.data();
  for (int panel = 0; panel < panels; ++panel) {
    for (int k = 0; k < depth; ++k) {
      for (int i = 0; i < width; ++i) {
        const int column = panel * width + i;
        *out++ = column < columns ? weight(column, k) : 0.0f;
      }
    }
  }
  return packed;
}

}  // namespace netdissect
