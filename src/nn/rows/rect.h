#pragma once
// Rectangles of positions, and how they travel through a layer.

#include <algorithm>

#include "netdissect/nn/layer.h"
#include "nn/kinds/window.h"

namespace netdissect {

/// Positions start ... end along an axis, empty where end < start.
struct Range {
  int start = 0;
  int end = -1;
  int size() const { return end - start + 1; }
  bool empty() const { return end < start; }
};

inline Range Intersect(const Range& a, const Range& b) {
  return {std::max(a.start, b.start), std::min(a.end, b.end)};
}
/// The smallest range that holds both; an empty one adds nothing.
inline Range Hull(const Range& a, const Range& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.start, b.start), std::max(a.end, b.end)};
}

struct Rect {
  Range y, x;
  bool empty() const { return y.empty() || x.empty(); }
  int area() const { return empty() ? 0 : y.size() * x.size(); }
  bool Holds(int py, int px) const {
    return py >= y.start && py <= y.end && px >= x.start && px <= x.end;
  }
  /// Number of a position inside, row by row.
  int IndexOf(int py, int px) const { return (py - y.start) * x.size() + (px - x.start); }
};

inline bool operator==(const Rect& a, const Rect& b) {
  return a.y.start == b.y.start && a.y.end == b.y.end && a.x.start == b.x.start &&
         a.x.end == b.x.end;
}
inline Rect Intersect(const Rect& a, const Rect& b) {
  return {Intersect(a.y, b.y), Intersect(a.x, b.x)};
}
inline Rect Hull(const Rect& a, const Rect& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {Hull(a.y, b.y), Hull(a.x, b.x)};
}
inline Rect WholeOf(const Shape& shape) { return {{0, shape.height - 1}, {0, shape.width - 1}}; }

/// The output positions (of 0 ... output_size - 1) that see one of the input positions `changed`,
/// as the smallest range that holds them.
Range ForwardCone(const AxisReach& reach, const Range& changed, int output_size);

/// Input positions (of 0 ... input_size - 1) that the output positions `wanted` see.
Range BackwardCone(const AxisReach& reach, const Range& wanted, int input_size);

/// The same for a layer and one of its inputs.
Rect ForwardCone(const Reach& reach, const Rect& changed, const Shape& output);
Rect BackwardCone(const Reach& reach, const Rect& wanted, const Shape& input);

}  // namespace netdissect
