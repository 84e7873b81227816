#pragma once
// Random graphs for property tests: every kind of layer, branches, odd kernels, paddings and
// dilations.

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>

#include "base/random.h"
#include "netdissect/nn/network.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/channel_norm.h"
#include "nn/kinds/channel_reduction.h"
#include "nn/kinds/channel_selection.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/crop.h"
#include "nn/kinds/extremum.h"
#include "nn/kinds/flatten.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/group_norm.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pad.h"
#include "nn/kinds/pixel_shuffle.h"
#include "nn/kinds/pixel_unshuffle.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/product.h"
#include "nn/kinds/rearrangement.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/resize.h"
#include "nn/kinds/softmax.h"
#include "nn/kinds/sum.h"
#include "nn/kinds/transposed_convolution.h"

namespace netdissect {

/// What draws the layers of a graph.
struct NetworkDice {
  Random random;
  Network network;
  int last = 0, number = 0;

  NetworkDice(uint64_t seed, int size) : random(seed, 77), network({3, size, size}) {
    at::manual_seed(seed);
  }
  int Below(int n) { return static_cast<int>(random.Below(static_cast<uint64_t>(n))); }
  int Pick(std::initializer_list<int> values) {
    return *(values.begin() + Below(static_cast<int>(values.size())));
  }
  const Shape& ShapeOf(int layer) const { return network.layer(layer).shape; }
  int Add(AnyKind kind, const std::vector<int>& inputs) {
    last = network.Add("l" + std::to_string(++number), std::move(kind), inputs);
    return last;
  }
  Convolution MakeConvolution(int input, int units, int kernel, int stride, int dilation, int pad,
                              int groups) const {
    Convolution c;
    c.units = units;
    c.kernel = {kernel, kernel};
    c.stride = {stride, stride};
    c.dilation = {dilation, dilation};
    c.padding = {pad, pad, pad, pad};
    c.groups = groups;
    const int channels = ShapeOf(input).units;
    c.weight = at::randn({units, channels / groups, kernel, kernel}) *
               std::sqrt(2.0 / (channels / groups * kernel * kernel));
    c.bias = at::randn({units}) * 0.1;
    return c;
  }
};

/// A function of each number that is as steep as its input anywhere.
inline Pointwise DrawFunction(NetworkDice& dice) {
  using Function = Pointwise::Function;
  const Pointwise functions[] = {Pointwise(Function::kSigmoid),
                                 Pointwise(Function::kHardSigmoid, 0.2f, 0.5f),
                                 Pointwise(Function::kHardSwish),
                                 Pointwise(Function::kSwish),
                                 Pointwise(Function::kTanh),
                                 Pointwise(Function::kElu, 0.7f),
                                 Pointwise(Function::kSelu, 1.6732632f, 1.050701f),
                                 Pointwise(Function::kGelu),
                                 Pointwise(Function::kGeluTanh),
                                 Pointwise(Function::kSoftplus, 1.5f, 2),
                                 Pointwise(Function::kSoftsign),
                                 Pointwise(Function::kClip, -0.5f, 1),
                                 Pointwise(Function::kClip, -INFINITY, 0.25f),
                                 Pointwise(Function::kAbs),
                                 Pointwise(Function::kErf)};
  return functions[dice.Below(static_cast<int>(std::size(functions)))];
}

/// A function of numbers that are brought between 0.5 and 2 first.
inline void AddFunctionOfPositive(NetworkDice& dice) {
  using Function = Pointwise::Function;
  const Pointwise functions[] = {Pointwise(Function::kSqrt), Pointwise(Function::kExp),
                                 Pointwise(Function::kLog), Pointwise(Function::kPower, 1.7f),
                                 Pointwise(Function::kReciprocal)};
  const int between = dice.Add(Pointwise(Function::kClip, 0.5f, 2), {dice.last});
  dice.Add(functions[dice.Below(static_cast<int>(std::size(functions)))], {between});
}

inline Resize DrawResize(NetworkDice& dice, const Shape& shape) {
  Resize resize;
  const auto size = [&](int input) {
    return input < 14 ? dice.Pick({input + 1, 2 * input, 3 * input, 2 * input - 3})
                      : dice.Pick({input / 2, input - 2, (input + 2) / 3});
  };
  resize.size = {size(shape.height), size(shape.width)};
  if (dice.Below(3) == 0) resize.size = {2 * shape.height, 2 * shape.width};
  resize.method = static_cast<Resize::Method>(dice.Below(3));
  resize.coordinates = static_cast<Resize::Coordinates>(dice.Below(4));
  resize.rounding = static_cast<Resize::Rounding>(dice.Below(4));
  if (dice.Below(4) == 0) {  // a scale of its own
    resize.scale_y = (static_cast<float>(resize.size.y) + 0.4f) / static_cast<float>(shape.height);
  }
  return resize;
}

inline TransposedConvolution DrawTransposed(NetworkDice& dice, const Shape& shape) {
  TransposedConvolution t;
  t.units = dice.Pick({8, 12});
  t.groups = shape.units % 4 == 0 ? dice.Pick({1, 2, 4}) : 1;
  t.kernel = {dice.Pick({1, 2, 3, 4}), dice.Pick({2, 3})};
  t.stride = {dice.Pick({1, 2, 3}), 2};
  t.dilation = {dice.Pick({1, 2}), 1};
  t.padding = {dice.Below(2), 0, dice.Below(2), 1};
  t.output_padding = {dice.Below(2), dice.Below(3)};
  t.weight = at::randn({shape.units, t.units / t.groups, t.kernel.y, t.kernel.x}) *
             std::sqrt(2.0 / (shape.units / t.groups * 3));
  if (dice.Below(3) != 0) t.bias = at::randn({t.units}) * 0.1;
  return t;
}

/// One of the kinds that put positions elsewhere; false where the map is too small or too large.
inline bool AddMove(NetworkDice& dice) {
  const Shape shape = dice.ShapeOf(dice.last);
  const int smallest = std::min(shape.height, shape.width);
  const int largest = std::max(shape.height, shape.width);
  switch (dice.Below(6)) {
    case 0: {
      if (smallest < 9) return false;
      Crop crop;
      crop.start = {dice.Below(3), dice.Below(2)};
      crop.step = {dice.Pick({1, 2}), 1};
      crop.size = {(shape.height - crop.start.y - 1) / crop.step.y, shape.width - 3};
      dice.Add(crop, {dice.last});
      return true;
    }
    case 1: {
      if (smallest < 4 || largest > 40) return false;
      Pad pad;
      pad.mode = static_cast<Pad::Mode>(dice.Below(3));
      pad.padding = {dice.Below(4), dice.Below(3), dice.Below(3), dice.Below(4)};
      pad.value = 0.3f;
      dice.Add(pad, {dice.last});
      return true;
    }
    case 2:
      if (smallest < 4) return false;
      dice.Add(DrawResize(dice, shape), {dice.last});
      return true;
    case 3:
      if (largest > 16 || smallest < 3) return false;
      dice.Add(DrawTransposed(dice, shape), {dice.last});
      return true;
    case 4: {
      if (largest > 16 || shape.units % 4 != 0 || shape.units < 16) return false;
      dice.Add(PixelShuffle{}, {dice.last});
      return true;
    }
    default:
      if (shape.height % 2 != 0 || shape.width % 2 != 0 || shape.units > 16 || smallest < 6) {
        return false;
      }
      dice.Add(PixelUnshuffle{}, {dice.last});
      return true;
  }
}

/// A gate that sees everything, one of numbers for each channel or row, or a layer that does.
inline void AddGlobal(NetworkDice& dice) {
  const int from = dice.last;
  const Shape shape = dice.ShapeOf(from);
  switch (dice.Below(3)) {
    case 0: {  // squeeze and excitation, over everything or one axis
      const bool over_y = dice.Below(4) != 0, over_x = !over_y || dice.Below(3) != 0;
      const int squeezed = dice.Below(2) == 0
                               ? dice.Add(GlobalAveragePooling(over_y, over_x), {from})
                               : dice.Add(GlobalMaxPooling(over_y, over_x), {from});
      int many = 0;
      if (over_y && over_x && dice.Below(2) == 0) {
        const int flat = dice.Add(Flatten{}, {squeezed});
        InnerProduct product;
        product.units = shape.units;
        product.weight = at::randn({shape.units, shape.units}) / std::sqrt(shape.units);
        if (dice.Below(2) == 0) product.bias = at::randn({shape.units}) * 0.1;
        many = dice.Add(product, {flat});
      } else {
        const int few = dice.Add(dice.MakeConvolution(squeezed, 4, 1, 1, 1, 0, 1), {squeezed});
        many = dice.Add(dice.MakeConvolution(few, shape.units, 1, 1, 1, 0, 1), {few});
      }
      const int gate = dice.Add(Pointwise(Pointwise::Function::kSigmoid), {many});
      dice.Add(Product{}, {from, gate});
      break;
    }
    case 1: {
      GroupNorm norm;
      norm.groups = shape.units % 2 == 0 ? dice.Pick({1, 2, shape.units}) : 1;
      norm.epsilon = 1e-2f;
      if (dice.Below(2) == 0) norm.scale = at::rand({shape.units}) + 0.5;
      if (dice.Below(2) == 0) norm.shift = at::randn({shape.units}) * 0.1;
      dice.Add(norm, {from});
      break;
    }
    default: {  // height and width change places
      Rearrangement swap;
      swap.sizes = {shape.units, shape.height, shape.width};
      swap.order = {0, 2, 1};
      swap.result = {shape.units, shape.width, shape.height};
      dice.Add(swap, {from});
    }
  }
}

/// A graph of about `depth` spatial layers on a (3, size, size) input, all named "l1", "l2", ...;
/// the same for the same seed. With `global`, some in the upper half see everything.
inline Network RandomNetwork(uint64_t seed, int size, int depth, bool global = false) {
  NetworkDice dice(seed, size);
  Random& random = dice.random;
  Network& network = dice.network;
  int &last = dice.last, &number = dice.number;
  const auto pick = [&](std::initializer_list<int> values) { return dice.Pick(values); };
  const auto add = [&](AnyKind kind, const std::vector<int>& inputs) {
    return dice.Add(std::move(kind), inputs);
  };
  const auto convolution = [&](int input, int units, int kernel, int stride, int dilation, int pad,
                               int groups) {
    return dice.MakeConvolution(input, units, kernel, stride, dilation, pad, groups);
  };
  while (number < depth) {
    const Shape shape = network.layer(last).shape;
    const int smallest = std::min(shape.height, shape.width);
    if (global && number > depth / 2 && random.Below(3) == 0) {
      AddGlobal(dice);
      continue;
    }
    switch (random.Below(19)) {
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
      case 8: {
        Affine affine;
        affine.scale = at::rand({shape.units}) + 0.5;
        affine.shift = at::randn({shape.units}) * 0.1;
        add(affine, {last});
        break;
      }
      case 9:
        add(DrawFunction(dice), {last});
        break;
      case 10:
        AddFunctionOfPositive(dice);
        break;
      case 11: {  // a map that weighs positions
        const int from = last;
        const int map =
            add(ChannelReduction(static_cast<ChannelReduction::Method>(random.Below(5))), {from});
        const int gate = add(Pointwise(Pointwise::Function::kSigmoid), {map});
        if (random.Below(3) == 0) {
          add(Sum{}, {gate, from});
        } else {
          add(Product{}, {from, gate});
        }
        break;
      }
      case 12: {  // maxout
        const int from = last;
        const int a = add(convolution(from, 8, 1, 1, 1, 0, 1), {from});
        const int b = add(convolution(from, pick({1, 8}), 3, 1, 1, 1, 1), {from});
        add(Extremum(random.Below(2) == 0), {a, b});
        break;
      }
      case 13: {
        ChannelNorm norm;
        norm.epsilon = 1e-2f;
        if (random.Below(2) == 0) norm.scale = at::rand({shape.units}) + 0.5;
        if (random.Below(2) == 0) norm.shift = at::randn({shape.units}) * 0.1;
        add(norm, {last});
        break;
      }
      case 14: {
        ChannelSelection selection;
        const int count = pick({8, 12, 16}), first = dice.Below(shape.units);
        const int step = pick({1, 1, 5, 7});  // so that not all are one channel
        for (int i = 0; i < count; ++i) {
          selection.channels.push_back((first + step * i) % shape.units);
        }
        add(selection, {last});
        break;
      }
      case 15: {  // the channels of each position in any sizes
        const int wide = add(convolution(last, 16, 1, 1, 1, 0, 1), {last});
        add(Softmax(random.Below(2) == 0), {wide});
        break;
      }
      case 16: {  // depthwise, with one or more outputs for each input
        if (smallest < 4) break;
        const int kernel = pick({3, 5}), times = shape.units > 12 ? 1 : pick({1, 1, 2});
        Convolution c = convolution(last, times * shape.units, kernel, pick({1, 2}), 1, kernel / 2,
                                    shape.units);
        add(c, {last});
        break;
      }
      default:
        AddMove(dice);
    }
  }
  return network;
}

}  // namespace netdissect
