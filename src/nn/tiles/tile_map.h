#pragma once
// A layer's activations for a number of items that differ from one base in a tile each. On any
// device; kept as rows: all channels of a position beside each other.

#include <ATen/core/Tensor.h>

#include "netdissect/nn/layer.h"
#include "nn/tiles/tiles.h"

namespace netdissect {

/// (1 + H * W, C) of a map (1, C, H, W): what a TileMap is made of. The first row is for what lies
/// beyond the map's borders.
at::Tensor BaseRows(const at::Tensor& map);

class TileMap {
 public:
  TileMap() = default;
  TileMap(const Shape& shape, at::Tensor base) : shape_(shape), base_(std::move(base)) {}

  /// All items are as the base.
  void Clear();

  /// The items' tiles, which lie inside the map, are `values` (N, C, h, w).
  void Set(Tiles tiles, const at::Tensor& values);

  /// (N, C, h, w) in channels-last memory: what `wanted` hold, `surroundings` beyond the borders.
  at::Tensor Read(const Tiles& wanted, float surroundings);

  bool is_base() const { return !values_.defined(); }
  const Tiles& tiles() const { return tiles_; }
  /// (N * h * w, C): of the tiles.
  const at::Tensor& values() const { return values_; }

 private:
  at::Tensor RowNumbers(const Tiles& wanted) const;

  Shape shape_;
  at::Tensor base_;
  Tiles tiles_;
  at::Tensor values_;
  at::Tensor rows_;  // once they are read: those of the base, and after them the tiles'
};

}  // namespace netdissect
