#pragma once
// All colours of pictures and drawings. BGR, 0..255.

#include <cstddef>
#include <opencv2/core.hpp>

namespace netdissect {

cv::Scalar PaperColor();
cv::Scalar InkColor();    // text
cv::Scalar MutedColor();  // text that says less
cv::Scalar AxisColor();
cv::Scalar GridColor();
cv::Scalar BlankColor();    // where there is no picture
cv::Scalar OutlineColor();  // what is marked on a picture

/// The colour of the i-th curve or label of a few, told apart by people who see fewer colours too
/// (the first six are Okabe and Ito's). After kSeriesColors of them they come again.
constexpr size_t kSeriesColors = 8;
cv::Scalar SeriesColor(size_t i);

/// Colours of the numbers 0, 1, ... where there are many: neighbours differ most.
cv::Vec3b DistinctColor(int number);

/// Black or white: that in which text on this background is read more easily.
cv::Scalar TextColorOn(const cv::Scalar& background);

/// How much two colours differ in brightness, 1 to 21 (the contrast ratio of WCAG 2).
double ContrastOf(const cv::Scalar& a, const cv::Scalar& b);

}  // namespace netdissect
