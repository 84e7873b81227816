#include "netdissect/data/preprocess.h"

#include <ATen/ATen.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "data/squash.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr int kLargest = 1 << 14;  // pixels a side; no network's input comes near

// Which of the image's B, G, R is the network's channel `c`.
int SourceOf(int c, ChannelOrder order) { return order == ChannelOrder::kBgr ? c : 2 - c; }

// Calls plane(c, row of bytes, index of its first pixel) for every row of every network channel.
template <typename Row>
void ForEachRow(const cv::Mat& squashed, ChannelOrder order, const Row& row) {
  const int64_t width = squashed.cols;
  for (int y = 0; y < squashed.rows; ++y) {
    for (int c = 0; c < 3; ++c) row(c, squashed.ptr<uchar>(y) + SourceOf(c, order), y * width);
  }
}

}  // namespace

void CheckFormat(const InputFormat& format) {
  if (format.height < 1 || format.width < 1 || format.height > kLargest ||
      format.width > kLargest) {
    Fail("input size: expected 1 to {} pixels a side, found {} x {}", kLargest, format.height,
         format.width);
  }
  for (size_t c = 0; c < 3; ++c) {
    if (!std::isfinite(format.mean[c]) || !std::isfinite(format.scale[c])) {
      Fail("input mean and scale: expected finite numbers, found {} and {}", format.mean[c],
           format.scale[c]);
    }
  }
  const at::Tensor& mean = format.mean_image;
  if (mean.defined() && mean.sizes() != at::IntArrayRef({3, format.height, format.width})) {
    Fail("mean image: expected 3 x {} x {} values, found a tensor of shape {}", format.height,
         format.width, fmt::join(mean.sizes(), " x "));
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
  const int64_t width = format.width, area = width * format.height;
  at::Tensor means;
  if (format.mean_image.defined()) {
    means = format.mean_image.to(at::kCPU, at::kFloat).contiguous();
  }
  ForEachRow(squashed, format.order, [&](int c, const uchar* from, int64_t first) {
    const float scale = format.scale[static_cast<size_t>(c)];
    float* to = input + c * area + first;
    if (means.defined()) {
      const float* mean = means.data_ptr<float>() + c * area + first;
      for (int64_t x = 0; x < width; ++x) {
        to[x] = (static_cast<float>(from[3 * x]) - mean[x]) * scale;
      }
    } else {
      const float mean = format.mean[static_cast<size_t>(c)];
      for (int64_t x = 0; x < width; ++x) {
        to[x] = (static_cast<float>(from[3 * x]) - mean) * scale;
      }
    }
  });
}

at::Tensor Squash(const cv::Mat& bgr, const InputFormat& format) {
  CheckFormat(format);
  const cv::Mat squashed = SquashBytes(bgr, format);
  at::Tensor values = at::empty({3, format.height, format.width}, at::kFloat);
  float* planes = values.data_ptr<float>();
  const int64_t width = format.width, area = width * format.height;
  ForEachRow(squashed, format.order, [&](int c, const uchar* from, int64_t first) {
    float* to = planes + c * area + first;
    for (int64_t x = 0; x < width; ++x) to[x] = static_cast<float>(from[3 * x]);
  });
  return values;
}

at::Tensor Normalize(const at::Tensor& values, const InputFormat& format) {
  CheckFormat(format);
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
  CheckFormat(format);
  at::Tensor input = at::empty({3, format.height, format.width}, at::kFloat);
  NormalizeBytes(SquashBytes(bgr, format), format, input.data_ptr<float>());
  return input;
}

}  // namespace netdissect
