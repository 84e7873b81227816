#pragma once
// One unit's discrepancy maps of several images on one canvas (step 3 of an empirical receptive
// field), whose averages over some of the images, or over images drawn again, say how much its size
// depends on them.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "netdissect/nn/geometry.h"

namespace netdissect {

class CalibratedMaps {
 public:
  /// For at most `images` maps; the canvas is in pixels of the image in which the unit is read at a
  /// position without a shift, which is 0 unless the unit sees everything.
  CalibratedMaps(const ReceptiveField& field, const Interval& canvas_y, const Interval& canvas_x,
                 int64_t images);

  /// The next image's `map` (H, W) float32, where the unit was read at (y, x); `covered` is 1 where
  /// a map has a value at all, 0 elsewhere.
  void Add(const at::Tensor& map, const at::Tensor& covered, int y, int x);

  /// (canvas height, canvas width): each pixel's mean over those of the first `images` maps that
  /// have a value there, 0 where none has.
  at::Tensor Mean(int64_t images) const;

  /// The standard deviation of the size at `threshold` over `resamples` bootstrap samples of the
  /// images: as many, drawn with replacement. 0 of a single image.
  double SizeDeviation(double threshold, int resamples, uint64_t seed) const;

 private:
  const ReceptiveField field_;
  const Interval canvas_y_, canvas_x_;
  int64_t count_ = 0;
  at::Tensor maps_, covered_;  // (images, canvas height, canvas width)
};

/// Step 4 for `pixels` values: the square root of the number that exceed `threshold` times the
/// largest; 0 where none is positive.
double SizeOf(const float* map, int64_t pixels, double threshold);

}  // namespace netdissect
