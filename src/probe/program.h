#pragma once
// What has to be recomputed for some units of one image: the steps, in order, with the positions
// and channels that the units can see. The backward half of incremental inference; the forward
// half, what an occluder can change, is followed while it runs. Geometry alone.

#include <vector>

#include "netdissect/probe/occlusion.h"
#include "nn/kinds/kind.h"
#include "nn/rows/rect.h"
#include "nn/rows/row_plan.h"

namespace netdissect {

struct Program {
  std::vector<UnitPosition> units;
  RowPlan plan;
  std::vector<std::vector<Rect>> sight;  // [layer]: what each unit sees of it; distinct ones only
  std::vector<std::vector<int>> done;    // [step]: layers that nobody reads after it

  /// What the units can see of what a change reaches.
  Rect See(int layer, const Rect& reached) const {
    Rect seen;
    for (const Rect& rect : sight[At(layer)]) seen = Hull(seen, Intersect(rect, reached));
    return seen;
  }
};

Program Compile(const Network& network, const std::vector<UnitPosition>& units,
                StepsOf steps = StepsOf::kRows);

/// All channels of what the units need, for all positions of an image.
RowPlan PlanWhole(const Network& network, const std::vector<UnitPosition>& units,
                  StepsOf steps = StepsOf::kRows);

/// What a step computes where its layer's inputs have changed in `changed`, by layer.
template <typename Changed>
Rect ReachOf(const Network& network, const Program& program, const RowStep& step,
             const Changed& changed) {
  const Layer& layer = network.layer(step.layer);
  Rect cone;
  for (size_t k = 0; k < layer.inputs.size(); ++k) {
    cone = Hull(cone, ForwardCone(step.reaches[k], changed(layer.inputs[k]), layer.shape));
  }
  return program.See(step.output, cone);
}

/// What each step computes for one occluder, `patch` being the pixels that it covers, if all that
/// it can change did.
std::vector<Rect> ReachedBy(const Network& network, const Program& program, const Rect& patch);

/// Multiply-adds of one occluder's steps, `patch` being the pixels that it covers.
int64_t CountMultiplyAdds(const Network& network, const Program& program, const Rect& patch);

}  // namespace netdissect
