// The outlines of what is seen of objects.

#include <opencv2/imgproc.hpp>

#include "world/synthetic.h"

namespace netdissect {
namespace {

using Polygon = std::vector<cv::Point>;

constexpr double kTolerance = 0.7;  // pixels by which a straight line may miss the outline

// The pixels that the outline is to enclose: those seen, and what nearer objects cover within them,
// but not what shows through the object.
cv::Mat Enclosed(const SyntheticImage& image, size_t index) {
  const SyntheticObject& object = image.objects[index];
  cv::Mat seen = image.visible(object.box) == static_cast<int>(index);
  std::vector<Polygon> contours;
  cv::findContours(seen.clone(), contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
  cv::Mat filled = cv::Mat::zeros(seen.size(), CV_8U);
  cv::drawContours(filled, contours, -1, cv::Scalar(255), cv::FILLED);
  cv::bitwise_and(filled, object.mask, filled);
  return filled;
}

// Adds a ring to the polygon by a cut between their nearest corners.
void Join(Polygon& polygon, const Polygon& ring) {
  size_t from = 0, to = 0;
  int64_t least = INT64_MAX;
  for (size_t i = 0; i < polygon.size(); ++i) {
    for (size_t j = 0; j < ring.size(); ++j) {
      const cv::Point d = polygon[i] - ring[j];
      const int64_t square = int64_t{d.x} * d.x + int64_t{d.y} * d.y;
      if (square >= least) continue;
      least = square;
      from = i;
      to = j;
    }
  }
  Polygon detour;
  for (size_t j = 0; j <= ring.size(); ++j) detour.push_back(ring[(to + j) % ring.size()]);
  detour.push_back(polygon[from]);
  polygon.insert(polygon.begin() + static_cast<std::ptrdiff_t>(from) + 1, detour.begin(),
                 detour.end());
}

}  // namespace

std::vector<cv::Point> OutlineOfVisible(const SyntheticImage& image, size_t object) {
  if (image.objects[object].visible == 0) return {};
  std::vector<Polygon> rings;
  cv::findContours(Enclosed(image, object), rings, cv::RETR_CCOMP, cv::CHAIN_APPROX_NONE,
                   image.objects[object].box.tl());
  // The longest first, so that cuts lead from the body to its parts.
  std::stable_sort(rings.begin(), rings.end(),
                   [](const Polygon& a, const Polygon& b) { return a.size() > b.size(); });
  Polygon polygon;
  for (Polygon& ring : rings) {
    Polygon simple;
    cv::approxPolyDP(ring, simple, kTolerance * image.classes.cols / 160.0, true);
    if (polygon.empty()) {
      polygon = simple;
    } else {
      Join(polygon, simple);
    }
  }
  return polygon;
}

}  // namespace netdissect
