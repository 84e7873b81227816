#pragma once
// Exact incremental occlusion by LibTorch's operations, on the device that the network is on: the
// incremental engine's plan (probe/incremental.h), carried out for devices that are fast at few and
// large operations.
//
// Of many occluders together, each layer is computed as one batch of tiles: rectangles of one size,
// each where its occluder can change what the units see. What a tile reads is gathered from the
// tiles of the layers below, and around them from the activations of the unoccluded image, by
// indices that are computed on the device from geometry alone. A layer of a kind that cannot be
// computed on tiles is computed on whole maps, and the layers above it on tiles again.
//
// Every value is the same sum that a full pass takes, in another order of rounding. Where an
// occluder changes nothing that a unit sees, its change is 0 up to rounding, and exactly 0 where
// the unit's theoretical receptive field does not meet it.
//
// On CUDA devices LibTorch may round convolutions' operands to TF32, three decimal digits, unless
// the process has told it otherwise (at::globalContext().setAllowTF32CuDNN).

#include <cstdint>
#include <memory>
#include <vector>

#include "netdissect/base/public.h"
#include "netdissect/probe/incremental.h"
#include "netdissect/probe/occlusion.h"

namespace netdissect NETDISSECT_PUBLIC {

struct OperatorOptions {
  int64_t memory = int64_t{2} << 30;  // bytes of the device: bound on activations, without the
                                      // network's weights and what operations take for themselves
  bool share = true;                  // units of one image share what their cones share

  /// Error where an option is out of range.
  void Validate() const;
};

/// Both arguments must outlive the engine. Respond throws an Error where `memory` cannot hold one
/// image's activations and the occluders' pixels.
std::unique_ptr<OcclusionEngine> MakeOperatorEngine(const Network& network,
                                                    const OccluderSet& occluders,
                                                    const OperatorOptions& options = {});

/// The plan for units that are read on one image. Tiles are counted as large as they are computed:
/// multiply-adds are more than the incremental engine's, whose windows have sizes of their own.
OcclusionPlan PlanOperators(const Network& network, const OccluderSet& occluders,
                            const std::vector<UnitPosition>& units,
                            const OperatorOptions& options = {});

}  // namespace netdissect
