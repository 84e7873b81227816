#pragma once

#include <list>
#include <opencv2/core.hpp>
#include <utility>

#include "netdissect/data/image_sets.h"

namespace netdissect {

/// Listed images, decoded; the last few are kept, since consecutive units often share theirs.
class PictureCache {
 public:
  explicit PictureCache(const ImageSets& images) : images_(images) {}

  /// (H, W) 8-bit BGR of image `index`.
  cv::Mat operator()(int64_t index);

 private:
  static constexpr size_t kMostBytes = size_t{32} << 20;
  const ImageSets images_;
  std::list<std::pair<int64_t, cv::Mat>> kept_;  // most recent first
  size_t bytes_ = 0;
};

}  // namespace netdissect
