#pragma once
// Pictures whose decoded content is known, and files of them.

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

/// Smooth 8-bit BGR in which every pixel and every channel differs from its neighbours.
inline cv::Mat Gradient(int height, int width, int shift = 0) {
  cv::Mat image(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.at<cv::Vec3b>(y, x) =
          cv::Vec3b(static_cast<uchar>(255 * y / height), static_cast<uchar>(255 * x / width),
                    static_cast<uchar>((3 * x + 2 * y + shift) % 256));
    }
  }
  return image;
}

inline std::string Encoded(const cv::Mat& image, const std::string& extension,
                           const std::vector<int>& parameters = {}) {
  std::vector<uchar> bytes;
  cv::imencode(extension, image, bytes, parameters);
  return {bytes.begin(), bytes.end()};
}

/// Largest absolute difference; -1 where size or type differ.
inline double Difference(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() ? cv::norm(a, b, cv::NORM_INF) : -1;
}

}  // namespace netdissect
