#include "study/regions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/ximgproc/segmentation.hpp>
#include <opencv2/ximgproc/slic.hpp>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

int CountOf(const cv::Mat& labels) {
  double largest = 0;
  cv::minMaxLoc(labels, nullptr, &largest);
  return static_cast<int>(largest) + 1;
}

// The finest scale, to within a factor of 1.03, that leaves at most `most_regions`.
cv::Mat GraphRegions(const cv::Mat& bgr, const AutomaticOptions& options) {
  const int smallest = std::max(1, static_cast<int>(options.smallest * bgr.rows * bgr.cols));
  const auto segment = [&](double log_scale) {
    cv::Mat labels;
    cv::ximgproc::segmentation::createGraphSegmentation(
        options.sigma, static_cast<float>(std::exp2(log_scale)), smallest)
        ->processImage(bgr, labels);
    return labels;
  };
  double fine = 6, coarse = 16;  // log2; below, noise splits flat regions, above, nothing is split
  cv::Mat best = segment(fine);
  if (CountOf(best) <= options.most_regions) return best;
  best = segment(coarse);
  constexpr int kHalvings = 9;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (fine + coarse);
    const cv::Mat labels = segment(middle);
    if (CountOf(labels) <= options.most_regions) {
      coarse = middle;
      best = labels;
    } else {
      fine = middle;
    }
  }
  return best;
}

cv::Mat SlicRegions(const cv::Mat& bgr, const AutomaticOptions& options) {
  const double area = static_cast<double>(bgr.rows) * bgr.cols;
  const int side = std::clamp(static_cast<int>(std::lround(std::sqrt(area / options.most_regions))),
                              1, std::min(bgr.rows, bgr.cols));
  cv::Mat lab;
  cv::cvtColor(bgr, lab, cv::COLOR_BGR2Lab);
  const auto slic = cv::ximgproc::createSuperpixelSLIC(lab, cv::ximgproc::SLICO, side);
  slic->iterate();
  // OpenCV counts this in percent of a superpixel's area.
  const int percent = static_cast<int>(std::lround(100 * options.smallest * options.most_regions));
  slic->enforceLabelConnectivity(std::clamp(percent, 0, 100));
  cv::Mat labels;
  slic->getLabels(labels);
  return labels;
}

// Whether three or more lines leave an edge's pixel: changes from background to edge on the way
// round it.
bool IsJunction(const cv::Mat& padded_edges, int y, int x) {
  constexpr std::array<int, 8> kDy = {-1, -1, 0, 1, 1, 1, 0, -1};
  constexpr std::array<int, 8> kDx = {0, 1, 1, 1, 0, -1, -1, -1};
  int lines = 0;
  for (size_t i = 0; i < 8; ++i) {
    const size_t next = (i + 1) % 8;
    const bool here = padded_edges.at<uchar>(y + kDy[i], x + kDx[i]) != 0;
    const bool there = padded_edges.at<uchar>(y + kDy[next], x + kDx[next]) != 0;
    lines += !here && there ? 1 : 0;
  }
  return lines >= 3;
}

}  // namespace

cv::Mat FindRegions(const cv::Mat& bgr, const AutomaticOptions& options, int* count) {
  try {
    const cv::Mat regions = options.regions == AutomaticOptions::Regions::kGraph
                                ? GraphRegions(bgr, options)
                                : SlicRegions(bgr, options);
    *count = CountOf(regions);
    return regions;
  } catch (const cv::Exception& error) {
    Fail("an image of {} x {} cannot be segmented: {}", bgr.cols, bgr.rows, error.err);
  }
}

std::vector<cv::Mat> FindEdges(const cv::Mat& bgr, const AutomaticOptions& options) {
  cv::Mat grey, edges, padded;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  cv::Canny(grey, edges, options.canny_low, options.canny_high, 3, true);
  cv::copyMakeBorder(edges, padded, 1, 1, 1, 1, cv::BORDER_CONSTANT, 0);
  for (int y = 0; y < edges.rows; ++y) {
    for (int x = 0; x < edges.cols; ++x) {
      if (edges.at<uchar>(y, x) != 0 && IsJunction(padded, y + 1, x + 1)) edges.at<uchar>(y, x) = 0;
    }
  }
  cv::Mat labels, statistics, centres;
  const int count = cv::connectedComponentsWithStats(edges, labels, statistics, centres, 8, CV_32S);
  std::vector<int> chains;
  for (int label = 1; label < count; ++label) {  // 0 is what is no edge
    if (statistics.at<int>(label, cv::CC_STAT_AREA) >= options.shortest_edge) {
      chains.push_back(label);
    }
  }
  std::stable_sort(chains.begin(), chains.end(), [&](int a, int b) {
    return statistics.at<int>(a, cv::CC_STAT_AREA) > statistics.at<int>(b, cv::CC_STAT_AREA);
  });
  chains.resize(std::min(chains.size(), static_cast<size_t>(options.most_edges)));
  const cv::Mat square =
      cv::getStructuringElement(cv::MORPH_RECT, {options.dilation, options.dilation});
  std::vector<cv::Mat> maps;
  for (int label : chains) {
    cv::Mat wide, map;
    cv::dilate(labels == label, wide, square);
    wide.convertTo(map, CV_32S, 1.0 / 255);
    maps.push_back(map);
  }
  return maps;
}

}  // namespace netdissect
