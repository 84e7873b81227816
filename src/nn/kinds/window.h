#pragma once
// What an output position of a layer sees of its input. Most kinds slide a window, in which output
// position o along an axis reads the input positions
// o * stride - before + dilation * {0, ..., kernel - 1}.

#include <algorithm>
#include <cstdint>

#include "netdissect/nn/layer.h"

namespace netdissect {

struct AxisWindow {
  int kernel = 1;
  int stride = 1;
  int dilation = 1;
  int before = 0;  // padding at the low end
  int after = 0;   // padding at the high end
  bool ceil = false;

  int extent() const { return dilation * (kernel - 1) + 1; }
  /// First input position that output position `o` reads (may lie in the padding).
  int first(int o) const { return o * stride - before; }
  int last(int o) const { return first(o) + extent() - 1; }
  /// Output size for an input of `size`; less than 1 where the window does not fit.
  int OutputSize(int size) const;
};

struct Window {
  AxisWindow y, x;
};

Window MakeWindow(const Extent& kernel, const Extent& stride, const Extent& dilation,
                  const Padding& padding, bool ceil);

/// What output positions see of an input, along one axis: position o sees the input positions
///
///   floor((o * step + low) / per) ... floor((o * step + high) / per),
///
/// nothing where the last lies before the first. A sliding window has per = 1; per > 1 is of layers
/// that put several positions where one was; step = 0 of an input of one position that all see.
struct AxisReach {
  // All positions of the input: with a step of 1 around the own position, with 0 from nowhere.
  bool everything = false;
  int64_t step = 1, per = 1;
  int64_t low = 0, high = 0;
  /// Positions of the input where what would lie beyond it is its border; 0: nothing lies beyond.
  int clamp = 0;

  int64_t first(int64_t o) const { return Clamped(FloorDivide(o * step + low, per)); }
  int64_t last(int64_t o) const { return Clamped(FloorDivide(o * step + high, per)); }
  /// The position itself, alone.
  bool position() const {
    return !everything && step == per && low == 0 && high == 0 && clamp == 0;
  }
  /// Most input positions that one position sees, of what does not see everything.
  int64_t size() const { return (high - low) / per + 1; }

  static int64_t FloorDivide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

 private:
  int64_t Clamped(int64_t i) const {
    return clamp == 0 ? i : std::clamp<int64_t>(i, 0, int64_t{clamp} - 1);
  }
};

/// Of one input of a layer.
struct Reach {
  AxisReach y, x;

  bool everything() const { return y.everything || x.everything; }
  bool position() const { return y.position() && x.position(); }

  static Reach Position() { return {}; }
  static Reach Everything();
  static Reach Within(const Window& window);
  /// Input position start + step * o, alone.
  static Reach Steps(const Extent& start, const Extent& step);
};

}  // namespace netdissect
