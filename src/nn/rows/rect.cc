#include "nn/rows/rect.h"

namespace netdissect {

Range ForwardCone(const AxisReach& reach, const Range& changed, int output_size) {
  if (changed.empty()) return {};
  const Range all = {0, output_size - 1};
  if (reach.everything) return all;
  // first(o) <= changed.end and last(o) >= changed.start, solved for o. The border is seen from
  // beyond, too.
  const bool from_low = reach.clamp > 0 && changed.start <= 0;
  const bool from_high = reach.clamp > 0 && changed.end >= reach.clamp - 1;
  const int64_t most = changed.end * reach.per + reach.per - 1 - reach.low;
  const int64_t least = changed.start * reach.per - reach.high;
  if (reach.step == 0) {
    const bool seen = (most >= 0 || from_high) && (least <= 0 || from_low);
    return seen ? all : Range{};
  }
  const auto bounded = [&](int64_t o) {
    return static_cast<int>(std::clamp<int64_t>(o, -1, output_size));
  };
  Range cone = all;
  if (!from_high) cone.end = bounded(AxisReach::FloorDivide(most, reach.step));
  if (!from_low) cone.start = bounded(-AxisReach::FloorDivide(-least, reach.step));
  return Intersect(cone, all);
}

Range BackwardCone(const AxisReach& reach, const Range& wanted, int input_size) {
  if (wanted.empty()) return {};
  if (reach.everything) return {0, input_size - 1};
  const auto bounded = [&](int64_t i) {
    return static_cast<int>(std::clamp<int64_t>(i, -1, input_size));
  };
  return Intersect(Range{bounded(reach.first(wanted.start)), bounded(reach.last(wanted.end))},
                   Range{0, input_size - 1});
}

Rect ForwardCone(const Reach& reach, const Rect& changed, const Shape& output) {
  if (changed.empty()) return {};
  if (reach.position()) return Intersect(changed, WholeOf(output));
  return {ForwardCone(reach.y, changed.y, output.height),
          ForwardCone(reach.x, changed.x, output.width)};
}

Rect BackwardCone(const Reach& reach, const Rect& wanted, const Shape& input) {
  if (wanted.empty()) return {};
  if (reach.position()) return Intersect(wanted, WholeOf(input));
  return {BackwardCone(reach.y, wanted.y, input.height),
          BackwardCone(reach.x, wanted.x, input.width)};
}

}  // namespace netdissect
