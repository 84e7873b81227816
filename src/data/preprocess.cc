#include "netdissect/data/preprocess.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "data/squash.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr int kLargestInput = 1 << 14;  // pixels a side; no network's input comes near

// Planes of bytes in the network's order. Taken apart first, since loops over interleaved pixels
// cannot be vectorised: three times as fast.
std::array<cv::Mat, 3> PlanesOf(const cv::Mat& squashed, ChannelOrder order) {
  std::array<cv::Mat, 3> planes;
  cv::split(squashed, planes.data());
  if (order == ChannelOrder::kRgb) std::swap(planes[0], planes[2]);
  return planes;
}

}  // namespace

void InputFormat::Validate() const {
  if (height < 1 || width < 1 || height > kLargestInput || width > kLargestInput) {
    Fail("input size: expected 1 to {} pixels a side, found {} x {}", kLargestInput, height, width);
  }
  for (size_t c = 0; c < 3; ++c) {
    if (!std::isfinite(mean[c]) || !std::isfinite(scale[c])) {
      Fail("input mean and scale: expected finite numbers, found {} and {}", mean[c], scale[c]);
    }
  }
  if (mean_image.defined() && mean_image.sizes() != at::IntArrayRef({3, height, width})) {
    Fail("mean image: expected 3 x {} x {} values, found a tensor of shape {}", height, width,
         fmt::join(mean_image.sizes(), " x "));
  }
}

cv::Mat SquashBytes(const cv::Mat& bgr, const InputFormat& format) {
  if (bgr.empty() || bgr.type() != CV_8UC3) {
    Fail("expected an image of 3 channels of 8 bits, found {} x {} of {}", bgr.cols, bgr.rows,
         cv::typeToString(bgr.type()));
  }
  if (bgr.cols == format.width && bgr.rows == format.height) return bgr;
  cv::Mat squashed;
  try {
    cv::resize(bgr, squashed, cv::Size(format.width, format.height), 0, 0, cv::INTER_LINEAR);
  } catch (const cv::Exception& error) {
    Fail("an image of {} x {} cannot be squashed to {} x {}: {}", bgr.cols, bgr.rows, format.width,
         format.height, error.err);
  }
  return squashed;
}

void NormalizeBytes(const cv::Mat& squashed, const InputFormat& format, float* input) {
  const int64_t area = int64_t{format.height} * format.width;
  at::Tensor means;
  if (format.mean_image.defined()) {
    means = format.mean_image.to(at::kCPU, at::kFloat).contiguous();
  }
  const std::array<cv::Mat, 3> planes = PlanesOf(squashed, format.order);
  for (size_t c = 0; c < 3; ++c) {
    const uchar* from = planes[c].ptr<uchar>();
    const float scale = format.scale[c];
    float* to = input + static_cast<int64_t>(c) * area;
    if (means.defined()) {
      const float* mean = means.data_ptr<float>() + static_cast<int64_t>(c) * area;
      for (int64_t i = 0; i < area; ++i) to[i] = (static_cast<float>(from[i]) - mean[i]) * scale;
    } else {
      const float mean = format.mean[c];
      for (int64_t i = 0; i < area; ++i) to[i] = (static_cast<float>(from[i]) - mean) * scale;
    }
  }
}

at::Tensor Squash(const cv::Mat& bgr, const InputFormat& format) {
  InputFormat plain = format;  // with the identity: (x - 0) * 1
  plain.mean = {0, 0, 0};
  plain.scale = {1, 1, 1};
  plain.mean_image = at::Tensor();
  return Preprocess(bgr, plain);
}

at::Tensor Normalize(const at::Tensor& values, const InputFormat& format) {
  format.Validate();
  if (values.dim() < 3 || values.size(-3) != 3) {
    Fail("expected values of shape (..., 3, height, width), found {}",
         fmt::join(values.sizes(), " x "));
  }
  const bool whole = values.size(-2) == format.height && values.size(-1) == format.width;
  if (format.mean_image.defined() && !whole) {
    Fail("mean image: expected values of {} x {} to subtract it from, found {}", format.height,
         format.width, fmt::join(values.sizes(), " x "));
  }
  const auto options = values.options().dtype(at::kFloat);
  const auto per_channel = [&](const std::array<float, 3>& numbers) {
    return at::tensor(at::ArrayRef<float>(numbers.data(), numbers.size()), at::kFloat)
        .view({3, 1, 1})
        .to(options.device());
  };
  const at::Tensor mean = format.mean_image.defined()
                              ? format.mean_image.to(options.device(), at::kFloat)
                              : per_channel(format.mean);
  return (values.to(at::kFloat) - mean) * per_channel(format.scale);
}

at::Tensor Preprocess(const cv::Mat& bgr, const InputFormat& format) {
  format.Validate();
  at::Tensor input = at::empty({3, format.height, format.width}, at::kFloat);
  NormalizeBytes(SquashBytes(bgr, format), format, input.data_ptr<float>());
  return input;
}

}  // namespace netdissect
