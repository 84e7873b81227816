#include "netdissect/data/preprocess.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "data/antialias.h"
#include "data/squash.h"
#include "netdissect/base/error.h"
#include "netdissect/data/input_view.h"

namespace netdissect {
namespace {

// Planes of bytes in the network's order. Taken apart first, since loops over interleaved pixels
// cannot be vectorised: three times as fast.
std::vector<cv::Mat> PlanesOf(const cv::Mat& squashed, ChannelOrder order) {
  std::vector<cv::Mat> planes(1);
  if (order == ChannelOrder::kGray) {
    cv::cvtColor(squashed, planes[0], cv::COLOR_BGR2GRAY);
    return planes;
  }
  cv::split(squashed, planes);
  if (order == ChannelOrder::kRgb) std::swap(planes[0], planes[2]);
  return planes;
}

cv::Scalar FillOf(const InputFormat& format) {
  const auto& [first, second, third] = format.fill;
  switch (format.order) {
    case ChannelOrder::kGray:
      return {double(first), double(first), double(first)};
    case ChannelOrder::kRgb:
      return {double(third), double(second), double(first)};
    case ChannelOrder::kBgr:
      break;
  }
  return {double(first), double(second), double(third)};
}

int MethodOf(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kBicubic:
      return cv::INTER_CUBIC;
    case Interpolation::kArea:
      return cv::INTER_AREA;
    case Interpolation::kNearest:
    case Interpolation::kBilinear:
      break;
  }
  return cv::INTER_LINEAR;
}

// The pixels in which those of `part` of `to` have their centres. Steps are summed up as PIL does:
// of a centre between two pixels the last bit decides.
std::vector<int> NearestSources(int from, int to, const cv::Range& part) {
  const double step = static_cast<double>(from) / to;
  double place = 0.5 * step;
  std::vector<int> sources;
  for (int i = 0; i < part.end; ++i, place += step) {
    if (i >= part.start) sources.push_back(std::min(static_cast<int>(place), from - 1));
  }
  return sources;
}

// OpenCV's own takes a neighbour here and there.
cv::Mat ResizedNearest(const cv::Mat& bgr, const cv::Size& size, const cv::Rect& part) {
  const std::vector<int> rows =
      NearestSources(bgr.rows, size.height, {part.y, part.y + part.height});
  const std::vector<int> columns =
      NearestSources(bgr.cols, size.width, {part.x, part.x + part.width});
  cv::Mat resized(part.size(), CV_8UC3);
  for (int y = 0; y < part.height; ++y) {
    const auto* from = bgr.ptr<cv::Vec3b>(rows[static_cast<size_t>(y)]);
    auto* to = resized.ptr<cv::Vec3b>(y);
    for (int x = 0; x < part.width; ++x) to[x] = from[columns[static_cast<size_t>(x)]];
  }
  return resized;
}

// The pixels `part` of the picture resized to `size`.
cv::Mat ResizedPart(const cv::Mat& bgr, const InputFormat& format, const cv::Size& size,
                    const cv::Rect& part) {
  if (bgr.size() == size) return part.size() == size ? bgr : bgr(part).clone();
  if (format.interpolation == Interpolation::kNearest) return ResizedNearest(bgr, size, part);
  if (format.antialias) return ResizeAntialiased(bgr, size, part, format.interpolation);
  cv::Mat resized;
  try {
    cv::resize(bgr, resized, size, 0, 0, MethodOf(format.interpolation));
  } catch (const cv::Exception& error) {
    Fail("an image of {} x {} cannot be resized to {} x {}: {}", bgr.cols, bgr.rows, size.width,
         size.height, error.err);
  }
  return part.size() == size ? resized : resized(part).clone();
}

}  // namespace

void InputFormat::Validate() const {
  if (height < 1 || width < 1 || height > kLongestSide || width > kLongestSide) {
    Fail("input size: expected 1 to {} pixels a side, found {} x {}", kLongestSide, height, width);
  }
  for (size_t c = 0; c < 3; ++c) {
    if (!std::isfinite(mean[c]) || !std::isfinite(scale[c])) {
      Fail("input mean and scale: expected finite numbers, found {} and {}", mean[c], scale[c]);
    }
  }
  if (mean_image.defined() && mean_image.sizes() != at::IntArrayRef({channels(), height, width})) {
    Fail("mean image: expected {} x {} x {} values, found a tensor of shape {}", channels(), height,
         width, fmt::join(mean_image.sizes(), " x "));
  }
  if (side < 0 || side > kLongestSide) {
    Fail("input side: expected 0 to {} pixels, found {}", kLongestSide, side);
  }
  if (side > 0 && resize == ResizeMode::kLetterbox) {
    Fail("input side: expected none of a letterboxed picture, found {}", side);
  }
  if (antialias && interpolation != Interpolation::kBilinear &&
      interpolation != Interpolation::kBicubic) {
    Fail("input antialias: expected bilinear or bicubic interpolation, found {}",
         interpolation == Interpolation::kArea ? "area" : "nearest");
  }
}

cv::Mat SquashBytes(const cv::Mat& bgr, const InputFormat& format) {
  if (bgr.empty() || bgr.type() != CV_8UC3) {
    Fail("expected an image of 3 channels of 8 bits, found {} x {} of {}", bgr.cols, bgr.rows,
         cv::typeToString(bgr.type()));
  }
  const InputView view = ViewOf(format, bgr.size());
  const cv::Rect shown = view.Shown();
  const cv::Rect part(shown.tl() + cv::Point(view.x.start, view.y.start), shown.size());
  const cv::Mat resized = ResizedPart(bgr, format, cv::Size(view.x.resized, view.y.resized), part);
  if (shown.size() == view.input()) return resized;
  cv::Mat whole(view.input(), CV_8UC3, FillOf(format));
  resized.copyTo(whole(shown));
  return whole;
}

void NormalizeBytes(const cv::Mat& squashed, const InputFormat& format, float* input) {
  const int64_t area = int64_t{format.height} * format.width;
  at::Tensor means;
  if (format.mean_image.defined()) {
    means = format.mean_image.to(at::kCPU, at::kFloat).contiguous();
  }
  const std::vector<cv::Mat> planes = PlanesOf(squashed, format.order);
  for (size_t c = 0; c < planes.size(); ++c) {
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
  const int64_t channels = format.channels();
  if (values.dim() < 3 || values.size(-3) != channels) {
    Fail("expected values of shape (..., {}, height, width), found {}", channels,
         fmt::join(values.sizes(), " x "));
  }
  const bool whole = values.size(-2) == format.height && values.size(-1) == format.width;
  if (format.mean_image.defined() && !whole) {
    Fail("mean image: expected values of {} x {} to subtract it from, found {}", format.height,
         format.width, fmt::join(values.sizes(), " x "));
  }
  const auto options = values.options().dtype(at::kFloat);
  const auto per_channel = [&](const std::array<float, 3>& numbers) {
    return at::tensor(at::ArrayRef<float>(numbers.data(), static_cast<size_t>(channels)),
                      at::kFloat)
        .view({channels, 1, 1})
        .to(options.device());
  };
  const at::Tensor mean = format.mean_image.defined()
                              ? format.mean_image.to(options.device(), at::kFloat)
                              : per_channel(format.mean);
  return (values.to(at::kFloat) - mean) * per_channel(format.scale);
}

at::Tensor Preprocess(const cv::Mat& bgr, const InputFormat& format) {
  format.Validate();
  at::Tensor input = at::empty({format.channels(), format.height, format.width}, at::kFloat);
  NormalizeBytes(SquashBytes(bgr, format), format, input.data_ptr<float>());
  return input;
}

}  // namespace netdissect
