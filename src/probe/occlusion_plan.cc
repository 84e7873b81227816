// What the engines would compute, counted.

#include "netdissect/probe/incremental.h"
#include "netdissect/probe/operators.h"
#include "nn/summary.h"
#include "probe/grouping.h"
#include "probe/program.h"
#include "probe/tile_layout.h"

namespace netdissect {

namespace {

// What does not depend on the engine.
OcclusionPlan PlanOfPairs(const Network& network, const OccluderSet& occluders,
                          const std::vector<UnitPosition>& units) {
  OcclusionPlan plan;
  plan.pairs = static_cast<int64_t>(units.size());
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  const auto positions = static_cast<double>(occluders.rows()) * occluders.columns();
  for (const UnitPosition& unit : units) {
    double macs = 0;
    for (int layer : network.Needed({unit.layer})) {
      macs += static_cast<double>(MultiplyAdds(network, layer));
    }
    plan.full_macs += positions * macs;
    plan.occluders += occluders.CountMeeting(fields[At(unit.layer)], unit.y, unit.x);
  }
  return plan;
}

}  // namespace

OcclusionPlan& OcclusionPlan::operator+=(const OcclusionPlan& other) {
  pairs += other.pairs;
  occluders += other.occluders;
  windows += other.windows;
  groups += other.groups;
  macs += other.macs;
  full_macs += other.full_macs;
  return *this;
}

OcclusionPlan PlanOcclusion(const Network& network, const OccluderSet& occluders,
                            const std::vector<UnitPosition>& units,
                            const IncrementalOptions& options) {
  OcclusionPlan plan = PlanOfPairs(network, occluders, units);
  for (const std::vector<size_t>& group : GroupUnits(network, occluders, units, options.share)) {
    ++plan.groups;
    const Program program = Compile(network, MembersOf(units, group));
    double upper = 0;
    for (int layer : program.plan.upper) upper += static_cast<double>(MultiplyAdds(network, layer));
    for (int row = 0; row < occluders.rows(); ++row) {
      for (int column = 0; column < occluders.columns(); ++column) {
        const Rect patch = PatchOf(occluders, row, column);
        if (program.See(0, patch).empty()) continue;
        ++plan.windows;
        plan.macs += static_cast<double>(CountMultiplyAdds(network, program, patch)) + upper;
      }
    }
  }
  return plan;
}

OcclusionPlan PlanOperators(const Network& network, const OccluderSet& occluders,
                            const std::vector<UnitPosition>& units,
                            const OperatorOptions& options) {
  OcclusionPlan plan = PlanOfPairs(network, occluders, units);
  const int64_t left = options.memory - HeldBytes(network, occluders, units);
  for (const std::vector<size_t>& group : GroupUnits(network, occluders, units, options.share)) {
    ++plan.groups;
    const Program program = Compile(network, MembersOf(units, group), StepsOf::kAll);
    const TileLayout layout(network, program, occluders);
    for (const std::vector<GridCell>& batch : layout.Batches(left, network.device())) {
      plan.windows += static_cast<int64_t>(batch.size());
      plan.macs += static_cast<double>(layout.MultiplyAdds(batch));
    }
  }
  return plan;
}

}  // namespace netdissect
