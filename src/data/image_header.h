#pragma once
// What an image file says of itself before it is decoded: its size, and whether the file is whole.
// Reads the bytes of a hostile file as safely as those of a good one: what lies outside is 0.

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <string_view>

#include "netdissect/base/file.h"

namespace netdissect {

struct ImageHeader {
  const char* format = "";  // "JPEG", "PNG", ...
  uint64_t width = 0;       // pixels; 0 where the header does not say
  uint64_t height = 0;      // pixels; 0 where the header does not say
  bool complete = true;     // false where the format marks its end and the mark is missing
  bool turned = false;      // shown turned by a quarter (EXIF orientation 5 to 8)
};

/// Nothing where the first bytes are none of JPEG, PNG, BMP, GIF, WebP, TIFF and PNM.
std::optional<ImageHeader> ReadImageHeader(std::string_view bytes);

/// The size of an image file as it is shown; nothing where its header does not say.
std::optional<cv::Size> ShownSize(const Path& image);

}  // namespace netdissect
