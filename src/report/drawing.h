#pragma once
// Drawings of lines, areas and text: pictures for the eye, and files of lines that can be enlarged.

#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

class Canvas;

/// What is drawn, and on how large a sheet of white paper (pixels).
struct Drawing {
  double width = 0, height = 0;
  std::function<void(Canvas&)> paint;
};

/// The drawing as an 8-bit BGR picture; sizes are rounded up.
cv::Mat Raster(const Drawing& drawing);

/// The drawing as an SVG or PDF file: the same bytes each time. Letters are outlines in the one,
/// so that it needs no font, and text in the other, so that it can be searched.
std::string Svg(const Drawing& drawing);
std::string Pdf(const Drawing& drawing);

/// Drawings beside each other (below each other) with `gap` pixels between, aligned at the top
/// (left).
Drawing Beside(std::vector<Drawing> drawings, double gap = 8);
Drawing Stacked(std::vector<Drawing> drawings, double gap = 8);

/// A drawing with a margin on every side.
Drawing Framed(Drawing drawing, double margin = 12);

/// Writes STEM.png and STEM.svg, each atomically.
void WriteDrawing(const Path& stem, const Drawing& drawing);

}  // namespace netdissect
