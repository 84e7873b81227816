#pragma once
// Random graphs for property tests: every layer kind, branches, odd kernels, paddings and
// dilations.

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>

#include "base/random.h"
#include "netdissect/nn/network.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/sum.h"

namespace netdissect {

/// A graph of about `depth` spatial layers on a (3, size, size) input, all named "l1", "l2", ...;
/// the same for the same seed. No softmax, no global layers.
inline Network RandomNetwork(uint64_t seed, int size, int depth) {
  at::manual_seed(seed);
  Random random(seed, 77);
  const auto pick = [&](std::initializer_list<int> values) {
    return *(values.begin() + random.Below(values.size()));
  };
  Network network({3, size, size});
  int last = 0, number = 0;
  const auto add = [&](AnyKind kind, std::vector<int> inputs) {
    last = network.Add("l" + std::to_string(++number), std::move(kind), inputs);
    return last;
  };
  const auto convolution = [&](int input, int units, int kernel, int stride, int dilation, int pad,
                               int groups) {
    Convolution c;
    c.units = units;
    c.kernel = {kernel, kernel};
    c.stride = {stride, stride};
    c.dilation = {dilation, dilation};
    c.padding = {pad, pad, pad, pad};
    c.groups = groups;
    const int channels = network.layer(input).shape.units;
    c.weight = at::randn({units, channels / groups, kernel, kernel}) *
               std::sqrt(2.0 / (channels / groups * kernel * kernel));
    c.bias = at::randn({units}) * 0.1;
    return c;
  };
  while (number < depth) {
    const Shape shape = network.layer(last).shape;
    const int smallest = std::min(shape.height, shape.width);
    switch (random.Below(9)) {
      case 0:
      case 1:
      case 2: {  // a convolution of any geometry
        const int kernel = pick({1, 3, 3, 5}), dilation = pick({1, 1, 2}),
                  stride = pick({1, 1, 2, 3});
        const int pad = pick({0, 1, 2});
        if (dilation * (kernel - 1) + 1 > smallest + 2 * pad || smallest / stride < 3) break;
        const int groups = shape.units % 4 == 0 ? pick({1, 2, 4}) : 1;
        Convolution c = convolution(last, pick({8, 12, 16}), kernel, stride, dilation, pad, groups);
        if (random.Below(3) == 0) {  // uneven padding
          c.padding.bottom += 1;
          c.padding.left += 1;
        }
        add(c, {last});
        break;
      }
      case 3: {
        Relu relu;
        relu.slope = pick({0, 0, 1}) == 0 ? 0.0f : 0.3f;
        add(relu, {last});
        break;
      }
      case 4: {
        if (smallest < 6) break;
        Pooling p;
        p.method = pick({0, 1}) == 0 ? Pooling::Method::kMax : Pooling::Method::kAverage;
        p.kernel = {3, 3};
        const int stride = pick({1, 2}), pad = pick({0, 1});
        p.stride = {stride, stride};
        p.padding = {pad, pad, pad, pad};
        p.ceil = pick({0, 1}) == 1;
        p.count_padding = pick({0, 1}) == 1;
        add(p, {last});
        break;
      }
      case 5: {
        LocalResponseNorm norm;
        norm.size = 5;
        norm.alpha = 0.5f;
        add(norm, {last});
        break;
      }
      case 6: {  // two branches of one geometry, concatenated
        const int from = last;
        const int a = add(convolution(from, 8, 1, 1, 1, 0, 1), {from});
        const int b = add(convolution(from, 8, 3, 1, 1, 1, 1), {from});
        add(Concatenation{}, {a, b});
        break;
      }
      case 7: {  // a residual block
        const int from = last;
        const int a = add(convolution(from, shape.units, 3, 1, 1, 1, 1), {from});
        const int b = add(Relu{}, {a});
        const int c = add(convolution(b, shape.units, 3, 1, 1, 1, 1), {b});
        Sum sum;
        if (random.Below(2) == 0) sum.coefficients = {1.0f, -0.5f};
        add(sum, {from, c});
        break;
      }
      default: {
        Affine affine;
        affine.scale = at::rand({shape.units}) + 0.5;
        affine.shift = at::randn({shape.units}) * 0.1;
        add(affine, {last});
      }
    }
  }
  return network;
}

}  // namespace netdissect
