#pragma once
// The sliding window of convolutions and poolings: output position o along an axis reads the input
// positions o * stride - before + dilation * {0, ..., kernel - 1}.

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

/// Nothing where the layer has no window: it is pointwise or sees everything.
std::optional<Window> WindowOf(const LayerKind& kind);

/// True of layers whose every output sees all positions of the input: inner products, flattening,
/// global poolings.
bool IsGlobal(const LayerKind& kind);

}  // namespace netdissect
