// Products, sums, normalisations and other arithmetic of ONNX.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>

#include "netdissect/base/error.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/softmax.h"
#include "nn/kinds/sum.h"
#include "nn/onnx_graph.h"

namespace netdissect {
namespace {

// A constant that is broadcast along height and width only, as one number for each channel.
at::Tensor PerChannel(const OnnxGraph& graph, const OnnxNode& node, int index,
                      const OnnxImage& image) {
  const at::Tensor constant = graph.Constant(node, index);
  const int64_t units = graph.ShapeOf(image).units;
  if (constant.numel() == 1 && constant.dim() <= (image.flat ? 2 : 4)) {
    return constant.reshape({1}).expand({units}).contiguous();
  }
  std::vector<int64_t> dims = constant.sizes().vec();
  if (dims.size() == (image.flat ? 2u : 4u) && dims[0] == 1) dims.erase(dims.begin());
  std::vector<int64_t> expected = {units, 1, 1};
  if (image.flat) expected.resize(1);
  if (dims != expected) {
    node.Complain(
        fmt::format("input \"{}\": only one number, or one for each of {} channels ({}), is "
                    "supported, found {}",
                    node.Input(index), units, fmt::join(expected, " x "),
                    fmt::join(constant.sizes().vec(), " x ")));
  }
  return constant.reshape({units}).contiguous();
}

// a + b, a - b, a * b, a / b where one of them is a constant.
Affine AffineOf(const OnnxGraph& graph, const OnnxNode& node, const OnnxImage& image,
                int constant_index) {
  const at::Tensor constant = PerChannel(graph, node, constant_index, image);
  const at::Tensor one = at::ones_like(constant), zero = at::zeros_like(constant);
  if (node.op() == "Add") return {one, constant};
  if (node.op() == "Mul") return {constant, zero};
  if (node.op() == "Sub") {
    return constant_index == 1 ? Affine{one, -constant} : Affine{-one, constant};
  }
  if (constant_index == 0) node.Complain("a constant divided by what is computed is not supported");
  if ((constant == 0).any().item<bool>()) node.Complain("expected a divisor other than 0");
  return {constant.reciprocal(), zero};
}

void ImportBinary(OnnxGraph& graph, const OnnxNode& node) {
  node.Int("consumed_inputs", 0);  // of version 1, without meaning
  const bool first = graph.IsImage(node, 0), second = graph.IsImage(node, 1);
  if (first != second) {
    const OnnxImage image = graph.Image(node, first ? 0 : 1);
    graph.Append(node, AffineOf(graph, node, image, first ? 1 : 0), {image}, image.flat);
    return;
  }
  const OnnxImage a = graph.Image(node, 0), b = graph.Image(node, 1);
  if (node.op() == "Mul" || node.op() == "Div") {
    node.Complain("only a constant as second operand is supported");
  }
  if (a.flat != b.flat) node.Complain("expected inputs with equally many dimensions, found others");
  Sum sum;
  if (node.op() == "Sub") sum.coefficients = {1, -1};
  graph.Append(node, sum, {a, b}, a.flat);
}

std::vector<OnnxImage> AllImages(const OnnxGraph& graph, const OnnxNode& node) {
  std::vector<OnnxImage> images;
  for (int i = 0; i < node.CountInputs(); ++i) {
    images.push_back(graph.Image(node, i));
    if (images.back().flat != images.front().flat) {
      node.Complain("expected inputs with equally many dimensions, found others");
    }
  }
  if (images.empty()) node.Complain("expected inputs, found none");
  return images;
}

void ImportSum(OnnxGraph& graph, const OnnxNode& node) {
  const std::vector<OnnxImage> images = AllImages(graph, node);
  graph.Append(node, Sum{}, images, images.front().flat);
}

// Channels are axis 1, or counted from the end.
void RequireChannelAxis(const OnnxNode& node, const OnnxImage& image, int64_t axis) {
  if (axis != 1 && axis != (image.flat ? -1 : -3)) {
    node.ComplainAttribute("axis",
                           fmt::format("only 1, the channels, is supported, found {}", axis));
  }
}

// Of images along channels, or of the numbers of a shape.
void ImportConcat(OnnxGraph& graph, const OnnxNode& node) {
  const int64_t axis = node.Int("axis", 1);
  if (graph.IsImage(node, 0)) {
    const std::vector<OnnxImage> images = AllImages(graph, node);
    RequireChannelAxis(node, images.front(), axis);
    graph.Append(node, Concatenation{}, images, images.front().flat);
    return;
  }
  OnnxNumbers all;
  for (int i = 0; i < node.CountInputs(); ++i) {
    const OnnxNumbers numbers = graph.Numbers(node, i);
    if (numbers.scalar || axis != 0) node.Complain("expected numbers along axis 0");
    all.values.insert(all.values.end(), numbers.values.begin(), numbers.values.end());
  }
  graph.Set(node, all);
}

void ImportGemm(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image(node, 0);
  if (!image.flat) node.Complain("expected a first input of (N, C), found (N, C, H, W)");
  if (node.Int("transA", 0) != 0) node.ComplainAttribute("transA", "only 0 is supported");
  at::Tensor weight = graph.Constant(node, 1);
  if (weight.dim() != 2) {
    node.Complain(
        fmt::format("weight \"{}\": expected 2 dimensions, found {}", node.Input(1), weight.dim()));
  }
  if (node.Int("transB", 0) == 0) weight = weight.t();
  InnerProduct product;
  product.units = static_cast<int>(weight.size(0));
  product.weight = weight * node.Float("alpha", 1);
  node.Int("broadcast", 1);  // of the first version; what does not fit is an error below
  const float beta = node.Float("beta", 1);
  if (!node.Input(2).empty()) {
    const at::Tensor bias = graph.Constant(node, 2);
    const bool row = bias.dim() <= 1 || (bias.dim() == 2 && bias.size(0) == 1);
    if (!row || (bias.numel() != 1 && bias.numel() != product.units)) {
      node.Complain(fmt::format("input \"{}\": expected a row of {} numbers, found {}",
                                node.Input(2), product.units,
                                fmt::join(bias.sizes().vec(), " x ")));
    }
    product.bias = (bias * beta).reshape({-1}).expand({product.units}).contiguous();
  }
  graph.Append(node, product, {image}, true);
}

void ImportMatMul(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image(node, 0);
  if (!image.flat) node.Complain("expected a first input of (N, C), found (N, C, H, W)");
  const at::Tensor weight = graph.Constant(node, 1);
  if (weight.dim() != 2) {
    node.Complain(
        fmt::format("weight \"{}\": expected 2 dimensions, found {}", node.Input(1), weight.dim()));
  }
  InnerProduct product;
  product.units = static_cast<int>(weight.size(1));
  product.weight = weight.t().contiguous();
  graph.Append(node, product, {image}, true);
}

void ImportBatchNormalization(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image(node, 0);
  if (node.Int("training_mode", 0) != 0) {
    node.ComplainAttribute("training_mode", "only 0 is supported");
  }
  if (node.Int("spatial", 1) != 1) node.ComplainAttribute("spatial", "only 1 is supported");
  node.Int("is_test", 1);     // of the first versions
  node.Float("momentum", 0);  // of training
  node.Ints("consumed_inputs", {});
  const int64_t units = graph.ShapeOf(image).units;
  at::Tensor inputs[4];  // scale, shift, mean, variance
  for (int i = 0; i < 4; ++i) {
    inputs[i] = graph.Constant(node, i + 1).to(at::kDouble);
    if (inputs[i].sizes().vec() != std::vector<int64_t>{units}) {
      node.Complain(fmt::format("input \"{}\": expected {} numbers, found {}", node.Input(i + 1),
                                units, fmt::join(inputs[i].sizes().vec(), " x ")));
    }
  }
  const at::Tensor deviation =
      (inputs[3] + static_cast<double>(node.Float("epsilon", 1e-5f))).rsqrt();
  if (!at::isfinite(deviation).all().item<bool>()) {
    node.Complain("expected variances of which epsilon makes positive numbers, found others");
  }
  const at::Tensor scale = inputs[0] * deviation;
  const Affine affine{scale.to(at::kFloat), (inputs[1] - inputs[2] * scale).to(at::kFloat)};
  graph.Append(node, affine, {image}, image.flat);
}

void ImportLrn(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image4d(node, 0);
  LocalResponseNorm norm;
  const int64_t size = node.Int("size", 0);
  if (size < 1 || size > 1 << 14 || size % 2 == 0) {
    node.ComplainAttribute("size",
                           fmt::format("expected an odd number of channels, found {}", size));
  }
  norm.size = static_cast<int>(size);
  norm.alpha = node.Float("alpha", 1e-4f);
  norm.beta = node.Float("beta", 0.75f);
  norm.k = node.Float("bias", 1);
  graph.Append(node, norm, {image}, false);
}

void ImportRelu(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image(node, 0);
  node.Ints("consumed_inputs", {});
  Relu relu;
  if (node.op() == "LeakyRelu") relu.slope = node.Float("alpha", 0.01f);
  if (node.op() == "PRelu") relu.slopes = PerChannel(graph, node, 1, image);
  graph.Append(node, relu, {image}, image.flat);
}

void ImportSoftmax(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image(node, 0);
  const Shape& shape = graph.ShapeOf(image);
  const int64_t axis = node.Int("axis", graph.opset() < 13 ? 1 : -1);
  RequireChannelAxis(node, image, axis);
  if (graph.opset() < 13 && (shape.height != 1 || shape.width != 1)) {
    // Until version 13 all axes from this one on are one.
    node.ComplainAttribute("axis", "a softmax over channels, height and width is not supported");
  }
  graph.Append(node, Softmax{}, {image}, image.flat);
}

void ImportDropout(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image(node, 0);
  Dropout dropout;
  dropout.rate = node.Float("ratio", dropout.rate);
  if (!node.Input(1).empty()) {
    const at::Tensor rate = graph.Constant(node, 1);
    if (rate.numel() != 1) node.Complain("expected one number as ratio, found others");
    dropout.rate = rate.item<float>();
  }
  if (!node.Input(2).empty()) {
    for (const int64_t training : graph.Numbers(node, 2).values) {
      if (training != 0) node.Complain("input training_mode: only false is supported");
    }
  }
  node.Int("seed", 0);
  node.Int("is_test", 1);
  node.Ints("consumed_inputs", {});
  graph.Append(node, dropout, {image}, image.flat);
}

}  // namespace

const std::map<std::string, OnnxHandler>& OnnxArithmeticHandlers() {
  static const std::map<std::string, OnnxHandler> handlers = {
      {"Add", ImportBinary},      {"BatchNormalization", ImportBatchNormalization},
      {"Concat", ImportConcat},   {"Div", ImportBinary},
      {"Dropout", ImportDropout}, {"Gemm", ImportGemm},
      {"LRN", ImportLrn},         {"LeakyRelu", ImportRelu},
      {"MatMul", ImportMatMul},   {"Mul", ImportBinary},
      {"PRelu", ImportRelu},      {"Relu", ImportRelu},
      {"Softmax", ImportSoftmax}, {"Sub", ImportBinary},
      {"Sum", ImportSum}};
  return handlers;
}

}  // namespace netdissect
