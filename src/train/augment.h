#pragma once
// Variations of an image by which training sees more than its images:
//
//   input = (contrast * (squash(crop(image)) - 128) + 128 + brightness - mean) * scale,
//
// mirrored half of the time. The crop's height and width are each a random fraction of the image's,
// its place is random; squash as in data/preprocess.h. Krizhevsky et al. (2012) crop 224 of 256
// pixels and mirror.

#include <opencv2/core.hpp>
#include <vector>

#include "base/random.h"
#include "netdissect/data/preprocess.h"

namespace netdissect {

struct AugmentOptions {
  double crop = 0.6;    // least side of the crop, as a fraction of the image's, in (0, 1]; 1 = none
  bool mirror = true;   // left to right, half of the time
  double jitter = 0.2;  // most that contrast (factor) and brightness (of 128) vary by, in [0, 1)

  /// Error where an option is out of range.
  void Validate() const;
};

class Augmenter {
 public:
  Augmenter(const InputFormat& format, const AugmentOptions& options);

  /// Writes a variation of an 8-bit BGR image to `input`: (height, width, C) floats, channels in
  /// the network's order and last, as a batch in channels-last layout has them.
  void Write(const cv::Mat& bgr, Random& random, float* input) const;

  const InputFormat& format() const { return format_; }

 private:
  InputFormat format_;
  AugmentOptions options_;
  std::vector<float> mean_;   // one row (width, 3), or a whole image of them
  std::vector<float> scale_;  // one row
};

}  // namespace netdissect
