#pragma once
// Responses of many units on one image, in parts: each is of the whole grid of occluders until it
// is cut to what changes, and all of them together may be larger than memory.

#include <cstdint>
#include <functional>
#include <vector>

#include "netdissect/probe/occlusion.h"

namespace netdissect {

using ResponseSink = std::function<void(size_t index, const OcclusionResponse& response)>;

/// Hands out the response of each of `units`, in their order, to `image` (3, H, W), preprocessed.
/// So many are asked for together as fit `memory`, bytes; one at least.
void RespondWithin(int64_t memory, OcclusionEngine& engine, const OccluderSet& occluders,
                   const at::Tensor& image, const std::vector<UnitPosition>& units,
                   const ResponseSink& sink);

}  // namespace netdissect
