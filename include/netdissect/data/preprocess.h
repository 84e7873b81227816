#pragma once
// The one way from pixels to a network's input:
//
//   input = (squash(image) - mean) * scale,   in the network's channel order, (3, H, W) float32.
//
// Nothing else touches pixels on the way in. squash: bilinear to exactly (height, width), aspect
// ratio not kept, as the original toolkit does.

#include <ATen/core/Tensor.h>

#include <array>
#include <opencv2/core.hpp>

#include "netdissect/base/file.h"
#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

enum class ChannelOrder { kBgr, kRgb };

struct InputFormat {
  int height = 227;                         // pixels
  int width = 227;                          // pixels
  ChannelOrder order = ChannelOrder::kBgr;  // of the network's input channels
  std::array<float, 3> mean{0, 0, 0};       // 0..255, in the network's channel order
  std::array<float, 3> scale{1, 1, 1};  // applied after the mean, in the network's channel order
  at::Tensor mean_image;  // (3, H, W) in the network's channel order; replaces `mean` where defined

  /// Error where the size is out of range, a number not finite, or the mean image of another shape.
  void Validate() const;
};

/// The image squashed to the network's size: (3, H, W) float32 values 0..255 in the network's
/// order.
at::Tensor Squash(const cv::Mat& bgr, const InputFormat& format);

/// (x - mean) * scale for (..., 3, H, W) values 0..255 in the network's order.
at::Tensor Normalize(const at::Tensor& values, const InputFormat& format);

/// Normalize(Squash(image)).
at::Tensor Preprocess(const cv::Mat& bgr, const InputFormat& format);

/// A (3, height, width) mean image in BGR from Caffe's .binaryproto, resized bilinearly where its
/// size differs (Caffe crops its centre; give the centre crop where that matters), reordered for
/// `order`.
at::Tensor ReadMeanImage(const Path& path, int height, int width, ChannelOrder order);

}  // namespace netdissect
