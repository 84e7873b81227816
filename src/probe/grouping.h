#pragma once

#include <vector>

#include "netdissect/probe/occlusion.h"

namespace netdissect {

/// Units of one image, as indices into `units`, that are best recomputed together: those at one
/// position, and neighbours as long as a common recomputation costs less than two.
std::vector<std::vector<size_t>> GroupUnits(const Network& network, const OccluderSet& occluders,
                                            const std::vector<UnitPosition>& units, bool share);

/// The units of a group.
std::vector<UnitPosition> MembersOf(const std::vector<UnitPosition>& units,
                                    const std::vector<size_t>& group);

/// Pixels that an occluder covers.
struct Rect;
Rect PatchOf(const OccluderSet& occluders, int row, int column);

}  // namespace netdissect
