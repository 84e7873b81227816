#pragma once
// Between cv::Mat (H, W, interleaved channels) and at::Tensor (C, H, W).

#include <ATen/core/Tensor.h>

#include <opencv2/core.hpp>

namespace netdissect {

/// float32 (C, H, W) copy of an image of any depth; values are not scaled.
at::Tensor TensorFromMat(const cv::Mat& image);

/// float32 image of C channels from (C, H, W) or (H, W), on any device.
cv::Mat MatFromTensor(const at::Tensor& tensor);

}  // namespace netdissect
