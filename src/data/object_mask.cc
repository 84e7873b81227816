#include "data/object_mask.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Smallest and largest pixels that the polygons may touch, within the image.
cv::Rect BoxAround(const std::vector<Polygon>& polygons, int height, int width) {
  double left = width, top = height, right = -1, bottom = -1;
  for (const Polygon& polygon : polygons) {
    for (const cv::Point2d& point : polygon) {
      left = std::min(left, point.x);
      right = std::max(right, point.x);
      top = std::min(top, point.y);
      bottom = std::max(bottom, point.y);
    }
  }
  const auto first = [](double v) { return static_cast<int>(std::ceil(std::max(v, 0.0))); };
  const auto last = [](double v, int size) {
    return static_cast<int>(std::floor(std::min(v, size - 1.0)));
  };
  if (left >= width || top >= height || right < 0 || bottom < 0) return {};
  const int x = first(left), y = first(top);
  return {x, y, std::max(last(right, width) - x + 1, 0), std::max(last(bottom, height) - y + 1, 0)};
}

// Columns where the row at `y` crosses the polygon's edges; an edge owns its upper or its lower
// end, so that every corner counts once.
std::vector<double> Crossings(const Polygon& polygon, double y, bool upper) {
  std::vector<double> crossings;
  for (size_t i = 0; i < polygon.size(); ++i) {
    const cv::Point2d& a = polygon[i];
    const cv::Point2d& b = polygon[(i + 1) % polygon.size()];
    const double low = std::min(a.y, b.y), high = std::max(a.y, b.y);
    if (upper ? low <= y && y < high : low < y && y <= high) {
      crossings.push_back(a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y));
    }
  }
  std::sort(crossings.begin(), crossings.end());
  return crossings;
}

// Sets the row's pixels from `left` to `right`, both included.
void FillSpan(double left, double right, const cv::Rect& box, uchar* row) {
  constexpr double kRounding = 1e-9;  // of a crossing computed at a pixel's centre
  const double first = std::max<double>(std::ceil(left - kRounding), box.x);
  const double last = std::min<double>(std::floor(right + kRounding), box.x + box.width - 1);
  if (first > last) return;
  std::fill(row + static_cast<int>(first) - box.x, row + static_cast<int>(last) - box.x + 1,
            static_cast<uchar>(255));
}

// The pixels of a row that are inside or on the outline: those inside just below its line, those
// inside just above it, and edges along it.
void FillRow(const Polygon& polygon, const cv::Rect& box, int y, uchar* row) {
  for (const bool upper : {true, false}) {
    const std::vector<double> crossings = Crossings(polygon, y, upper);
    for (size_t i = 0; i + 1 < crossings.size(); i += 2) {
      FillSpan(crossings[i], crossings[i + 1], box, row);
    }
  }
  for (size_t i = 0; i < polygon.size(); ++i) {
    const cv::Point2d& a = polygon[i];
    const cv::Point2d& b = polygon[(i + 1) % polygon.size()];
    if (a.y == y && b.y == y) FillSpan(std::min(a.x, b.x), std::max(a.x, b.x), box, row);
  }
}

// Whether all corners lie on one line, so that nothing is enclosed.
bool IsLine(const Polygon& polygon) {
  const cv::Point2d* other = nullptr;  // the first corner that is not the first one's place
  for (const cv::Point2d& point : polygon) {
    if (other == nullptr && point != polygon.front()) other = &point;
    if (other != nullptr && (*other - polygon.front()).cross(point - polygon.front()) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

void CheckAnnotatedSize(const Path& file, int64_t height, int64_t width) {
  if (height < 1 || width < 1 || height > kMostAnnotatedPixels || width > kMostAnnotatedPixels ||
      height * width > kMostAnnotatedPixels) {
    Fail("{}: expected an image size of 1 to {} pixels, found {} x {} (height x width)",
         file.string(), kMostAnnotatedPixels, height, width);
  }
}

AnnotationBuilder::AnnotationBuilder(Path file, int64_t height, int64_t width)
    : file_(std::move(file)) {
  CheckAnnotatedSize(file_, height, width);
  annotation_.height = static_cast<int>(height);
  annotation_.width = static_cast<int>(width);
}

// Products of two coordinates are exact enough, and their differences do not overflow.
void AnnotationBuilder::CheckCorners(const std::string& name, const Polygon& polygon) const {
  for (const cv::Point2d& point : polygon) {
    for (const double coordinate : {point.x, point.y}) {
      if (std::abs(coordinate) <= kFarthestCorner) continue;
      Fail("{}: {}: expected corners within {:.0e} pixels, found a coordinate of {}",
           file_.string(), name, kFarthestCorner, coordinate);
    }
  }
}

void AnnotationBuilder::AddPolygons(const std::string& name, const std::vector<Polygon>& polygons) {
  for (const Polygon& polygon : polygons) CheckCorners(name, polygon);
  const cv::Rect box = BoxAround(polygons, annotation_.height, annotation_.width);
  if (box.empty()) return;
  cv::Mat mask(box.size(), CV_8U, cv::Scalar(0));
  for (const Polygon& polygon : polygons) {
    if (IsLine(polygon)) continue;
    for (int y = 0; y < box.height; ++y) FillRow(polygon, box, box.y + y, mask.ptr(y));
  }
  AddMask(name, mask, box.tl());
}

void AnnotationBuilder::AddMask(const std::string& name, const cv::Mat& mask,
                                const cv::Point& corner) {
  int left = mask.cols, right = -1, top = mask.rows, bottom = -1;
  for (int y = 0; y < mask.rows; ++y) {
    const uchar* row = mask.ptr(y);
    const auto first =
        static_cast<int>(std::find_if(row, row + mask.cols, [](uchar v) { return v != 0; }) - row);
    if (first == mask.cols) continue;
    int last = mask.cols - 1;
    while (row[last] == 0) --last;
    left = std::min(left, first);
    right = std::max(right, last);
    top = std::min(top, y);
    bottom = y;
  }
  if (right < 0) return;
  const cv::Rect tight(left, top, right - left + 1, bottom - top + 1);
  pixels_ += tight.area();
  if (pixels_ > kMostMaskPixels) {
    Fail("{}: expected objects of at most {} pixels in all, found more", file_.string(),
         kMostMaskPixels);
  }
  AnnotatedObject object{name, tight + corner, cv::Mat(mask(tight) != 0), 0};
  object.area = cv::countNonZero(object.mask);
  annotation_.objects.push_back(std::move(object));
}

Annotation AnnotationBuilder::Finish() {
  std::stable_sort(
      annotation_.objects.begin(), annotation_.objects.end(),
      [](const AnnotatedObject& a, const AnnotatedObject& b) { return a.area > b.area; });
  return std::move(annotation_);
}

}  // namespace netdissect
