#include "report/segment_report.h"

#include <opencv2/imgproc.hpp>

#include "data/coco_rle.h"
#include "report/figure.h"

namespace netdissect {
namespace {

constexpr double kBackground = 0.2;  // brightness outside the mask
constexpr int kTile = 160;           // pixels

}  // namespace

cv::Mat DrawSegment(const cv::Mat& picture, const cv::Mat& mask) {
  cv::Mat drawn = picture * kBackground;
  picture.copyTo(drawn, mask);
  return drawn;
}

cv::Mat SegmentTile(const cv::Mat& picture, const cv::Mat& mask) {
  const bool smaller = picture.rows < kTile || picture.cols < kTile;
  cv::Mat tile;
  cv::resize(DrawSegment(picture, mask), tile, {kTile, kTile}, 0, 0,
             smaller ? cv::INTER_LINEAR : cv::INTER_AREA);
  return tile;
}

cv::Mat SegmentRow(const std::string& caption, const std::vector<cv::Mat>& tiles) {
  return Captioned(Row(tiles, 4), caption, 14);
}

Json SegmentJson(const std::string& image, float value, double level, const cv::Mat& mask) {
  Json boxes = Json::array();
  int64_t area = 0;
  for (const Component& component : ComponentsOf(mask)) {
    const cv::Rect& box = component.box;
    boxes.push_back({box.x, box.y, box.width, box.height});
    area += component.area;
  }
  return {{"image", image},     {"value", value},
          {"threshold", level}, {"mask", ToJson(EncodeRle(mask))},
          {"area", area},       {"boxes", std::move(boxes)}};
}

}  // namespace netdissect
