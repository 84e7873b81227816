// Convolutions, poolings, padding and resizing of ONNX.

#include "nn/import/windows.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <cmath>
#include <limits>

#include "base/limits.h"
#include "nn/import/moves.h"
#include "nn/import/not_supported.h"
#include "nn/import/reductions.h"
#include "nn/onnx/graph.h"

namespace netdissect {
namespace {

Extent Pair(const OnnxNode& node, const char* attribute, const std::vector<int64_t>& otherwise) {
  return ExtentFrom(node.Ints(attribute, otherwise), std::string("attribute ") + attribute);
}

// What is needed for ceil(size / stride) outputs, split evenly, the odd one at the end or
// beginning.
std::pair<int, int> SamePads(int size, int kernel, int stride, int dilation, bool lower) {
  const int outputs = (size + stride - 1) / stride;
  const int total = std::max(0, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - size);
  const int half = total / 2;
  return lower ? std::pair(total - half, half) : std::pair(half, total - half);
}

struct Geometry {
  Extent kernel, stride, dilation;
  Padding padding;
};

// The operator's own padding, without that of a Pad before it.
Geometry ReadGeometry(const OnnxNode& node, const View& x, const std::vector<int64_t>& kernel) {
  Geometry g;
  g.kernel = Pair(node, "kernel_shape", kernel);
  g.stride = Pair(node, "strides", {1, 1});
  g.dilation = Pair(node, "dilations", {1, 1});
  g.padding = PaddingFrom(node.Ints("pads", {0, 0, 0, 0}), "attribute pads");
  const std::string automatic = node.String("auto_pad", "NOTSET");
  if (automatic == "NOTSET" || automatic.empty()) return g;
  if (automatic != "VALID" && automatic != "SAME_UPPER" && automatic != "SAME_LOWER") {
    Fail("attribute auto_pad: expected NOTSET, VALID, SAME_UPPER or SAME_LOWER, found {}",
         automatic);
  }
  if (g.padding.top + g.padding.left + g.padding.bottom + g.padding.right != 0) {
    Fail("attribute pads: expected none beside auto_pad");
  }
  if (automatic == "VALID") return g;
  const std::vector<int64_t> sizes = SizesOf(x.axes);
  if (sizes.size() != 4) FailUnsupported("expected (N, C, H, W), found {}", ToString(sizes));
  const bool lower = automatic == "SAME_LOWER";
  std::tie(g.padding.top, g.padding.bottom) =
      SamePads(static_cast<int>(sizes[2]) + x.zeros.top + x.zeros.bottom, g.kernel.y, g.stride.y,
               g.dilation.y, lower);
  std::tie(g.padding.left, g.padding.right) =
      SamePads(static_cast<int>(sizes[3]) + x.zeros.left + x.zeros.right, g.kernel.x, g.stride.x,
               g.dilation.x, lower);
  return g;
}

at::Tensor Weight(const OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor weight = graph.FloatConstant(node, 1);
  if (weight.dim() == 3 || weight.dim() == 5) {
    FailUnsupported("weight \"{}\": only 2 spatial dimensions are supported, found {}",
                    node.Input(1), weight.dim() - 2);
  }
  if (weight.dim() != 4) {
    Fail("weight \"{}\": expected 4 dimensions, found {}", node.Input(1), weight.dim());
  }
  return weight;
}

int Groups(const OnnxNode& node) {
  const int64_t groups = node.Int("group", 1);
  if (groups < 1 || groups > kLongestSide) {
    Fail("attribute group: expected 1 to {}, found {}", kLongestSide, groups);
  }
  return static_cast<int>(groups);
}

void ImportConv(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  Convolution c;
  c.weight = Weight(graph, node);
  const Geometry g = ReadGeometry(node, x, {c.weight.size(2), c.weight.size(3)});
  c.groups = Groups(node);
  c.kernel = g.kernel;
  c.stride = g.stride;
  c.dilation = g.dilation;
  c.padding = g.padding;
  c.bias = graph.OptionalConstant(node, 2);
  graph.Set(node, Convolve(graph.builder(), node.Output(), x, c,
                           fmt::format("weight \"{}\"", node.Input(1))));
}

void ImportConvTranspose(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  TransposedConvolution c;
  c.weight = Weight(graph, node);
  c.kernel = Pair(node, "kernel_shape", {c.weight.size(2), c.weight.size(3)});
  c.stride = Pair(node, "strides", {1, 1});
  c.dilation = Pair(node, "dilations", {1, 1});
  c.padding = PaddingFrom(node.Ints("pads", {0, 0, 0, 0}), "attribute pads");
  c.groups = Groups(node);
  c.bias = graph.OptionalConstant(node, 2);
  const Padding more = [&] {
    const std::vector<int64_t> numbers = node.Ints("output_padding", {0, 0});
    if (numbers.size() != 2) Fail("attribute output_padding: expected two numbers");
    return PaddingFrom({numbers[0], numbers[1], 0, 0}, "attribute output_padding");
  }();
  c.output_padding = {more.top, more.left};
  const std::string automatic = node.String("auto_pad", "NOTSET");
  std::vector<int64_t> output = node.Ints("output_shape", {});
  const std::vector<int64_t> sizes = SizesOf(x.axes);
  if (sizes.size() != 4) FailUnsupported("expected (N, C, H, W), found {}", ToString(sizes));
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  if (same && output.empty()) output = {sizes[2] * c.stride.y, sizes[3] * c.stride.x};
  if (!output.empty()) {
    if (output.size() > 2) output.erase(output.begin(), output.end() - 2);
    const Extent wanted = ExtentFrom(output, "attribute output_shape");
    // The padding that gives this size: the odd one at the end, but of SAME_UPPER at the beginning.
    const auto pads = [&](int64_t size, int stride, int dilation, int kernel, int more_after,
                          int want) {
      const int64_t total =
          stride * (size - 1) + more_after + int64_t{dilation} * (kernel - 1) + 1 - want;
      if (total < 0) FailUnsupported("an output larger than the convolution's");
      const auto half = static_cast<int>(total / 2), rest = static_cast<int>(total) - half;
      return automatic == "SAME_UPPER" ? std::pair(half, rest) : std::pair(rest, half);
    };
    std::tie(c.padding.top, c.padding.bottom) =
        pads(sizes[2], c.stride.y, c.dilation.y, c.kernel.y, c.output_padding.y, wanted.y);
    std::tie(c.padding.left, c.padding.right) =
        pads(sizes[3], c.stride.x, c.dilation.x, c.kernel.x, c.output_padding.x, wanted.x);
  } else if (automatic != "NOTSET" && automatic != "VALID") {
    Fail("attribute auto_pad: expected NOTSET, VALID, SAME_UPPER or SAME_LOWER, found {}",
         automatic);
  }
  graph.Set(node, ConvolveTransposed(graph.builder(), node.Output(), x, c));
}

void ImportPooling(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  const Geometry g = ReadGeometry(node, x, {});
  Pooling pooling;
  pooling.method = node.op() == "MaxPool" ? Pooling::Method::kMax : Pooling::Method::kAverage;
  pooling.kernel = g.kernel;
  pooling.stride = g.stride;
  pooling.dilation = g.dilation;
  pooling.padding = g.padding;
  pooling.ceil = node.Int("ceil_mode", 0) != 0;
  if (pooling.method == Pooling::Method::kMax) {
    node.Int("storage_order", 0);  // of the second output, the indices, which nothing can use
  } else {
    pooling.count_padding = node.Int("count_include_pad", 0) != 0;
    if (g.dilation.y != 1 || g.dilation.x != 1) {
      FailUnsupported("attribute dilations: only 1 is supported for averages");
    }
  }
  graph.Set(node, PoolWindows(graph.builder(), node.Output(), x, pooling));
}

void ImportGlobalPooling(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  if (x.axes.size() != 4) {
    FailUnsupported("expected (N, C, H, W), found {}", ToString(SizesOf(x.axes)));
  }
  const Reduction what = node.op() == "GlobalMaxPool" ? Reduction::kMax : Reduction::kMean;
  graph.Set(node, Reduce(graph.builder(), node.Output(), what, x, {2, 3}, true));
}

void ImportPad(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  const std::string word = node.String("mode", "constant");
  PadMode mode = PadMode::kConstant;
  if (word == "reflect") {
    mode = PadMode::kReflect;
  } else if (word == "edge") {
    mode = PadMode::kReplicate;
  } else if (word != "constant") {
    FailUnsupported("attribute mode: only constant, reflect and edge are supported, found {}",
                    word);
  }
  const std::vector<int64_t> old = node.Ints("paddings", {});  // of the first version
  const std::vector<int64_t> pads = graph.Numbers(node, 1, "pads", old);
  float value = node.Float("value", 0);
  if (!node.Input(2).empty()) value = static_cast<float>(graph.Number(node, 2));
  std::vector<int64_t> axes;
  if (!node.Input(3).empty()) axes = graph.Numbers(node, 3);
  const size_t rank = x.axes.size();
  if (axes.empty()) {
    for (size_t i = 0; i < rank; ++i) axes.push_back(static_cast<int64_t>(i));
  }
  if (pads.size() != 2 * axes.size()) {
    Fail("pads: expected {} numbers, found {}", 2 * axes.size(), pads.size());
  }
  std::vector<int64_t> before(rank, 0), after(rank, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    before[AxisAt(axes[i], rank)] = pads[i];
    after[AxisAt(axes[i], rank)] = pads[i + axes.size()];
  }
  graph.Set(node, PadAxes(graph.builder(), node.Output(), x, mode, value, before, after));
}

Resize::Coordinates CoordinatesOf(const std::string& word) {
  if (word == "half_pixel") return Resize::Coordinates::kHalfPixel;
  if (word == "pytorch_half_pixel") return Resize::Coordinates::kPytorchHalfPixel;
  if (word == "asymmetric") return Resize::Coordinates::kAsymmetric;
  if (word == "align_corners") return Resize::Coordinates::kAlignCorners;
  FailUnsupported("attribute coordinate_transformation_mode: {} is not supported", word);
}

Resize::Rounding RoundingOf(const std::string& word) {
  if (word == "round_prefer_floor") return Resize::Rounding::kRoundPreferFloor;
  if (word == "round_prefer_ceil") return Resize::Rounding::kRoundPreferCeil;
  if (word == "floor") return Resize::Rounding::kFloor;
  if (word == "ceil") return Resize::Rounding::kCeil;
  FailUnsupported("attribute nearest_mode: {} is not supported", word);
}

// Resize, and Upsample of earlier versions.
void ImportResize(OnnxGraph& graph, const OnnxNode& node) {
  const View& x = graph.Input(node, 0);
  const bool old = node.op() == "Upsample" || graph.opset() < 11;
  Resize resize;
  const std::string mode = node.String("mode", "nearest");
  if (mode == "nearest") {
    resize.method = Resize::Method::kNearest;
  } else if (mode == "linear" || mode == "bilinear") {
    resize.method = Resize::Method::kLinear;
  } else if (mode == "cubic") {
    resize.method = Resize::Method::kCubic;
  } else {
    FailUnsupported("attribute mode: {} is not supported", mode);
  }
  resize.coordinates =
      old ? Resize::Coordinates::kAsymmetric
          : CoordinatesOf(node.String("coordinate_transformation_mode", "half_pixel"));
  resize.rounding = old ? Resize::Rounding::kFloor
                        : RoundingOf(node.String("nearest_mode", "round_prefer_floor"));
  resize.cubic_a = node.Float("cubic_coeff_a", -0.75f);
  if (node.Int("exclude_outside", 0) != 0 && resize.method == Resize::Method::kCubic) {
    FailUnsupported("attribute exclude_outside: only 0 is supported");
  }
  if (node.Int("antialias", 0) != 0) FailUnsupported("attribute antialias: only 0 is supported");
  if (node.String("keep_aspect_ratio_policy", "stretch") != "stretch") {
    FailUnsupported("attribute keep_aspect_ratio_policy: only stretch is supported");
  }
  node.Float("extrapolation_value", 0);  // of a mode that is refused
  const std::vector<int64_t> from = SizesOf(x.axes);
  const std::vector<int64_t> axes = node.Ints("axes", {0, 1, 2, 3});
  if (from.size() != 4) FailUnsupported("expected (N, C, H, W), found {}", ToString(from));
  std::vector<double> scales(4, 1);
  std::vector<int64_t> sizes = from;
  const auto place = [&](size_t i) { return AxisAt(axes[i], 4); };
  const int scales_at = node.op() == "Upsample" || graph.opset() < 11 ? 1 : 2;
  if (!node.Input(3).empty() && scales_at == 2) {
    const std::vector<int64_t> asked = graph.Numbers(node, 3);
    if (asked.size() != axes.size())
      Fail("sizes: expected {} numbers, found {}", axes.size(), asked.size());
    for (size_t i = 0; i < asked.size(); ++i) {
      sizes[place(i)] = asked[i];
      scales[place(i)] = static_cast<double>(asked[i]) / static_cast<double>(from[place(i)]);
    }
  } else {
    std::vector<float> factors = node.Floats("scales");
    if (!node.Input(scales_at).empty()) {
      const at::Tensor numbers = graph.FloatConstant(node, scales_at).contiguous();
      factors.assign(numbers.data_ptr<float>(), numbers.data_ptr<float>() + numbers.numel());
    }
    if (factors.size() != axes.size()) {
      Fail("scales: expected {} numbers, found {}", axes.size(), factors.size());
    }
    for (size_t i = 0; i < factors.size(); ++i) {
      if (!(factors[i] > 0) || factors[i] > 1e4f) {
        Fail("scales: expected positive numbers, found {}", fmt::join(factors, ", "));
      }
      if (factors[i] == 1) continue;
      scales[place(i)] = factors[i];
      sizes[place(i)] = static_cast<int64_t>(
          std::floor(static_cast<double>(from[place(i)]) * static_cast<double>(factors[i])));
    }
    resize.scale_y = static_cast<float>(scales[2]);
    resize.scale_x = static_cast<float>(scales[3]);
  }
  // The operator's definition takes the scale for the size here, engines the whole number below.
  const auto whole = [](double scale, int64_t size) {
    const double product = scale * static_cast<double>(size);
    return product == std::floor(product);
  };
  if (resize.coordinates == Resize::Coordinates::kAlignCorners && resize.scale_y != 0 &&
      (!whole(scales[2], from[2]) || !whole(scales[3], from[3]))) {
    FailUnsupported("aligned corners with scales that give no whole number of positions");
  }
  if (sizes[0] != from[0] && sizes[0] != 1) FailUnsupported("resizing of the batch");
  if (sizes[1] != from[1]) FailUnsupported("resizing of the channels");
  resize.size = ExtentFrom({sizes[2], sizes[3]}, "sizes");
  graph.Set(node, ResizeImage(graph.builder(), node.Output(), x, resize));
}

void ImportDepthToSpace(OnnxGraph& graph, const OnnxNode& node) {
  const std::string mode = node.String("mode", "DCR");
  const auto make = node.op() == "DepthToSpace" ? DepthToSpace : SpaceToDepth;
  graph.Set(node, make(graph.builder(), node.Output(), graph.Input(node, 0),
                       node.Int("blocksize", 0), mode == "CRD"));
}

}  // namespace

const std::map<std::string, OnnxHandler>& OnnxWindowHandlers() {
  static const std::map<std::string, OnnxHandler> handlers = {
      {"AveragePool", ImportPooling},
      {"Conv", ImportConv},
      {"ConvTranspose", ImportConvTranspose},
      {"DepthToSpace", ImportDepthToSpace},
      {"GlobalAveragePool", ImportGlobalPooling},
      {"GlobalMaxPool", ImportGlobalPooling},
      {"MaxPool", ImportPooling},
      {"Pad", ImportPad},
      {"Resize", ImportResize},
      {"SpaceToDepth", ImportDepthToSpace},
      {"Upsample", ImportResize}};
  return handlers;
}

}  // namespace netdissect
