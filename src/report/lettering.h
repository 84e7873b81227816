#pragma once
// Text on pictures: UTF-8 in DejaVu Sans or what the machine has in its place. A letter that this
// font lacks is taken from another that has it; where none has, it is an empty box. Lengths are
// pixels.

#include <opencv2/core.hpp>
#include <string>

#include "report/palette.h"

namespace netdissect {

struct TextStyle {
  double size = 13;  // of the font: about 0.7 of it is the height of a capital
  bool bold = false;
  cv::Scalar color = InkColor();
};

double TextWidth(const std::string& text, const TextStyle& style = {});

/// From one line's baseline to the next one's.
int LineHeight(const TextStyle& style = {});

/// From a line's top to its baseline.
int Ascent(const TextStyle& style = {});

/// The text, or its beginning and "…" where it is wider than that.
std::string Shortened(const std::string& text, double width, const TextStyle& style = {});

/// The text as it is written: what is not UTF-8 is U+FFFD, and control characters are spaces.
std::string Legible(const std::string& text);

/// Writes on an 8-bit BGR image, from `at` to the right; `at` is on the baseline. What lies outside
/// the image is cut off.
void WriteText(cv::Mat& image, const std::string& text, const cv::Point2d& at,
               const TextStyle& style = {});

}  // namespace netdissect
