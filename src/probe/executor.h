#pragma once
// Computes a step of a program at some positions of some occluded images ("items"). Activations are
// kept as rows: all channels of a position beside each other (Y, X, C).

#include <vector>

#include "probe/program.h"

namespace netdissect {

/// The unoccluded image's activations, by layer; empty where not computed.
using BaseMaps = std::vector<std::vector<float>>;

/// One layer's recomputed windows for a number of items; what lies outside them is as in the base.
struct Windows {
  std::vector<Rect> stored;   // by item: the layout of its values
  std::vector<Rect> changed;  // by item: the part that differs from the base; what readers look up
  std::vector<int64_t> offsets;  // by item: of its first row in `values`, in rows
  std::vector<float> values;
};

/// Where a layer's rows are read from.
struct RowSource {
  const float* base = nullptr;
  const Windows* windows = nullptr;  // none: the base alone
  int height = 0, width = 0, channels = 0;

  const float* Row(int item, int y, int x) const {
    if (windows != nullptr) {
      const auto i = static_cast<size_t>(item);
      if (windows->changed[i].Holds(y, x)) {
        return windows->values.data() +
               (windows->offsets[i] + windows->stored[i].IndexOf(y, x)) * channels;
      }
    }
    return base + (int64_t{y} * width + x) * channels;
  }
};

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
  int64_t macs = 0;
  double product_seconds = 0;  // in matrix products
};

/// Writes the step's rows for `spans` to `out`, of the step's channels that are wanted. `sources`
/// are the layer's inputs.
void Execute(const Network& network, const Program& program, const Step& step,
             const std::vector<RowSource>& sources, const std::vector<Span>& spans, float* out,
             Scratch& scratch);

}  // namespace netdissect
