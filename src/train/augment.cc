#include "train/augment.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "data/squash.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Length and begin of a crop along a side of `size` pixels.
std::pair<int, int> CropSide(int size, double least, Random& random) {
  const double fraction = least + (1 - least) * random.Uniform();
  const int length = std::clamp(static_cast<int>(std::lround(fraction * size)), 1, size);
  return {length, static_cast<int>(random.Below(static_cast<uint64_t>(size - length + 1)))};
}

// Uniform in [-most, most].
float Symmetric(double most, Random& random) {
  return static_cast<float>(most * (2 * random.Uniform() - 1));
}

}  // namespace

void AugmentOptions::Validate() const {
  if (!(crop > 0 && crop <= 1)) {
    Fail("crop: expected a fraction in (0, 1], found {}", crop);
  }
  if (!(jitter >= 0 && jitter < 1)) {
    Fail("jitter: expected a fraction in [0, 1), found {}", jitter);
  }
}

Augmenter::Augmenter(const InputFormat& format, const AugmentOptions& options)
    : format_(format), options_(options) {
  format.Validate();
  options.Validate();
  const auto width = static_cast<size_t>(format.width);
  const auto channels = static_cast<size_t>(format.channels());
  for (size_t i = 0; i < channels * width; ++i) scale_.push_back(format.scale[i % channels]);
  if (format.mean_image.defined()) {
    const at::Tensor mean =
        format.mean_image.to(at::kCPU, at::kFloat).permute({1, 2, 0}).contiguous();
    mean_.assign(mean.data_ptr<float>(), mean.data_ptr<float>() + mean.numel());
  } else {
    for (size_t i = 0; i < channels * width; ++i) mean_.push_back(format.mean[i % channels]);
  }
}

void Augmenter::Write(const cv::Mat& bgr, Random& random, float* input) const {
  const auto [height, top] = CropSide(bgr.rows, options_.crop, random);
  const auto [width, left] = CropSide(bgr.cols, options_.crop, random);
  const bool mirror = random.Below(2) == 1 && options_.mirror;
  const float contrast = 1 + Symmetric(options_.jitter, random);
  const float shift = 128 * (1 - contrast) + 128 * Symmetric(options_.jitter, random);
  cv::Mat pixels = SquashBytes(bgr(cv::Rect(left, top, width, height)), format_);
  if (mirror) {
    cv::Mat mirrored;
    cv::flip(pixels, mirrored, 1);
    pixels = mirrored;
  }
  if (format_.order != ChannelOrder::kBgr) {
    const bool gray = format_.order == ChannelOrder::kGray;
    cv::Mat reordered;
    cv::cvtColor(pixels, reordered, gray ? cv::COLOR_BGR2GRAY : cv::COLOR_BGR2RGB);
    pixels = reordered;
  }
  const size_t row = scale_.size();
  for (int y = 0; y < format_.height; ++y) {
    const uchar* from = pixels.ptr<uchar>(y);
    const float* mean = mean_.data() + (mean_.size() == row ? 0 : static_cast<size_t>(y) * row);
    float* to = input + static_cast<size_t>(y) * row;
    for (size_t i = 0; i < row; ++i) {
      to[i] = (contrast * static_cast<float>(from[i]) + shift - mean[i]) * scale_[i];
    }
  }
}

}  // namespace netdissect
