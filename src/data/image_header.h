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
  uint64_t weight = 1;      // how much of other kinds' memory a pixel takes while it is decoded
};

/// Nothing where OpenCV would not take the file for a JPEG, PNG, BMP, GIF, WebP, TIFF, PNM or
/// JPEG 2000, or its size is not understood: it must not be decoded then.
std::optional<ImageHeader> ReadImageHeader(std::string_view bytes);

/// What a file is of which that understands nothing, for "found ...".
const char* NameOfOtherKind(std::string_view bytes);

/// The size of an image file as it is shown; nothing where its header does not say.
std::optional<cv::Size> ShownSize(const Path& image);

}  // namespace netdissect
