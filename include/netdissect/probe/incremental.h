#pragma once
// Exact incremental occlusion: the reference engine's answers without its full forward passes.
//
// For one occluder and one unit at position p, a layer has to be recomputed only where the
// occluder's forward cone (what it can change) meets p's backward cone (what p can see), and only
// in the channels that lead to the unit. All else is read from the activations of the unoccluded
// image. Both cones are rectangles given by kernel, stride, dilation and padding; the forward cone
// is cut back further, while it runs, to what did change: rectification and max pooling swallow
// many changes.
//
// The windows of many occluders are multiplied together, a convolution's taps being found by
// pointers, so that matrix products are dense though windows are small. Convolutions are linear: to
// the unchanged image's sums is added what the changed positions give, tap by tap, so that of a
// window's taps only those that fall on a change are multiplied. Units of one image whose cones
// overlap share one recomputation where that is cheaper. Above what sees everything (global
// pooling, a gate) the windows are whole maps, summed up anew: the same kernels compute these in
// less time than LibTorch's full passes take. A fully connected layer that sees several positions,
// and what stands on it, is computed whole, in batches.
//
// Exact: every value is the sum that a full pass takes, in another order and hence with other
// rounding at most. Unchanged inputs give unchanged outputs to the bit.

#include <memory>

#include "netdissect/base/public.h"
#include "netdissect/probe/occlusion.h"

namespace netdissect NETDISSECT_PUBLIC {

struct IncrementalOptions {
  int64_t memory = int64_t{2} << 30;  // bytes: bound on activations, windows and packed weights
  int threads = 0;                    // 0: as many as LibTorch's
  bool share = true;                  // units of one image share what their cones share
  bool cut = true;                    // cones are cut back to what did change

  /// Error where an option is out of range.
  void Validate() const;
};

/// What a call of Respond would cost, from geometry alone.
struct OcclusionPlan {
  int64_t pairs = 0;
  int64_t occluders = 0;  // summed over pairs: those that the unit can see
  int64_t windows = 0;    // occluders recomputed: shared ones count once
  int64_t groups = 0;     // sets of units that are recomputed together
  double macs = 0;        // multiply-adds of their windows, before any change dies
  double full_macs = 0;   // of full passes to the layer at every occluder's position

  OcclusionPlan& operator+=(const OcclusionPlan& other);
};

/// An engine on the CPU: the network's weights are read once, from any device. Both arguments must
/// outlive the engine. Error where `memory` cannot hold one image's activations and the packed
/// weights.
std::unique_ptr<OcclusionEngine> MakeIncrementalEngine(const Network& network,
                                                       const OccluderSet& occluders,
                                                       const IncrementalOptions& options = {});

/// The plan for units that are read on one image.
OcclusionPlan PlanOcclusion(const Network& network, const OccluderSet& occluders,
                            const std::vector<UnitPosition>& units,
                            const IncrementalOptions& options = {});

}  // namespace netdissect
