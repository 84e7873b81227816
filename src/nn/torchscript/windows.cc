// Convolutions, poolings, padding and resizing of PyTorch.

#include "nn/import/windows.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "nn/import/not_supported.h"
#include "nn/torchscript/call.h"

namespace netdissect::torchscript {
namespace {

// One number stands for two.
Extent Pair(const Call& call, const char* argument) {
  std::vector<int64_t> numbers = call.Ints(argument);
  if (numbers.size() == 1) numbers.push_back(numbers[0]);
  return ExtentFrom(numbers, std::string("argument ") + argument);
}

Padding Around(const Call& call, const char* argument) {
  std::vector<int64_t> numbers = call.Ints(argument);
  if (numbers.size() == 1) numbers.push_back(numbers[0]);
  if (numbers.size() != 2) Fail("argument {}: expected two numbers", argument);
  return PaddingFrom({numbers[0], numbers[1], numbers[0], numbers[1]},
                     std::string("argument ") + argument);
}

at::Tensor Weight(const Call& call) {
  const at::Tensor weight = call.Tensor("weight");
  if (weight.dim() != 4) {
    FailUnsupported("argument weight: only 2 spatial dimensions are supported, found {}",
                    weight.dim() - 2);
  }
  return weight;
}

std::vector<Value> Conv(const Call& call) {
  const at::Tensor weight = Weight(call);
  const Extent kernel{static_cast<int>(weight.size(2)), static_cast<int>(weight.size(3))};
  const int64_t groups = call.Int("groups");
  if (groups < 1 || groups > kLongestSide) Fail("argument groups: found {}", groups);
  if (call.Has("transposed") && call.Bool("transposed")) {
    TransposedConvolution c;
    c.weight = weight;
    c.bias = call.OptionalTensor("bias");
    c.kernel = kernel;
    c.stride = Pair(call, "stride");
    c.dilation = Pair(call, "dilation");
    c.padding = Around(call, "padding");
    const Padding more = Around(call, "output_padding");
    c.output_padding = {more.top, more.left};
    c.groups = static_cast<int>(groups);
    return {Fresh(ConvolveTransposed(call.graph(), call.name(), call.Input("input"), c))};
  }
  Convolution c;
  c.weight = weight;
  c.bias = call.OptionalTensor("bias");
  c.kernel = kernel;
  c.stride = Pair(call, "stride");
  c.dilation = Pair(call, "dilation");
  c.groups = static_cast<int>(groups);
  const std::string word = call.String("padding");
  if (word == "same") {  // the odd one at the end
    const int y = c.dilation.y * (kernel.y - 1), x = c.dilation.x * (kernel.x - 1);
    c.padding = {y / 2, x / 2, y - y / 2, x - x / 2};
  } else if (word.empty()) {
    c.padding = Around(call, "padding");
  } else if (word != "valid") {
    Fail("argument padding: expected same or valid, found {}", word);
  }
  return {Fresh(Convolve(call.graph(), call.name(), call.Input("input"), c))};
}

std::vector<Value> ConvTransposed(const Call& call) {
  TransposedConvolution c;
  c.weight = Weight(call);
  c.bias = call.OptionalTensor("bias");
  c.kernel = {static_cast<int>(c.weight.size(2)), static_cast<int>(c.weight.size(3))};
  c.stride = Pair(call, "stride");
  c.dilation = Pair(call, "dilation");
  c.padding = Around(call, "padding");
  const Padding more = Around(call, "output_padding");
  c.output_padding = {more.top, more.left};
  c.groups = static_cast<int>(call.Int("groups"));
  return {Fresh(ConvolveTransposed(call.graph(), call.name(), call.Input("input"), c))};
}

Pooling Windows(const Call& call) {
  Pooling pooling;
  pooling.kernel = Pair(call, "kernel_size");
  pooling.stride = call.Ints("stride").empty() ? pooling.kernel : Pair(call, "stride");
  pooling.padding = Around(call, "padding");
  pooling.dilation = {1, 1};
  pooling.ceil = call.Bool("ceil_mode");
  return pooling;
}

std::vector<Value> MaxPool(const Call& call) {
  Pooling pooling = Windows(call);
  pooling.method = Pooling::Method::kMax;
  pooling.dilation = Pair(call, "dilation");
  return {Fresh(PoolWindows(call.graph(), call.name(), call.Input(), pooling))};
}

std::vector<Value> AveragePool(const Call& call) {
  Pooling pooling = Windows(call);
  pooling.method = Pooling::Method::kAverage;
  pooling.count_padding = call.Bool("count_include_pad");
  if (!call.IsNone("divisor_override")) {
    FailUnsupported("argument divisor_override: only None is supported");
  }
  return {Fresh(PoolWindows(call.graph(), call.name(), call.Input(), pooling))};
}

std::vector<Value> AdaptivePool(const Call& call, Pooling::Method method) {
  return {Fresh(
      PoolAdaptively(call.graph(), call.name(), call.Input(), Pair(call, "output_size"), method))};
}
std::vector<Value> AdaptiveAverage(const Call& call) {
  return AdaptivePool(call, Pooling::Method::kAverage);
}
std::vector<Value> AdaptiveMax(const Call& call) {
  Value map = AdaptivePool(call, Pooling::Method::kMax)[0];
  return {map, Value(c10::IValue())};  // and the places, which nothing can use
}

// By pairs from the last axis on: (left, right, top, bottom, ...).
std::vector<Value> PadBy(const Call& call, PadMode mode, float value, const char* argument) {
  const std::vector<int64_t> pads = call.Ints(argument);
  const size_t rank = call.Input().axes.size();
  if (pads.size() % 2 != 0 || pads.size() > 2 * rank) {
    Fail("argument {}: expected pairs of numbers for up to {} axes, found {}", argument, rank,
         pads.size());
  }
  std::vector<int64_t> before(rank, 0), after(rank, 0);
  for (size_t i = 0; i < pads.size() / 2; ++i) {
    before[rank - 1 - i] = pads[2 * i];
    after[rank - 1 - i] = pads[2 * i + 1];
  }
  return {Fresh(PadAxes(call.graph(), call.name(), call.Input(), mode, value, before, after))};
}
std::vector<Value> PadConstant(const Call& call) {
  return PadBy(call, PadMode::kConstant, static_cast<float>(call.Number("value")), "pad");
}
std::vector<Value> PadMirrored(const Call& call) {
  return PadBy(call, PadMode::kReflect, 0, "padding");
}
std::vector<Value> PadReplicated(const Call& call) {
  return PadBy(call, PadMode::kReplicate, 0, "padding");
}
std::vector<Value> PadAny(const Call& call) {
  const std::string mode = call.String("mode");
  if (mode == "reflect") return PadBy(call, PadMode::kReflect, 0, "pad");
  if (mode == "replicate") return PadBy(call, PadMode::kReplicate, 0, "pad");
  if (mode != "constant") FailUnsupported("argument mode: {} is not supported", mode);
  const float value = call.IsNone("value") ? 0 : static_cast<float>(call.Number("value"));
  return PadBy(call, PadMode::kConstant, value, "pad");
}

std::vector<Value> Upsample(const Call& call, Resize::Method method) {
  const char* input = call.Has("input") ? "input" : "self";
  const std::vector<int64_t> from = SizesOf(call.Input(input).axes);
  if (from.size() != 4) FailUnsupported("expected (N, C, H, W), found {}", ToString(from));
  Resize resize;
  resize.method = method;
  const bool aligned = call.Has("align_corners") && call.Bool("align_corners");
  resize.coordinates = method == Resize::Method::kNearest ? Resize::Coordinates::kAsymmetric
                       : aligned                          ? Resize::Coordinates::kAlignCorners
                                                          : Resize::Coordinates::kHalfPixel;
  resize.rounding = Resize::Rounding::kFloor;
  std::vector<double> scales;
  if (call.Has("scale_factors")) {
    scales = call.Numbers("scale_factors");
  } else if (!call.IsNone("scales_h") && !call.IsNone("scales_w")) {
    scales = {call.Number("scales_h"), call.Number("scales_w")};
  }
  std::vector<int64_t> size = call.Ints("output_size");
  if (size.empty() && scales.size() == 2) {
    for (size_t i = 0; i < 2; ++i) {
      size.push_back(
          static_cast<int64_t>(std::floor(static_cast<double>(from[i + 2]) * scales[i])));
    }
  }
  resize.size = ExtentFrom(size, "argument output_size");
  if (scales.size() == 2 && !aligned) {
    resize.scale_y = static_cast<float>(scales[0]);
    resize.scale_x = static_cast<float>(scales[1]);
  }
  return {Fresh(ResizeImage(call.graph(), call.name(), call.Input(input), resize))};
}
std::vector<Value> UpsampleNearest(const Call& call) {
  return Upsample(call, Resize::Method::kNearest);
}
std::vector<Value> UpsampleLinear(const Call& call) {
  return Upsample(call, Resize::Method::kLinear);
}
std::vector<Value> UpsampleCubic(const Call& call) {
  return Upsample(call, Resize::Method::kCubic);
}

std::vector<Value> Shuffle(const Call& call) {
  return {Fresh(
      DepthToSpace(call.graph(), call.name(), call.Input(), call.Int("upscale_factor"), true))};
}
std::vector<Value> Unshuffle(const Call& call) {
  return {Fresh(
      SpaceToDepth(call.graph(), call.name(), call.Input(), call.Int("downscale_factor"), true))};
}

}  // namespace

const std::map<std::string, Handler>& WindowHandlers() {
  static const std::map<std::string, Handler> handlers = {{"adaptive_avg_pool2d", AdaptiveAverage},
                                                          {"adaptive_max_pool2d", AdaptiveMax},
                                                          {"avg_pool2d", AveragePool},
                                                          {"constant_pad_nd", PadConstant},
                                                          {"conv2d", Conv},
                                                          {"conv_transpose2d", ConvTransposed},
                                                          {"convolution", Conv},
                                                          {"max_pool2d", MaxPool},
                                                          {"pad", PadAny},
                                                          {"pixel_shuffle", Shuffle},
                                                          {"pixel_unshuffle", Unshuffle},
                                                          {"reflection_pad2d", PadMirrored},
                                                          {"replication_pad2d", PadReplicated},
                                                          {"upsample_bicubic2d", UpsampleCubic},
                                                          {"upsample_bilinear2d", UpsampleLinear},
                                                          {"upsample_nearest2d", UpsampleNearest}};
  return handlers;
}

}  // namespace netdissect::torchscript
