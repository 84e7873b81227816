#pragma once
// What a kind of layer is given to compute tiles of its output.

#include <ATen/core/Tensor.h>

#include <vector>

#include "netdissect/nn/layer.h"
#include "nn/rows/channels.h"
#include "nn/tiles/tiles.h"

namespace netdissect {

struct TileTask {
  std::vector<at::Tensor> inputs;       // (N, C, h, w): what the tiles' positions see and no more
  std::vector<Shape> shapes;            // of the inputs' whole maps
  const Shape& output;                  // of the layer's whole map
  const Tiles& tiles;                   // of the output
  const std::vector<ChannelRun>& runs;  // of output channels, those of a run in one group; others
                                        // may be anything, and are 0 where they are left out

  /// (C, h, w) of an item's tile.
  Shape shape() const { return {output.units, tiles.height, tiles.width}; }
};

}  // namespace netdissect
