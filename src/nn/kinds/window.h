#pragma once
// What an output position of a layer sees of its input: the position alone, everything, or a
// sliding window, in which output position o along an axis reads the input positions
// o * stride - before + dilation * {0, ..., kernel - 1}.

#include <cstdint>
#include <optional>

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

struct Reach {
  enum class Of { kPosition, kWindow, kEverything };
  Of of = Of::kPosition;
  Window window;  // of kWindow

  static Reach Position() { return {Of::kPosition, {}}; }
  static Reach Everything() { return {Of::kEverything, {}}; }
  static Reach Within(const Window& window) { return {Of::kWindow, window}; }
  bool everything() const { return of == Of::kEverything; }
};

}  // namespace netdissect
