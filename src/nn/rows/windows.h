#pragma once
// Where some changed images ("items") differ from an unchanged one: a window a layer. Activations
// are kept as rows: all channels of a position beside each other (Y, X, C).

#include <cstdint>
#include <vector>

#include "nn/rows/channels.h"
#include "nn/rows/rect.h"

namespace netdissect {

/// The unchanged image's activations, by layer; empty where not computed.
using BaseMaps = std::vector<std::vector<float>>;

/// One layer's recomputed windows for a number of items; what lies outside them is as in the base.
struct Windows {
  std::vector<Rect> stored;   // by item: the layout of its values
  std::vector<Rect> changed;  // by item: the part that differs from the base; what readers look up
  std::vector<int64_t> offsets;  // by item: of its first row in `values`, in rows
  std::vector<float> values;

  /// Empty windows, one for each of the items.
  void Begin(size_t items) {
    stored.assign(items, Rect{});
    changed.assign(items, Rect{});
    offsets.assign(items, 0);
  }
};

/// Where a layer's rows are read from.
struct RowSource {
  const float* base = nullptr;
  const Windows* windows = nullptr;  // none: the base alone
  int height = 0, width = 0, channels = 0;
  int64_t apart = 0;  // floats from an item's base to the next one's; 0: one base for all

  const float* Row(int item, int y, int x) const {
    if (windows != nullptr) {
      const auto i = static_cast<size_t>(item);
      if (windows->changed[i].Holds(y, x)) {
        return windows->values.data() +
               (windows->offsets[i] + windows->stored[i].IndexOf(y, x)) * channels;
      }
    }
    return BaseRow(item, y, x);
  }

  /// As it was before anything changed.
  const float* BaseRow(int item, int y, int x) const {
    return base + item * apart + (int64_t{y} * width + x) * channels;
  }
};

/// Shrinks each window to the rows and columns in which some channel of `wanted` did change. `base`
/// is the layer's unchanged source.
void CutBack(const RowSource& base, const ChannelRun& wanted, Windows& windows);

}  // namespace netdissect
