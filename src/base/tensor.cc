#include "base/tensor.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

#include "netdissect/base/error.h"

namespace netdissect {

at::Tensor TensorFromMat(const cv::Mat& image) {
  cv::Mat values;
  image.convertTo(values, CV_32F);
  if (!values.isContinuous()) values = values.clone();
  const at::Tensor interleaved =
      at::from_blob(values.data, {values.rows, values.cols, values.channels()}, at::kFloat);
  return interleaved.permute({2, 0, 1}).clone(at::MemoryFormat::Contiguous);
}

cv::Mat MatFromTensor(const at::Tensor& tensor) {
  if (tensor.dim() != 2 && tensor.dim() != 3) {
    Fail("expected a tensor of 2 or 3 dimensions for an image, found {}", tensor.dim());
  }
  const at::Tensor chw = tensor.dim() == 2 ? tensor.unsqueeze(0) : tensor;
  const at::Tensor hwc = chw.to(at::kCPU, at::kFloat).permute({1, 2, 0}).contiguous();
  const cv::Mat view(static_cast<int>(hwc.size(0)), static_cast<int>(hwc.size(1)),
                     CV_32FC(static_cast<int>(hwc.size(2))), hwc.data_ptr<float>());
  return view.clone();
}

}  // namespace netdissect
