#pragma once
// Resizing by filters as wide as the reduction, as PIL's Image.resize does: along each axis, pixel
// i of `size` is the weighted mean of the picture's pixels around (i + 1/2) * s, s = picture /
// size, by a triangle (bilinear) or Keys' cubic with a = -1/2 (bicubic) that is max(s, 1) times as
// wide as where nothing is reduced. Columns are made first; weights have 22 bits, and both passes
// round to 8 bits, so that results equal PIL's bit for bit.

#include <opencv2/core.hpp>

#include "netdissect/data/preprocess.h"

namespace netdissect {

/// The pixels `part` of the 8-bit BGR picture resized to `size`.
cv::Mat ResizeAntialiased(const cv::Mat& bgr, const cv::Size& size, const cv::Rect& part,
                          Interpolation interpolation);

}  // namespace netdissect
