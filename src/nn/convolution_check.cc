#include "netdissect/nn/convolution_check.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/sin.h>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

struct Trial {
  int64_t groups, inputs, outputs;  // channels of a group
};

bool IsRight(const Trial& trial, at::MemoryFormat format) {
  constexpr int64_t kHeight = 12, kWidth = 10, kKernel = 5;
  const auto made_up = [](const std::vector<int64_t>& shape, double step) {
    int64_t count = 1;
    for (const int64_t size : shape) count *= size;
    return (at::arange(count, at::kDouble) * step).sin().view(shape);
  };
  const at::Tensor input = made_up({2, trial.groups * trial.inputs, kHeight, kWidth}, 0.7);
  const at::Tensor weight =
      made_up({trial.groups * trial.outputs, trial.inputs, kKernel, kKernel}, 1.3);
  const auto convolve = [&](const at::Tensor& x, const at::Tensor& w) {
    return at::conv2d(x, w, {}, 1, 2, 1, trial.groups);
  };
  const at::Tensor expected = convolve(input, weight);
  const at::Tensor found = convolve(input.to(at::kFloat).contiguous(format), weight.to(at::kFloat));
  return (found - expected).abs().max().item<double>() < 1e-4 * expected.abs().max().item<double>();
}

}  // namespace

bool ConvolutionsAreRight() {
  for (const Trial& trial : {Trial{1, 3, 8}, {2, 1, 4}, {3, 1, 9}, {2, 3, 4}}) {
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      if (!IsRight(trial, format)) return false;
    }
  }
  return true;
}

bool AvoidWrongConvolutions() {
  static const bool avoided = [] {
    if (ConvolutionsAreRight()) return false;
    at::globalContext().setUserEnabledMkldnn(false);
    return true;
  }();
  return avoided;
}

void RequireRightConvolutions() {
  static const bool right = ConvolutionsAreRight();
  if (right) return;
  Fail(
      "this LibTorch's oneDNN computes convolutions wrongly: call AvoidWrongConvolutions() before "
      "the first one, which does without it");
}

}  // namespace netdissect
