#pragma once
// Rectangles of positions, all of one size, one for each of N items at a place of its own.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "netdissect/nn/layer.h"
#include "nn/kinds/window.h"

namespace netdissect {

struct Tiles {
  int height = 0, width = 0;
  std::vector<int64_t> y, x;    // by item: first row and column, which may lie beyond a border
  at::Tensor first_y, first_x;  // the same, (N) int64 on the device of what is computed

  int64_t items() const { return static_cast<int64_t>(y.size()); }
  /// Of all items.
  int64_t positions() const { return items() * height * width; }
  /// (N, height) and (N, width): the rows and columns of each item's tile.
  at::Tensor Rows() const;
  at::Tensor Columns() const;
};

bool operator==(const Tiles& a, const Tiles& b);

/// All positions of a map.
Tiles WholeTiles(const Shape& shape, int64_t items, const at::Device& device);

/// What the positions of `tiles` see of an input, of a reach that moves by whole positions
/// (per = 1, no clamp, not everything).
Tiles SeenBy(const Tiles& tiles, const Reach& reach);
/// Their size alone: what tiles of `height` and `width` see.
Extent ExtentSeenBy(int height, int width, const Reach& reach);

}  // namespace netdissect
