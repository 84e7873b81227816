#pragma once
// Comparison of an imported network with OpenCV's dnn module, an independent engine.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <gtest/gtest.h>

#include <opencv2/dnn.hpp>

#include "netdissect/nn/network.h"

namespace netdissect {

inline at::Tensor TensorFromBlob(const cv::Mat& blob) {
  std::vector<int64_t> sizes(blob.size.p, blob.size.p + blob.dims);
  const cv::Mat continuous = blob.isContinuous() ? blob : blob.clone();
  return at::from_blob(continuous.data, sizes, at::kFloat).clone();
}

inline cv::Mat BlobFromTensor(const at::Tensor& tensor) {
  const at::Tensor contiguous = tensor.contiguous();
  const std::vector<int> sizes(contiguous.sizes().begin(), contiguous.sizes().end());
  return cv::Mat(sizes, CV_32F, contiguous.data_ptr()).clone();
}

/// max|a - b| / max|b|; infinite where the sizes differ.
inline double RelativeError(const at::Tensor& a, const at::Tensor& b) {
  if (a.numel() != b.numel()) return std::numeric_limits<double>::infinity();
  const at::Tensor x = a.reshape({-1}).to(at::kDouble), y = b.reshape({-1}).to(at::kDouble);
  const double scale = y.abs().max().item<double>();
  const double difference = (x - y).abs().max().item<double>();
  return difference == 0 ? 0 : difference / scale;
}

inline at::Tensor Output(const Network& network, const at::Tensor& input, const std::string& name) {
  return network.Forward(input, {network.Find(name)})[0];
}

}  // namespace netdissect
