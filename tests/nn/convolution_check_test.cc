// Convolutions of LibTorch against double precision, which is computed by other code.

#include "netdissect/nn/convolution_check.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/rand.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "netdissect/nn/network.h"
#include "nn/compare.h"
#include "nn/kinds/convolution.h"

namespace netdissect {
namespace {

TEST(ConvolutionCheck, WhatIsLeftIsRight) {
  AvoidWrongConvolutions();
  EXPECT_TRUE(ConvolutionsAreRight());
}

// Of any shape and memory layout, forward and backward: what networks compute and training
// descends.
TEST(ConvolutionCheck, RandomConvolutionsAndTheirGradientsAgreeWithDoublePrecision) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const auto from = [&](int least, int most) {
      return least + static_cast<int>(random.Below(static_cast<uint64_t>(most - least + 1)));
    };
    const int groups = from(1, 3), inputs = from(1, 9), height = from(8, 24), width = from(8, 24);
    Convolution conv;
    conv.groups = groups;
    conv.units = groups * from(1, 9);
    conv.kernel = {from(1, 5), from(1, 5)};
    conv.stride = {from(1, 3), from(1, 3)};
    conv.dilation = {1, 1};
    const int pad = from(0, 2);
    conv.padding = {pad, pad, pad, pad};
    conv.weight = at::rand({conv.units, inputs, conv.kernel.y, conv.kernel.x}) - 0.5;
    conv.bias = at::rand({conv.units});
    const auto format =
        from(0, 1) == 1 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    const at::Tensor x =
        (at::rand({from(1, 3), groups * inputs, height, width}) - 0.5).contiguous(format);
    Layer layer{"conv", conv, {0}, {}};
    const at::Tensor found = Evaluate(layer, {x});
    const std::vector<int64_t> stride = {conv.stride.y, conv.stride.x};
    const at::Tensor wide = x.to(at::kDouble), weight = conv.weight.to(at::kDouble);
    const at::Tensor expected =
        at::conv2d(wide, weight, conv.bias.to(at::kDouble), stride, pad, 1, groups);
    EXPECT_LT(RelativeError(found, expected), 1e-5) << "seed " << seed;

    const at::Tensor change = at::rand(expected.sizes(), at::kDouble) - 0.5;
    const auto gradients = [&](at::ScalarType type) {
      return at::convolution_backward(change.to(type).contiguous(format), x.to(type),
                                      conv.weight.to(type), at::IntArrayRef{conv.units}, stride,
                                      {pad, pad}, {1, 1}, false, {0, 0}, groups,
                                      {true, true, true});
    };
    const auto [of_x, of_weight, of_bias] = gradients(at::kFloat);
    const auto [right_x, right_weight, right_bias] = gradients(at::kDouble);
    EXPECT_LT(RelativeError(of_x, right_x), 1e-4) << "seed " << seed;
    EXPECT_LT(RelativeError(of_weight, right_weight), 1e-4) << "seed " << seed;
    EXPECT_LT(RelativeError(of_bias, right_bias), 1e-4) << "seed " << seed;
  }
}

}  // namespace
}  // namespace netdissect
