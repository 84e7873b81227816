#pragma once
// Decoding: any image file into 8-bit BGR, or an error that names the file and says why.

#include <opencv2/core.hpp>

#include "netdissect/base/file.h"
#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

struct DecodeOptions {
  int64_t max_pixels = 100'000'000;  // width x height above which an image is refused unread

  /// Error where an option is out of range.
  void Validate() const;
};

/// (H, W) 8-bit BGR. Grey and palette images become three channels, alpha is dropped, 16-bit values
/// are reduced to 8, EXIF orientation is applied. Error, naming the file, where it is missing, not
/// an image, truncated (found also where the codec would fill the rest with grey), or larger than
/// `max_pixels` by its header.
cv::Mat DecodeImage(const Path& path, const DecodeOptions& options = {});

}  // namespace netdissect
