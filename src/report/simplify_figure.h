#pragma once
// Pictures of a minimal image: the strip of Figure 2, and a page to step through its removals.

#include <opencv2/core.hpp>
#include <string>

#include "netdissect/study/simplify.h"
#include "report/drawing.h"

namespace netdissect {

/// The segments in colour over the dimmed picture, soft ones mixed.
cv::Mat DrawSegments(const SimplifyDetail& detail, ChannelOrder order);

/// Figure 2: the picture, its segments, the picture after some of the steps, the minimal image.
cv::Mat DrawStrip(const SimplifiedImage& image, const SimplifyDetail& detail, const Model& model);

/// Probability of the class after each removal.
Drawing DrawProbabilities(const SimplifiedImage& image, const Model& model);

/// A page (report/page.h): a slider over all steps, beside the curve of the probability. `title`
/// says which image it is.
std::string SimplifyPage(const SimplifiedImage& image, const SimplifyDetail& detail,
                         const Model& model, const std::string& title);

}  // namespace netdissect
