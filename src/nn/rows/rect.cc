#include "nn/rows/rect.h"

namespace netdissect {
namespace {

int FloorDivide(int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }
int CeilDivide(int a, int b) { return -FloorDivide(-a, b); }

}  // namespace

Range ForwardCone(const AxisWindow& window, const Range& changed, int output_size) {
  if (changed.empty()) return {};
  // first(o) <= end and last(o) >= start, solved for o.
  const int first =
      CeilDivide(changed.start + window.before - (window.extent() - 1), window.stride);
  const int last = FloorDivide(changed.end + window.before, window.stride);
  return Intersect(Range{first, last}, Range{0, output_size - 1});
}

Range BackwardCone(const AxisWindow& window, const Range& wanted, int input_size) {
  if (wanted.empty()) return {};
  return Intersect(Range{window.first(wanted.start), window.last(wanted.end)},
                   Range{0, input_size - 1});
}

Rect ForwardCone(const Reach& reach, const Rect& changed, const Shape& output) {
  if (changed.empty() || reach.of == Reach::Of::kPosition) return changed;
  if (reach.everything()) return WholeOf(output);
  return {ForwardCone(reach.window.y, changed.y, output.height),
          ForwardCone(reach.window.x, changed.x, output.width)};
}

Rect BackwardCone(const Reach& reach, const Rect& wanted, const Shape& input) {
  if (wanted.empty() || reach.of == Reach::Of::kPosition) return wanted;
  if (reach.everything()) return WholeOf(input);
  return {BackwardCone(reach.window.y, wanted.y, input.height),
          BackwardCone(reach.window.x, wanted.x, input.width)};
}

}  // namespace netdissect
