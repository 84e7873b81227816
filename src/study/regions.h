#pragma once
// Regions and edges of a picture, as maps of whole pixels.

#include <opencv2/core.hpp>
#include <vector>

#include "netdissect/study/segments.h"

namespace netdissect {

/// int32 map of regions 0..count-1.
cv::Mat FindRegions(const cv::Mat& bgr, const AutomaticOptions& options, int* count);

/// int32 map for each edge, longest first: 1 at its pixels, dilated; 0 elsewhere.
std::vector<cv::Mat> FindEdges(const cv::Mat& bgr, const AutomaticOptions& options);

}  // namespace netdissect
