#pragma once
// What is drawn on white.

#include <opencv2/imgproc.hpp>

namespace netdissect {

/// Where pixels are not white.
inline cv::Mat InkMask(const cv::Mat& picture) {
  cv::Mat grey;
  cv::cvtColor(picture, grey, cv::COLOR_BGR2GRAY);
  return grey < 250;
}

/// How many pixels are not white.
inline int Ink(const cv::Mat& picture) { return cv::countNonZero(InkMask(picture)); }

/// The least box around them.
inline cv::Rect InkBox(const cv::Mat& picture) { return cv::boundingRect(InkMask(picture)); }

/// Pixels of about this colour.
inline int PixelsOf(const cv::Mat& picture, const cv::Scalar& color) {
  cv::Mat close;
  cv::inRange(picture, color - cv::Scalar::all(12), color + cv::Scalar::all(12), close);
  return cv::countNonZero(close);
}

}  // namespace netdissect
