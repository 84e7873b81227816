// One layer's output for its inputs, in LibTorch operations that run on any device.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/prelu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softmax.h>

#include <limits>

#include "netdissect/base/error.h"
#include "netdissect/nn/convolution_check.h"
#include "netdissect/nn/network.h"
#include "netdissect/nn/window.h"

namespace netdissect {
namespace {

std::vector<int64_t> Pair(const Extent& extent) { return {extent.y, extent.x}; }

// Channel vectors of shape (C) against (N, C, H, W).
at::Tensor PerChannel(const at::Tensor& vector) { return vector.view({1, -1, 1, 1}); }

// How much a window layer's input has to be padded after its end (cropped where negative) for the
// windows to fit exactly.
int PadAfter(const AxisWindow& window, int input, int output) {
  return window.last(output - 1) + 1 - input;
}

// Cells of each window that count for its average, for one axis.
at::Tensor CountCells(const AxisWindow& window, int input, int output, bool count_padding) {
  const int low = count_padding ? -window.before : 0;
  const int high = count_padding ? input + window.after : input;
  at::Tensor counts = at::empty({output}, at::kFloat);
  auto count = counts.accessor<float, 1>();
  for (int o = 0; o < output; ++o) {
    int cells = 0;
    for (int k = 0; k < window.kernel; ++k) {
      const int i = window.first(o) + window.dilation * k;
      cells += i >= low && i < high ? 1 : 0;
    }
    count[o] = static_cast<float>(cells);
  }
  return counts;
}

class Evaluator {
 public:
  Evaluator(const Layer& layer, const std::vector<at::Tensor>& inputs)
      : layer_(layer), inputs_(inputs), x_(inputs.empty() ? none_ : inputs.front()) {}

  at::Tensor operator()(const Input&) const { return x_; }

  at::Tensor operator()(const Convolution& c) const {
    AvoidWrongConvolutions();
    const Padding& p = c.padding;
    at::Tensor x = x_;
    std::vector<int64_t> padding = {p.top, p.left};
    if (p.top != p.bottom || p.left != p.right) {
      x = at::constant_pad_nd(x, {p.left, p.right, p.top, p.bottom}, 0);
      padding = {0, 0};
    }
    return at::conv2d(x, c.weight, c.bias, Pair(c.stride), padding, Pair(c.dilation), c.groups);
  }

  at::Tensor operator()(const InnerProduct& p) const {
    return at::linear(x_.flatten(1), p.weight, p.bias).view({x_.size(0), p.units, 1, 1});
  }

  at::Tensor operator()(const Pooling& p) const {
    const Window w = *WindowOf(p);
    const int bottom = PadAfter(w.y, static_cast<int>(x_.size(2)), layer_.shape.height);
    const int right = PadAfter(w.x, static_cast<int>(x_.size(3)), layer_.shape.width);
    const bool unpadded = p.padding.top == 0 && p.padding.left == 0 && bottom <= 0 && right <= 0;
    const double outside =
        p.method == Pooling::Method::kMax ? -std::numeric_limits<double>::infinity() : 0.0;
    at::Tensor x = x_;
    if (!unpadded) {
      x = at::constant_pad_nd(x, {p.padding.left, right, p.padding.top, bottom}, outside);
    }
    if (p.method == Pooling::Method::kMax) {
      return at::max_pool2d(x, Pair(p.kernel), Pair(p.stride), {0, 0}, Pair(p.dilation));
    }
    if (p.dilation.y != 1 || p.dilation.x != 1) {
      Fail("layer {}: average pooling with dilation is not supported", layer_.name);
    }
    const at::Tensor mean = at::avg_pool2d(x, Pair(p.kernel), Pair(p.stride));
    if (unpadded) return mean;
    const at::Tensor cells = at::outer(
        CountCells(w.y, static_cast<int>(x_.size(2)), layer_.shape.height, p.count_padding),
        CountCells(w.x, static_cast<int>(x_.size(3)), layer_.shape.width, p.count_padding));
    return mean * (p.kernel.y * p.kernel.x / cells.clamp_min(1)).to(x_.device());
  }

  at::Tensor operator()(const LocalResponseNorm& n) const {
    const int64_t channels = x_.size(1);
    const int64_t before = (n.size - 1) / 2;
    const at::Tensor squares =
        at::constant_pad_nd(x_ * x_, {0, 0, 0, 0, before, n.size - 1 - before}, 0);
    at::Tensor sum = squares.narrow(1, 0, channels).clone();
    for (int64_t i = 1; i < n.size; ++i) sum.add_(squares.narrow(1, i, channels));
    return x_ * sum.mul_(n.alpha / static_cast<float>(n.size)).add_(n.k).pow_(-n.beta);
  }

  at::Tensor operator()(const Relu& r) const {
    if (r.slopes.defined()) return at::prelu(x_, r.slopes);
    return r.slope == 0 ? at::relu(x_) : at::leaky_relu(x_, r.slope);
  }

  at::Tensor operator()(const Concatenation&) const { return at::cat(inputs_, 1); }

  at::Tensor operator()(const Sum& s) const {
    const auto coefficient = [&](size_t i) {
      return s.coefficients.empty() ? 1.f : s.coefficients[i];
    };
    at::Tensor sum = coefficient(0) == 1 ? inputs_[0].clone() : inputs_[0] * coefficient(0);
    for (size_t i = 1; i < inputs_.size(); ++i) sum = sum.add_(inputs_[i], coefficient(i));
    return sum;
  }

  at::Tensor operator()(const Affine& a) const {
    return x_ * PerChannel(a.scale) + PerChannel(a.shift);
  }

  at::Tensor operator()(const Softmax&) const { return at::softmax(x_, 1); }
  at::Tensor operator()(const Dropout&) const { return x_; }
  at::Tensor operator()(const Flatten&) const { return x_.flatten(1).view({x_.size(0), -1, 1, 1}); }
  at::Tensor operator()(const GlobalAveragePooling&) const { return x_.mean({2, 3}, true); }
  at::Tensor operator()(const GlobalMaxPooling&) const { return at::amax(x_, {2, 3}, true); }

 private:
  inline static const at::Tensor none_;
  const Layer& layer_;
  const std::vector<at::Tensor>& inputs_;
  const at::Tensor& x_;
};

}  // namespace

at::Tensor Evaluate(const Layer& layer, const std::vector<at::Tensor>& inputs) {
  return std::visit(Evaluator(layer, inputs), layer.kind);
}

}  // namespace netdissect
