// Convolutions and poolings of ONNX.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "netdissect/base/error.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/softmax.h"
#include "nn/onnx_graph.h"

namespace netdissect {
namespace {

// Beyond this a geometry is malformed rather than large, and products of two stay far from
// overflow.
constexpr int64_t kMostPixels = 1 << 14;

Extent Pair(const OnnxNode& node, const std::string& attribute,
            const std::vector<int64_t>& otherwise) {
  const std::vector<int64_t> numbers = node.Ints(attribute, otherwise);
  if (numbers.size() != 2) {
    node.ComplainAttribute(attribute,
                           fmt::format("expected two numbers, found {}", numbers.size()));
  }
  for (const int64_t number : numbers) {
    if (number < 1 || number > kMostPixels) {
      node.ComplainAttribute(attribute,
                             fmt::format("expected 1 to {}, found {}", kMostPixels, number));
    }
  }
  return {static_cast<int>(numbers[0]), static_cast<int>(numbers[1])};
}

Padding ExplicitPads(const OnnxNode& node) {
  const std::vector<int64_t> pads = node.Ints("pads", {0, 0, 0, 0});
  if (pads.size() != 4) {
    node.ComplainAttribute("pads", fmt::format("expected four numbers, found {}", pads.size()));
  }
  for (const int64_t pad : pads) {
    if (pad < 0 || pad > kMostPixels) {
      node.ComplainAttribute("pads", fmt::format("expected 0 to {}, found {}", kMostPixels, pad));
    }
  }
  return {static_cast<int>(pads[0]), static_cast<int>(pads[1]), static_cast<int>(pads[2]),
          static_cast<int>(pads[3])};
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

Padding Added(const Padding& a, const Padding& b) {
  return {a.top + b.top, a.left + b.left, a.bottom + b.bottom, a.right + b.right};
}

// The operator's own padding, without that of a Pad before it.
Geometry ReadGeometry(const OnnxGraph& graph, const OnnxNode& node, const OnnxImage& image,
                      const std::vector<int64_t>& kernel) {
  Geometry g;
  g.kernel = Pair(node, "kernel_shape", kernel);
  g.stride = Pair(node, "strides", {1, 1});
  g.dilation = Pair(node, "dilations", {1, 1});
  g.padding = ExplicitPads(node);
  const std::string automatic = node.String("auto_pad", "NOTSET");
  if (automatic == "NOTSET") return g;
  if (automatic != "VALID" && automatic != "SAME_UPPER" && automatic != "SAME_LOWER") {
    node.ComplainAttribute("auto_pad",
                           "expected NOTSET, VALID, SAME_UPPER or SAME_LOWER, found " + automatic);
  }
  if (Added(g.padding, {}).top + g.padding.left + g.padding.bottom + g.padding.right != 0) {
    node.ComplainAttribute("pads", "expected none beside auto_pad");
  }
  if (automatic == "VALID") return g;
  const Shape& in = graph.ShapeOf(image);
  const bool lower = automatic == "SAME_LOWER";
  std::tie(g.padding.top, g.padding.bottom) =
      SamePads(in.height + image.padding.top + image.padding.bottom, g.kernel.y, g.stride.y,
               g.dilation.y, lower);
  std::tie(g.padding.left, g.padding.right) =
      SamePads(in.width + image.padding.left + image.padding.right, g.kernel.x, g.stride.x,
               g.dilation.x, lower);
  return g;
}

void ImportConv(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.PaddedImage4d(node, 0);
  const int channels = graph.ShapeOf(image).units;
  Convolution c;
  c.weight = graph.Constant(node, 1);
  if (c.weight.dim() != 4) {
    node.Complain(fmt::format("weight \"{}\": expected 4 dimensions, found {}", node.Input(1),
                              c.weight.dim()));
  }
  const Geometry g = ReadGeometry(graph, node, image, {c.weight.size(2), c.weight.size(3)});
  const int64_t groups = node.Int("group", 1);
  if (groups < 1 || groups > channels || channels % groups != 0 || c.weight.size(0) % groups != 0) {
    node.ComplainAttribute("group", fmt::format("expected a divisor of {} inputs and {} outputs, "
                                                "found {}",
                                                channels, c.weight.size(0), groups));
  }
  const std::vector<int64_t> expected = {c.weight.size(0), channels / groups, g.kernel.y,
                                         g.kernel.x};
  if (c.weight.sizes().vec() != expected) {
    node.Complain(fmt::format("weight \"{}\": expected {}, found {}", node.Input(1),
                              fmt::join(expected, " x "),
                              fmt::join(c.weight.sizes().vec(), " x ")));
  }
  c.units = static_cast<int>(c.weight.size(0));
  c.groups = static_cast<int>(groups);
  c.kernel = g.kernel;
  c.stride = g.stride;
  c.dilation = g.dilation;
  c.padding = Added(g.padding, image.padding);
  if (!node.Input(2).empty()) c.bias = graph.Constant(node, 2);
  graph.Append(node, c, {image}, false);
}

// Whether no value can be below zero, so that zeros of a Pad never are a window's only maximum.
bool IsNonNegative(const Network& network, int index) {
  const Layer& layer = network.layer(index);
  if (const auto* relu = layer.kind.As<Relu>()) {
    return relu->slope == 0 && !relu->slopes.defined();
  }
  if (layer.kind.Is<Softmax>()) return true;
  const bool keeps_sign =
      layer.kind.Is<Pooling>() || layer.kind.Is<Dropout>() || layer.kind.Is<LocalResponseNorm>();
  return keeps_sign && IsNonNegative(network, layer.inputs[0]);
}

// A pooling's padding is not made of zeros; it can stand for them only in some cases.
void MergePad(OnnxGraph& graph, const OnnxNode& node, const OnnxImage& image, const Padding& own,
              Pooling& pooling) {
  const bool has_own = own.top != 0 || own.left != 0 || own.bottom != 0 || own.right != 0;
  const Extent& k = pooling.kernel;
  const bool window_sees_image = image.padding.top < k.y && image.padding.bottom < k.y &&
                                 image.padding.left < k.x && image.padding.right < k.x;
  bool exact =
      !pooling.ceil && window_sees_image && pooling.dilation.y == 1 && pooling.dilation.x == 1;
  if (pooling.method == Pooling::Method::kMax) {
    exact = exact && IsNonNegative(graph.network(), image.layer);
  } else {
    exact = exact && (pooling.count_padding || !has_own);
    pooling.count_padding = true;
  }
  if (!exact) {
    node.Complain(
        fmt::format("input \"{}\" is the output of a Pad whose zeros this pooling cannot "
                    "take up exactly",
                    node.Input(0)));
  }
}

void ImportPooling(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.PaddedImage4d(node, 0);
  const Geometry g = ReadGeometry(graph, node, image, {});
  Pooling pooling;
  pooling.method = node.op() == "MaxPool" ? Pooling::Method::kMax : Pooling::Method::kAverage;
  pooling.kernel = g.kernel;
  pooling.stride = g.stride;
  pooling.dilation = g.dilation;
  pooling.ceil = node.Int("ceil_mode", 0) != 0;
  if (pooling.method == Pooling::Method::kMax) {
    node.Int("storage_order", 0);  // of the second output, the indices, which nothing can use
  } else {
    pooling.count_padding = node.Int("count_include_pad", 0) != 0;
    if (g.dilation.y != 1 || g.dilation.x != 1) {
      node.ComplainAttribute("dilations", "only 1 is supported for averages");
    }
  }
  pooling.padding = Added(g.padding, image.padding);
  if (image.padded()) MergePad(graph, node, image, g.padding, pooling);
  graph.Append(node, pooling, {image}, false);
}

void ImportGlobalPooling(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image4d(node, 0);
  if (node.op() == "GlobalMaxPool") {
    graph.Append(node, GlobalMaxPooling{}, {image}, false);
  } else {
    graph.Append(node, GlobalAveragePooling{}, {image}, false);
  }
}

void ImportReduceMean(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image4d(node, 0);
  std::vector<int64_t> axes = node.Ints("axes", {});
  if (!node.Input(1).empty()) axes = graph.Numbers(node, 1).values;
  for (int64_t& axis : axes) axis += axis < 0 ? 4 : 0;
  std::sort(axes.begin(), axes.end());
  if (axes != std::vector<int64_t>{2, 3}) {
    node.ComplainAttribute(
        "axes", fmt::format("only the mean over height and width (2, 3) is "
                            "supported, found {}",
                            axes.empty() ? "none" : fmt::format("{}", fmt::join(axes, ", "))));
  }
  node.Int("noop_with_empty_axes", 0);  // there are axes
  graph.Append(node, GlobalAveragePooling{}, {image}, node.Int("keepdims", 1) == 0);
}

// Zeros around the image, for the operators that follow.
void ImportPad(OnnxGraph& graph, const OnnxNode& node) {
  OnnxImage image = graph.Image4d(node, 0);
  const std::string mode = node.String("mode", "constant");
  if (mode != "constant")
    node.ComplainAttribute("mode", "only constant is supported, found " + mode);
  std::vector<int64_t> pads = node.Ints("pads", {});
  float value = node.Float("value", 0);
  if (!node.Input(1).empty()) pads = graph.Numbers(node, 1).values;
  if (!node.Input(2).empty()) {
    const at::Tensor constant = graph.Constant(node, 2);
    if (constant.numel() != 1) node.Complain("expected one number to pad with, found others");
    value = constant.item<float>();
  }
  if (!node.Input(3).empty()) node.Complain("input axes is not supported");
  if (value != 0)
    node.ComplainAttribute("value", fmt::format("only 0 is supported, found {}", value));
  if (pads.size() != 8) {
    node.ComplainAttribute("pads", fmt::format("expected 8 numbers, found {}", pads.size()));
  }
  for (size_t i = 0; i < pads.size(); ++i) {
    const int64_t most = i % 4 < 2 ? 0 : kMostPixels;
    if (pads[i] < 0 || pads[i] > most) {
      node.ComplainAttribute("pads",
                             fmt::format("only padding of height and width is supported, of "
                                         "0 to {}, found {}",
                                         kMostPixels, fmt::join(pads, ", ")));
    }
  }
  image.padding = {static_cast<int>(pads[2]), static_cast<int>(pads[3]), static_cast<int>(pads[6]),
                   static_cast<int>(pads[7])};
  if (image.padded()) {
    graph.Pad(node, image);
  } else {
    graph.Alias(node, image);
  }
}

}  // namespace

const std::map<std::string, OnnxHandler>& OnnxWindowHandlers() {
  static const std::map<std::string, OnnxHandler> handlers = {
      {"AveragePool", ImportPooling},
      {"Conv", ImportConv},
      {"GlobalAveragePool", ImportGlobalPooling},
      {"GlobalMaxPool", ImportGlobalPooling},
      {"MaxPool", ImportPooling},
      {"Pad", ImportPad},
      {"ReduceMean", ImportReduceMean}};
  return handlers;
}

}  // namespace netdissect
