#pragma once
// From what an annotator drew to the mask of an object.

#include <opencv2/core.hpp>
#include <vector>

#include "base/limits.h"
#include "netdissect/base/file.h"
#include "netdissect/data/annotation.h"

namespace netdissect {

using Polygon = std::vector<cv::Point2d>;  // pixels; pixel (x, y)'s centre is at (x, y)

/// Error where an image of such a size is none or absurdly large.
void CheckAnnotatedSize(const Path& file, int64_t height, int64_t width);

/// Collects the objects of one image.
class AnnotationBuilder {
 public:
  AnnotationBuilder(Path file, int64_t height, int64_t width);

  /// The pixels whose centres lie in one of the polygons, their outlines included: what a polygon's
  /// own corners touch belongs to it. By the even-odd rule, cut off at the image's borders. What
  /// encloses nothing (a point, a line) or no pixel of the image is no object. Error where a corner
  /// is absurdly far away.
  void AddPolygons(const std::string& name, const std::vector<Polygon>& polygons);

  /// `mask`: 8-bit, not 0 where the object is; its left upper corner is at `corner`.
  void AddMask(const std::string& name, const cv::Mat& mask, const cv::Point& corner = {0, 0});

  /// Farthest first: the largest is behind the others, and of equals the first.
  Annotation Finish();

 private:
  void CheckCorners(const std::string& name, const Polygon& polygon) const;

  Path file_;
  Annotation annotation_;
  int64_t pixels_ = 0;  // of all masks
};

}  // namespace netdissect
