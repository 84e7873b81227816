#include "report/palette.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace netdissect {
namespace {

// 0xRRGGBB as it is written in style sheets.
cv::Scalar FromHex(unsigned rgb) {
  return {static_cast<double>(rgb & 255), static_cast<double>(rgb >> 8 & 255),
          static_cast<double>(rgb >> 16)};
}

double LuminanceOf(const cv::Scalar& color) {
  const auto linear = [](double value) {
    const double share = value / 255;
    return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
  };
  return 0.0722 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.2126 * linear(color[2]);
}

}  // namespace

cv::Scalar PaperColor() { return FromHex(0xFFFFFF); }
cv::Scalar InkColor() { return FromHex(0x282828); }
cv::Scalar MutedColor() { return FromHex(0x666666); }
cv::Scalar AxisColor() { return FromHex(0x8C8C8C); }
cv::Scalar GridColor() { return FromHex(0xE4E4E4); }
cv::Scalar BlankColor() { return FromHex(0xDCDCDC); }
cv::Scalar OutlineColor() { return FromHex(0x50DC50); }

cv::Scalar SeriesColor(size_t i) {
  // blue, vermilion, green, purple, orange, sky, dark grey, brown
  constexpr unsigned kColors[kSeriesColors] = {0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7,
                                               0xE69F00, 0x56B4E9, 0x333333, 0x8B5A2B};
  return FromHex(kColors[i % kSeriesColors]);
}

// Hues a golden section apart.
cv::Vec3b DistinctColor(int number) {
  const double hue = std::fmod(0.61803398875 * number, 1.0);
  const int level = number % 3;
  const cv::Mat hsv(1, 1, CV_8UC3,
                    cv::Scalar(180 * hue, 120 + 45 * level, 250 - 55 * ((number / 3) % 3)));
  cv::Mat bgr;
  cv::cvtColor(hsv, bgr, cv::COLOR_HSV2BGR);
  return bgr.at<cv::Vec3b>(0, 0);
}

double ContrastOf(const cv::Scalar& a, const cv::Scalar& b) {
  const double first = LuminanceOf(a), second = LuminanceOf(b);
  return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

cv::Scalar TextColorOn(const cv::Scalar& background) {
  const cv::Scalar black = FromHex(0x000000), white = FromHex(0xFFFFFF);
  return ContrastOf(black, background) > ContrastOf(white, background) ? black : white;
}

}  // namespace netdissect
