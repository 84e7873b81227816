#pragma once
// The one way from pixels to a network's input:
//
//   input = (resize(image) - mean) * scale,   in the network's channel order, (C, H, W) float32.
//
// Nothing else touches pixels on the way in. resize brings a picture to (height, width), as the
// network was trained:
//   - squash: to exactly that, aspect ratio not kept, as the original toolkit does; with `side`, to
//     side x side, of which the input is the centre, as Caffe's own examples do;
//   - crop: the shorter side to `side`, of which the input is the centre, as torchvision does;
//   - letterbox: as large as fits, in the middle, between bars of the colour `fill`.
// data/input_view.h says which pixel comes where; a picture that already has its size is not
// touched.
//
// Interpolation looks at the 1 (nearest, as PIL does), 2 x 2 (bilinear) or 4 x 4 (bicubic,
// a = -0.75) pixels around each place, whatever the reduction: OpenCV's, and PyTorch's resizing of
// tensors. area is OpenCV's INTER_AREA: the mean of what a pixel covers. With `antialias`, bilinear
// and bicubic (a = -0.5) filters are as wide as the reduction, rows first, rounded to 8 bits
// between and after: what PIL, and so torchvision and timm, do to pictures, bit for bit.

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <opencv2/core.hpp>

#include "netdissect/base/file.h"
#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

/// kGray: one channel, 0.299 red + 0.587 green + 0.114 blue.
enum class ChannelOrder { kBgr, kRgb, kGray };
enum class ResizeMode { kSquash, kCrop, kLetterbox };
enum class Interpolation { kNearest, kBilinear, kBicubic, kArea };

struct InputFormat {
  int height = 227;                         // pixels
  int width = 227;                          // pixels
  ChannelOrder order = ChannelOrder::kBgr;  // of the network's input channels
  std::array<float, 3> mean{0, 0, 0};   // 0..255, in the network's channel order; of gray the first
  std::array<float, 3> scale{1, 1, 1};  // applied after the mean, in the network's channel order
  at::Tensor mean_image;  // (C, H, W) in the network's channel order; replaces `mean` where defined
  ResizeMode resize = ResizeMode::kSquash;
  int side = 0;  // pixels, before the centre is taken; 0: of a crop the input's longer side, of a
                 // squashed picture all
  Interpolation interpolation = Interpolation::kBilinear;
  bool antialias = false;                // bilinear and bicubic
  std::array<uint8_t, 3> fill{0, 0, 0};  // of what the picture does not reach, in the same order

  int channels() const { return order == ChannelOrder::kGray ? 1 : 3; }

  /// Error where the size is out of range, a number not finite, the mean image of another shape, or
  /// options contradict each other.
  void Validate() const;
};

/// The image brought to the network's size: (C, H, W) float32 values 0..255 in the network's order.
at::Tensor Squash(const cv::Mat& bgr, const InputFormat& format);

/// (x - mean) * scale for (..., C, H, W) values 0..255 in the network's order.
at::Tensor Normalize(const at::Tensor& values, const InputFormat& format);

/// Normalize(Squash(image)).
at::Tensor Preprocess(const cv::Mat& bgr, const InputFormat& format);

/// A (C, height, width) mean image from Caffe's .binaryproto, which has BGR: where the format takes
/// the centre of side x side pixels and the mean image has as many, its centre as Caffe does, else
/// resized bilinearly where its size differs; in the format's order.
at::Tensor ReadMeanImage(const Path& path, const InputFormat& format);

/// The same for a picture that is squashed.
at::Tensor ReadMeanImage(const Path& path, int height, int width, ChannelOrder order);

}  // namespace netdissect
