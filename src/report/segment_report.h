#pragma once
// Segmentations: sheets as in Figures 4 and 5, and segment.json.

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "netdissect/probe/segmentation.h"

namespace netdissect {

/// What lies outside the mask at 0.2 of its brightness.
cv::Mat DrawSegment(const cv::Mat& picture, const cv::Mat& mask);

/// A segmented picture of a sheet: squashed to a square, as the network sees it.
cv::Mat SegmentTile(const cv::Mat& picture, const cv::Mat& mask);

/// A row of a sheet: its caption above the tiles.
cv::Mat SegmentRow(const std::string& caption, const std::vector<cv::Mat>& tiles);

/// An entry of a unit's "images": image, value (the largest activation on it), threshold (the
/// activation above which a pixel belongs to the mask), mask (COCO RLE), area (pixels) and boxes
/// ([x, y, width, height] of its connected regions, the largest region first). Coordinates are
/// pixels of the image's own size.
Json SegmentJson(const std::string& image, float value, double level, const cv::Mat& mask);

}  // namespace netdissect
