#include "netdissect/probe/occlusion.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// (C, patch, patch) values 0..255 in the network's channel order, for an occluder at pixel (y, x).
at::Tensor FillValues(const OcclusionOptions& options, const InputFormat& format, int y, int x) {
  const int64_t size = options.patch;
  if (options.fill == Fill::kColor) {
    const auto& [red, green, blue] = options.color;
    if (format.order == ChannelOrder::kGray) {
      return at::full({1, size, size}, std::round(0.299 * red + 0.587 * green + 0.114 * blue),
                      at::kFloat);
    }
    const bool rgb = format.order == ChannelOrder::kRgb;
    const at::Tensor color = at::tensor({rgb ? red : blue, green, rgb ? blue : red}, at::kFloat);
    return color.view({3, 1, 1}).expand({3, size, size}).clone();
  }
  at::Tensor values = at::empty({format.channels(), size, size}, at::kFloat);
  Random random(options.seed, y, x);
  float* out = values.data_ptr<float>();
  for (int64_t i = 0; i < values.numel(); ++i) {
    out[i] = static_cast<float>(255.0 * random.Uniform());
  }
  return values;
}

// The format as it is at one patch of the image: a mean image is cut to it.
InputFormat FormatAt(const InputFormat& format, int y, int x, int size) {
  InputFormat local = format;
  local.height = local.width = size;
  if (format.mean_image.defined()) {
    local.mean_image = format.mean_image.narrow(1, y, size).narrow(2, x, size);
  }
  return local;
}

}  // namespace

void OcclusionOptions::Validate(int height, int width) const {
  if (patch < 1 || patch > std::min(height, width)) {
    Fail("occlusion: expected a patch of 1 to {} pixels, found {}", std::min(height, width), patch);
  }
  if (stride < 1) Fail("occlusion: expected a stride of at least 1 pixel, found {}", stride);
  for (int value : color) {
    if (value < 0 || value > 255) {
      Fail("occlusion: expected a colour of values 0 to 255, found {}", fmt::join(color, ", "));
    }
  }
}

OccluderSet::OccluderSet(const InputFormat& format, const OcclusionOptions& options) {
  options.Validate(format.height, format.width);
  patch_ = options.patch;
  stride_ = options.stride;
  rows_ = (format.height - patch_) / stride_ + 1;
  columns_ = (format.width - patch_) / stride_ + 1;
  patches_ = at::zeros({int64_t{rows_} * columns_, format.channels(), patch_, patch_}, at::kFloat);
  if (options.fill == Fill::kMean) return;  // the mean is zero once it is subtracted
  for (int r = 0; r < rows_; ++r) {
    for (int c = 0; c < columns_; ++c) {
      const int y = r * stride_, x = c * stride_;
      patches_[int64_t{r} * columns_ + c] =
          Normalize(FillValues(options, format, y, x), FormatAt(format, y, x, patch_));
    }
  }
}

Interval OccluderSet::Meeting(const Interval& field, int count) const {
  // Occluder r covers r * stride ... r * stride + patch - 1.
  const int64_t past = field.start - (patch_ - 1);
  const int64_t first = past <= 0 ? 0 : (past + stride_ - 1) / stride_;
  const int64_t last = field.end < 0 ? -1 : std::min<int64_t>(field.end / stride_, count - 1);
  return {first, last};
}

int64_t OccluderSet::CountMeeting(const ReceptiveField& field, int y, int x) const {
  return std::max<int64_t>(0, Meeting(field.y.At(y), rows_).size()) *
         std::max<int64_t>(0, Meeting(field.x.At(x), columns_).size());
}

at::Tensor PixelMap(const at::Tensor& discrepancy, const OccluderSet& occluders, int height,
                    int width) {
  const int patch = occluders.patch(), stride = occluders.stride();
  if (patch == 1 && stride == 1) return discrepancy.to(at::kCPU, at::kFloat);
  // Prefix sums, so that the sum over the covering occluders is four look-ups.
  const at::Tensor prefix = at::constant_pad_nd(
      discrepancy.to(at::kCPU, at::kDouble).cumsum(0).cumsum(1), {1, 0, 1, 0}, 0);
  const auto sum = prefix.accessor<double, 2>();
  at::Tensor map = at::zeros({height, width}, at::kFloat);
  auto out = map.accessor<float, 2>();
  const auto covering = [&](int pixel, int count) -> Interval {
    const int past = pixel - patch + 1;
    return {past <= 0 ? 0 : (past + stride - 1) / stride, std::min(pixel / stride, count - 1)};
  };
  for (int y = 0; y < height; ++y) {
    const Interval r = covering(y, occluders.rows());
    for (int x = 0; x < width; ++x) {
      const Interval c = covering(x, occluders.columns());
      if (r.size() < 1 || c.size() < 1) continue;
      const double total = sum[r.end + 1][c.end + 1] - sum[r.start][c.end + 1] -
                           sum[r.end + 1][c.start] + sum[r.start][c.start];
      out[y][x] = static_cast<float>(total / static_cast<double>(r.size() * c.size()));
    }
  }
  return map;
}

}  // namespace netdissect
