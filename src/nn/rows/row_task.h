#pragma once
// What a kind of layer is given to compute rows of its output: some channels at some positions of
// some items.

#include <algorithm>
#include <memory>
#include <vector>

#include "netdissect/nn/layer.h"
#include "nn/rows/channels.h"
#include "nn/rows/row_product.h"
#include "nn/rows/windows.h"

namespace netdissect {

/// Positions of an item to compute; their rows follow each other, rectangle after rectangle.
struct Span {
  int item = 0;
  Rect rect;
};

/// Memory that a thread works in, and what it has done.
struct Scratch {
  std::vector<const float*> pointers;
  std::vector<float> tiles;
  std::vector<float> row;
  std::vector<float> zeros;
  AlignedFloats transformed;  // Winograd's
  std::vector<float*> outs;
  int64_t macs = 0;

  /// At least so many zeros, until it is asked for more.
  const float* Zeros(size_t count) {
    if (zeros.size() < count) zeros.assign(count, 0.0f);
    return zeros.data();
  }
  double product_seconds = 0;  // in matrix products
};

/// A run of output channels, and what it is multiplied by where its kind has a matrix.
struct PackedRun {
  ChannelRun channels;
  std::shared_ptr<const PackedWeights> weights;
};

struct RowTask {
  const RowKernels& kernels;
  const Shape& output;                    // of the layer
  const std::vector<RowSource>& sources;  // the layer's inputs
  const std::vector<Span>& spans;
  const std::vector<PackedRun>& runs;  // of output channels; what lies between may be written, too
  ChannelRun hull;                     // of them all
  Rectification rectification;         // on the way
  float* out = nullptr;
  ptrdiff_t pitch = 0;  // floats from a row of `out` to the next one
  Scratch& scratch;
  // Of kinds that sum up what changes: all rows (Y, X, C) of the layer for the unchanged image,
  // before rectification. Null where all is computed anew.
  const float* unchanged = nullptr;
};

template <typename Visit>
void ForEachPosition(const std::vector<Span>& spans, const Visit& visit) {
  for (const Span& span : spans) {
    for (int y = span.rect.y.start; y <= span.rect.y.end; ++y) {
      for (int x = span.rect.x.start; x <= span.rect.x.end; ++x) visit(span.item, y, x);
    }
  }
}

/// `compute(row, out)` for layers that look at one position of one input: `row` holds all its
/// channels, `out` begins with the hull.
template <typename Compute>
void ForEachRow(const RowTask& task, const Compute& compute) {
  float* out = task.out + task.hull.first;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    compute(task.sources.front().Row(item, y, x), out);
    out += task.pitch;
  });
}

/// `compute(rows, out)` for layers that combine inputs element by element: `rows` are those of all
/// inputs and begin with the hull, as `out` does. An input of one position is the same at all, one
/// of one channel is widened.
template <typename Compute>
void ForEachRowOfAll(const RowTask& task, const Compute& compute) {
  const auto count = static_cast<size_t>(task.hull.count);
  std::vector<const float*> rows(task.sources.size());
  task.scratch.row.resize(rows.size() * count);
  float* out = task.out + task.hull.first;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    for (size_t k = 0; k < rows.size(); ++k) {
      const RowSource& source = task.sources[k];
      const float* row = source.Row(item, source.height == 1 ? 0 : y, source.width == 1 ? 0 : x);
      if (source.channels == task.output.units) {
        rows[k] = row + task.hull.first;
      } else {
        rows[k] = task.scratch.row.data() + k * count;
        std::fill_n(task.scratch.row.data() + k * count, count, *row);
      }
    }
    compute(rows, out);
    out += task.pitch;
  });
}

int64_t CountRows(const std::vector<Span>& spans);

}  // namespace netdissect
