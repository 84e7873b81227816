#pragma once

#include <vector>

#include "netdissect/nn/network.h"
#include "nn/rows/row_plan.h"
#include "nn/tiles/tile_map.h"

namespace netdissect {

/// Whether a step's tiles have to be whole maps.
bool NeedsWholeMaps(const Network& network, const RowStep& step);

/// The channels that a step's tiles are computed for, perhaps more than its runs; none where nobody
/// wants any.
std::vector<ChannelRun> RunsOfTiles(const Network& network, const RowStep& step);

/// Computes a step, which has channels, for `tiles` of its output and sets the output's map.
/// `maps`, by layer, has those that it reads. In LibTorch operations, on the device of the network.
void ComputeTiles(const Network& network, const RowStep& step, const Tiles& tiles,
                  std::vector<TileMap>& maps);

}  // namespace netdissect
