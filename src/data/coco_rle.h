#pragma once
// COCO's run-length encoding of a mask: the lengths of the runs of 0 and 1 in turn, the first of 0,
// down the columns (pixel (y, x) comes at x * height + y). In JSON {"size": [height, width],
// "counts": ...} where counts is that list, or COCO's compressed text of it: each number less the
// one two before it (from the fourth on), in groups of 5 bits, lowest first, each as a character
// from '0' on whose bit 0x20 says that another follows.

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace netdissect {

struct CocoRle {
  int height = 0, width = 0;     // pixels
  std::vector<uint32_t> counts;  // sum to height * width
};

/// `mask`: 8-bit, not 0 where the object is.
CocoRle EncodeRle(const cv::Mat& mask);

/// (height, width) 8-bit, 0 or 255. Error, beginning with `what`, where the counts do not fill the
/// mask.
cv::Mat DecodeRle(const CocoRle& rle, const std::string& what = "RLE");

std::string CompressCounts(const std::vector<uint32_t>& counts);

/// Error, beginning with `what`, where the text is none that CompressCounts writes.
std::vector<uint32_t> ExpandCounts(std::string_view text, const std::string& what = "RLE");

/// With compressed counts.
Json ToJson(const CocoRle& rle);

/// From either form of counts. Error, beginning with `what`, where it is neither.
CocoRle RleFromJson(const Json& json, const std::string& what = "RLE");

}  // namespace netdissect
