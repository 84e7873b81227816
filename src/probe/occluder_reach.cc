#include "probe/occluder_reach.h"

namespace netdissect {
namespace {

// What one axis of rectangles, shapes and reaches is.
struct Vertical {
  static const Range& Of(const Rect& rect) { return rect.y; }
  static const AxisReach& Of(const Reach& reach) { return reach.y; }
  static int SizeOf(const Shape& shape) { return shape.height; }
};

struct Horizontal {
  static const Range& Of(const Rect& rect) { return rect.x; }
  static const AxisReach& Of(const Reach& reach) { return reach.x; }
  static int SizeOf(const Shape& shape) { return shape.width; }
};

template <typename Axis>
Range SeenAlong(const Program& program, int layer, const Range& reached) {
  Range seen;
  for (const Rect& rect : program.sight[At(layer)]) {
    seen = Hull(seen, Intersect(Axis::Of(rect), reached));
  }
  return seen;
}

// Of `count` occluders along the axis, by step.
template <typename Axis>
std::vector<std::vector<Range>> ReachedAlong(const Network& network, const Program& program,
                                             const OccluderSet& occluders, int count) {
  std::vector<std::vector<Range>> by_step(program.plan.steps.size());
  std::vector<Range> reached(At(network.size()));
  for (int i = 0; i < count; ++i) {
    std::fill(reached.begin(), reached.end(), Range{});
    const int first = i * occluders.stride();
    reached[0] = SeenAlong<Axis>(program, 0, {first, first + occluders.patch() - 1});
    for (size_t s = 0; s < by_step.size(); ++s) {
      const RowStep& step = program.plan.steps[s];
      const Layer& layer = network.layer(step.layer);
      Range cone;
      for (size_t k = 0; k < layer.inputs.size(); ++k) {
        cone = Hull(cone, ForwardCone(Axis::Of(step.reaches[k]), reached[At(layer.inputs[k])],
                                      Axis::SizeOf(layer.shape)));
      }
      reached[At(step.output)] = SeenAlong<Axis>(program, step.output, cone);
      by_step[s].push_back(reached[At(step.output)]);
    }
  }
  return by_step;
}

}  // namespace

OccluderReach ReachOfOccluders(const Network& network, const Program& program,
                               const OccluderSet& occluders) {
  return {ReachedAlong<Vertical>(network, program, occluders, occluders.rows()),
          ReachedAlong<Horizontal>(network, program, occluders, occluders.columns())};
}

}  // namespace netdissect
