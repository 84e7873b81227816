#pragma once

#include <deque>
#include <opencv2/core.hpp>
#include <string>

#include "netdissect/data/annotation.h"
#include "netdissect/data/image_sets.h"

namespace netdissect {

/// What annotated objects cover on images of the sets, which all have annotations.
class TruthMasks {
 public:
  explicit TruthMasks(const ImageSets& images);

  /// 8-bit, not 0 where an object of that name is seen; empty where none is, or nothing is known.
  cv::Mat MaskOf(int64_t image, const std::string& object) const;

 private:
  const ImageSets images_;
  std::deque<AnnotationReader> readers_;  // by set
};

}  // namespace netdissect
