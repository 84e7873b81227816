#pragma once
// Rectangles of positions, and how they travel through a window layer.

#include <algorithm>

#include "netdissect/nn/geometry.h"
#include "netdissect/nn/window.h"

namespace netdissect {

inline bool IsEmpty(const Interval& i) { return i.end < i.start; }
inline Interval Intersect(const Interval& a, const Interval& b) {
  return {std::max(a.start, b.start), std::min(a.end, b.end)};
}
/// The smallest interval that holds both; an empty one adds nothing.
inline Interval Hull(const Interval& a, const Interval& b) {
  if (IsEmpty(a)) return b;
  if (IsEmpty(b)) return a;
  return {std::min(a.start, b.start), std::max(a.end, b.end)};
}
constexpr Interval kNowhere = {0, -1};

struct Rect {
  Interval y = kNowhere, x = kNowhere;
  bool empty() const { return IsEmpty(y) || IsEmpty(x); }
  int area() const { return empty() ? 0 : y.size() * x.size(); }
  bool Holds(int py, int px) const {
    return py >= y.start && py <= y.end && px >= x.start && px <= x.end;
  }
  /// Number of a position inside, row by row.
  int IndexOf(int py, int px) const { return (py - y.start) * x.size() + (px - x.start); }
};

inline Rect Intersect(const Rect& a, const Rect& b) {
  return {Intersect(a.y, b.y), Intersect(a.x, b.x)};
}
inline Rect Hull(const Rect& a, const Rect& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {Hull(a.y, b.y), Hull(a.x, b.x)};
}

/// Output positions (of 0 ... output_size - 1) whose windows meet the input positions `changed`.
Interval ForwardCone(const AxisWindow& window, const Interval& changed, int output_size);

/// Input positions (of 0 ... input_size - 1) that the output positions `wanted` read.
Interval BackwardCone(const AxisWindow& window, const Interval& wanted, int input_size);

/// The same for a whole layer of any kind but global ones: pointwise layers change nothing.
Rect ForwardCone(const LayerKind& kind, const Rect& changed, const Shape& output);
Rect BackwardCone(const LayerKind& kind, const Rect& wanted, const Shape& input);

}  // namespace netdissect
