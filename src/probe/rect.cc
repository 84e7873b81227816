#include "probe/rect.h"

namespace netdissect {
namespace {

int FloorDivide(int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }
int CeilDivide(int a, int b) { return -FloorDivide(-a, b); }

}  // namespace

Interval ForwardCone(const AxisWindow& window, const Interval& changed, int output_size) {
  if (IsEmpty(changed)) return kNowhere;
  // first(o) <= end and last(o) >= start, solved for o.
  const int first =
      CeilDivide(changed.start + window.before - (window.extent() - 1), window.stride);
  const int last = FloorDivide(changed.end + window.before, window.stride);
  return Intersect(Interval{first, last}, Interval{0, output_size - 1});
}

Interval BackwardCone(const AxisWindow& window, const Interval& wanted, int input_size) {
  if (IsEmpty(wanted)) return kNowhere;
  return Intersect(Interval{window.first(wanted.start), window.last(wanted.end)},
                   Interval{0, input_size - 1});
}

Rect ForwardCone(const LayerKind& kind, const Rect& changed, const Shape& output) {
  const auto window = WindowOf(kind);
  if (!window || changed.empty()) return changed;
  return {ForwardCone(window->y, changed.y, output.height),
          ForwardCone(window->x, changed.x, output.width)};
}

Rect BackwardCone(const LayerKind& kind, const Rect& wanted, const Shape& input) {
  const auto window = WindowOf(kind);
  if (!window || wanted.empty()) return wanted;
  return {BackwardCone(window->y, wanted.y, input.height),
          BackwardCone(window->x, wanted.x, input.width)};
}

}  // namespace netdissect
