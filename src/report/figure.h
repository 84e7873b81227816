#pragma once
// Pieces of figures: 8-bit BGR images on white.

#include <ATen/core/Tensor.h>

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "netdissect/base/file.h"
#include "netdissect/data/preprocess.h"

namespace netdissect {

/// A (H, W) map in colour, 0 to its maximum from black over violet and orange to yellow.
cv::Mat HeatMap(const at::Tensor& map);

/// Pixels of a network's input, values 0..255 in the network's order (Squash), as an image.
cv::Mat PictureOf(const at::Tensor& values, ChannelOrder order);

/// Pixels of a preprocessed input: Normalize undone, clamped to 0..255.
cv::Mat PictureOfInput(const at::Tensor& input, const InputFormat& format);

/// Enlarged `factor` times, each pixel a square.
cv::Mat Enlarge(const cv::Mat& image, int factor);

/// Images beside each other (below each other) with `gap` white pixels between, aligned at the top
/// (left).
cv::Mat Row(const std::vector<cv::Mat>& images, int gap = 8);
cv::Mat Column(const std::vector<cv::Mat>& images, int gap = 8);

/// `image` with a line of text above it, letters of `size` pixels; widened where the text is wider,
/// up to 1000 pixels, and the text cut off beyond.
cv::Mat Captioned(const cv::Mat& image, const std::string& text, double size = 13);

/// `image` on a white frame of `margin` pixels.
cv::Mat Framed(const cv::Mat& image, int margin = 12);

/// Outline of the pixels of `map` above `level`, drawn on `image`, which shows the map enlarged
/// `factor` times.
void DrawContour(cv::Mat& image, const at::Tensor& map, double level, int factor,
                 const cv::Scalar& color);

/// The bytes of a file of the picture (8-bit BGR). `format`: PNG or JPEG, `quality` (0 to 100)
/// being JPEG's. Error, beginning with `what`, where there is nothing to encode.
std::string EncodePicture(const cv::Mat& picture, const std::string& format,
                          const std::string& what, int quality = 95);

/// Written atomically. JPEG is for what only people look at, a tenth of the size.
void WritePng(const Path& path, const cv::Mat& image);
void WriteJpeg(const Path& path, const cv::Mat& image);

}  // namespace netdissect
