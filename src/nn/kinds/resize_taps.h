#pragma once
// Where the positions of a resized axis lie on the axis below, and what they take from it.

#include <ATen/core/Tensor.h>

#include <vector>

#include "nn/kinds/resize.h"
#include "nn/kinds/window.h"

namespace netdissect {

/// For each of `output` positions along an axis, `taps` positions of the input with their weights.
class ResizeTaps {
 public:
  ResizeTaps(const Resize& resize, int input, int output, float scale);

  int taps;
  int position(int o, int tap) const { return positions_[Index(o, tap)]; }
  float weight(int o, int tap) const { return weights_[Index(o, tap)]; }

  /// Of one tap, for all positions.
  at::Tensor Positions(int tap) const;
  at::Tensor Weights(int tap) const;

 private:
  size_t Index(int o, int tap) const {
    return static_cast<size_t>(o) * static_cast<size_t>(taps) + static_cast<size_t>(tap);
  }
  std::vector<int> positions_;
  std::vector<float> weights_;
};

/// What the taps reach, or a little more where the scale is not that of the sizes.
AxisReach ResizeReach(const Resize& resize, int input, int output, float scale);

}  // namespace netdissect
