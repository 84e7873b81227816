#pragma once
// Where drawings are drawn: cairo, with colours and points as the rest of the code has them.

#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "report/lettering.h"

using cairo_t = struct _cairo;  // NOLINT(bugprone-reserved-identifier): as its header says

namespace netdissect {

class Canvas {
 public:
  /// `context` outlives the canvas.
  explicit Canvas(cairo_t* context);

  void Fill(const cv::Rect2d& area, const cv::Scalar& color, double opacity = 1);

  /// A line, 1 pixel wide unless said; dashes and gaps are `dash` long, 0 = none.
  void Line(const cv::Point2d& from, const cv::Point2d& to, const cv::Scalar& color,
            double width = 1, double dash = 0);

  /// A line through the points, with round joints; a single point is a dot.
  void Curve(const std::vector<cv::Point2d>& points, const cv::Scalar& color, double width);

  /// `at` is on the baseline. `align`: 0 begins at the point, 0.5 is centred on it, 1 ends there.
  void Text(const std::string& text, const cv::Point2d& at, double align, const TextStyle& style);

  /// Paints with the origin moved to `origin`.
  void Moved(const cv::Point2d& origin, const std::function<void(Canvas&)>& paint);

 private:
  void SetColor(const cv::Scalar& color, double opacity = 1);

  cairo_t* context_;
  bool is_raster_;
};

/// Lets `paint` draw on an 8-bit BGR image, whose upper left corner is at `origin`.
void PaintOn(cv::Mat& image, const cv::Point2d& origin, const std::function<void(Canvas&)>& paint);

}  // namespace netdissect
