// What ONNX does to each number by itself, or to two tensors number by number.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>

#include <cmath>
#include <limits>

#include "nn/import/elementwise.h"
#include "nn/import/not_supported.h"
#include "nn/import/reductions.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/sum.h"
#include "nn/onnx/graph.h"
#include "nn/onnx/tensor.h"

namespace netdissect {
namespace {

constexpr float kOpen = std::numeric_limits<float>::infinity();

Arithmetic ArithmeticOf(const std::string& op) {
  if (op == "Add" || op == "Sum") return Arithmetic::kAdd;
  if (op == "Sub") return Arithmetic::kSubtract;
  if (op == "Mul") return Arithmetic::kMultiply;
  if (op == "Div") return Arithmetic::kDivide;
  return op == "Max" ? Arithmetic::kMaximum : Arithmetic::kMinimum;
}

// The constant as versions before 7 broadcast it: its axes are those from `axis` on.
at::Tensor Constant(const OnnxGraph& graph, const OnnxNode& node, int index, size_t rank) {
  const at::Tensor constant = graph.FloatConstant(node, index);
  if (graph.opset() >= 7) return constant;
  const int64_t axis = node.Int("axis", static_cast<int64_t>(rank) - constant.dim());
  std::vector<int64_t> sizes = constant.sizes().vec();
  if (axis < 0 || axis + constant.dim() > static_cast<int64_t>(rank)) return constant;
  sizes.resize(rank - static_cast<size_t>(axis), 1);
  return constant.reshape(sizes);
}

void ImportBinary(OnnxGraph& graph, const OnnxNode& node) {
  node.Ints("consumed_inputs", {});  // of version 1, without meaning
  node.Int("broadcast", 0);          // what does not fit is an error
  if (graph.opset() < 7) node.Int("axis", 0);
  const Arithmetic what = ArithmeticOf(node.op());
  GraphBuilder& builder = graph.builder();
  if (node.CountInputs() != 2) Fail("expected two inputs, found {}", node.CountInputs());
  const bool first = graph.IsView(node, 0), second = graph.IsView(node, 1);
  if (first && second) {
    return graph.Set(
        node, Combine(builder, node.Output(), what, graph.Input(node, 0), graph.Input(node, 1)));
  }
  const View& x = graph.Input(node, first ? 0 : 1);
  const at::Tensor constant = Constant(graph, node, first ? 1 : 0, x.axes.size());
  try {
    graph.Set(node, Combine(builder, node.Output(), what, x, constant, second));
  } catch (const NotSupported& error) {
    FailUnsupported("input \"{}\": {}", node.Input(first ? 1 : 0), error.what());
  } catch (const Error& error) {
    Fail("input \"{}\": {}", node.Input(first ? 1 : 0), error.what());
  }
}

// Of one tensor or more.
void ImportVariadic(OnnxGraph& graph, const OnnxNode& node) {
  node.Ints("consumed_inputs", {});
  GraphBuilder& builder = graph.builder();
  const bool mean = node.op() == "Mean";
  const Arithmetic what = mean ? Arithmetic::kAdd : ArithmeticOf(node.op());
  std::vector<View> views;
  std::vector<at::Tensor> constants;
  for (int i = 0; i < node.CountInputs(); ++i) {
    if (graph.IsView(node, i)) {
      views.push_back(builder.Unpadded(graph.Input(node, i)));
    } else {
      constants.push_back(graph.FloatConstant(node, i));
    }
  }
  int steps = static_cast<int>(views.size() + constants.size()) - 1 + (mean ? 1 : 0);
  const auto name = [&] {
    return --steps > 0 ? fmt::format("{}/{}", node.Output(), steps) : node.Output();
  };
  View result = views.front();
  bool alike = what == Arithmetic::kAdd && views.size() > 1;
  std::vector<int> layers;
  for (const View& view : views) {
    layers.push_back(view.layer);
    alike = alike && view.axes == result.axes && builder.ShapeOf(view) == builder.ShapeOf(result);
  }
  if (steps == 0) return graph.Set(node, builder.Alias(node.Output(), result));
  if (alike) {
    steps -= static_cast<int>(views.size()) - 2;
    result = builder.Add(name(), Sum{}, layers, result.axes);
  } else {
    for (size_t i = 1; i < views.size(); ++i) {
      result = Combine(builder, name(), what, result, views[i]);
    }
  }
  for (const at::Tensor& constant : constants) {
    result = Combine(builder, name(), what, result, constant, false);
  }
  if (mean) {
    const at::Tensor count = at::full({}, static_cast<float>(node.CountInputs()));
    result = Combine(builder, name(), Arithmetic::kDivide, result, count, false);
  }
  graph.Set(node, result);
}

struct Unary {
  Pointwise::Function function;
  const char* a = nullptr;  // attributes, and what they are otherwise
  float otherwise_a = 0;
  const char* b = nullptr;
  float otherwise_b = 0;
};

const std::map<std::string, Unary>& Unaries() {
  using F = Pointwise::Function;
  static const std::map<std::string, Unary> unaries = {
      {"Abs", {F::kAbs}},
      {"Celu", {F::kElu, "alpha", 1}},
      {"Elu", {F::kElu, "alpha", 1}},
      {"Erf", {F::kErf}},
      {"Exp", {F::kExp}},
      {"HardSigmoid", {F::kHardSigmoid, "alpha", 0.2f, "beta", 0.5f}},
      {"HardSwish", {F::kHardSwish}},
      {"Log", {F::kLog}},
      {"Reciprocal", {F::kReciprocal}},
      {"Selu",
       {F::kSelu, "alpha", 1.67326319217681884765625f, "gamma", 1.05070102214813232421875f}},
      {"Sigmoid", {F::kSigmoid}},
      {"Softsign", {F::kSoftsign}},
      {"Sqrt", {F::kSqrt}},
      {"Tanh", {F::kTanh}}};
  return unaries;
}

View Pointwisely(OnnxGraph& graph, const OnnxNode& node, const View& x,
                 const Pointwise& pointwise) {
  return ApplyToEach(graph.builder(), node.Output(), x, pointwise);
}

Pointwise Function(Pointwise::Function function, float a = 0, float b = 0) {
  Pointwise pointwise;
  pointwise.function = function;
  pointwise.a = a;
  pointwise.b = b;
  return pointwise;
}

void ImportUnary(OnnxGraph& graph, const OnnxNode& node) {
  node.Ints("consumed_inputs", {});
  const Unary& unary = Unaries().at(node.op());
  const float a = unary.a == nullptr ? 0 : node.Float(unary.a, unary.otherwise_a);
  const float b = unary.b == nullptr ? 0 : node.Float(unary.b, unary.otherwise_b);
  if (node.op() == "Celu" && a != 1) FailUnsupported("attribute alpha: only 1 is supported");
  graph.Set(node, Pointwisely(graph, node, graph.Input(node, 0), Function(unary.function, a, b)));
}

void ImportNeg(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor minus_one = at::full({}, -1.0f);
  graph.Set(node, Combine(graph.builder(), node.Output(), Arithmetic::kMultiply,
                          graph.Input(node, 0), minus_one, false));
}

void ImportGelu(OnnxGraph& graph, const OnnxNode& node) {
  const std::string form = node.String("approximate", "none");
  if (form != "none" && form != "tanh") {
    Fail("attribute approximate: expected none or tanh, found {}", form);
  }
  graph.Set(node, Pointwisely(graph, node, graph.Input(node, 0),
                              Function(form == "none" ? Pointwise::Function::kGelu
                                                      : Pointwise::Function::kGeluTanh)));
}

void ImportSoftplus(OnnxGraph& graph, const OnnxNode& node) {
  graph.Set(node, Pointwisely(graph, node, graph.Input(node, 0),
                              Function(Pointwise::Function::kSoftplus, 1, 20)));
}

// x tanh(softplus(x))
void ImportMish(OnnxGraph& graph, const OnnxNode& node) {
  GraphBuilder& builder = graph.builder();
  const View x = builder.Unpadded(graph.Input(node, 0));
  const std::string name = node.Output();
  View gate =
      ApplyToEach(builder, name + "/softplus", x, Function(Pointwise::Function::kSoftplus, 1, 20));
  gate = ApplyToEach(builder, name + "/tanh", gate, Function(Pointwise::Function::kTanh));
  graph.Set(node, Combine(builder, name, Arithmetic::kMultiply, x, gate));
}

// An attribute before version 11, an input since.
void ImportClip(OnnxGraph& graph, const OnnxNode& node) {
  node.Ints("consumed_inputs", {});
  float low = node.Float("min", -kOpen), high = node.Float("max", kOpen);
  if (!node.Input(1).empty()) low = static_cast<float>(graph.Number(node, 1));
  if (!node.Input(2).empty()) high = static_cast<float>(graph.Number(node, 2));
  // The largest numbers of 32 bits stand for none.
  if (low == std::numeric_limits<float>::lowest()) low = -kOpen;
  if (high == std::numeric_limits<float>::max()) high = kOpen;
  if (low > high)
    FailUnsupported("expected a minimum below the maximum, found {} and {}", low, high);
  graph.Set(node, Pointwisely(graph, node, graph.Input(node, 0),
                              Function(Pointwise::Function::kClip, low, high)));
}

void ImportPow(OnnxGraph& graph, const OnnxNode& node) {
  if (!graph.IsView(node, 0)) FailUnsupported("only a constant exponent is supported");
  const auto exponent = static_cast<float>(graph.Number(node, 1));
  graph.Set(node, Pointwisely(graph, node, graph.Input(node, 0),
                              Function(Pointwise::Function::kPower, exponent)));
}

void ImportRelu(OnnxGraph& graph, const OnnxNode& node) {
  const View x = graph.builder().Unpadded(graph.Input(node, 0));
  node.Ints("consumed_inputs", {});
  Relu relu;
  if (node.op() == "LeakyRelu") relu.slope = node.Float("alpha", 0.01f);
  if (node.op() == "PRelu") {
    at::Tensor slopes = graph.FloatConstant(node, 1);
    // One for each channel without axes behind it: before version 7.
    if (slopes.dim() == 1 && slopes.numel() != 1 && graph.opset() < 7) {
      slopes = slopes.reshape({-1, 1, 1});
    }
    relu.slopes = PerChannel(graph.builder(), x, slopes);
  }
  graph.Set(node, ApplyToEach(graph.builder(), node.Output(), x, relu));
}

void ImportDropout(OnnxGraph& graph, const OnnxNode& node) {
  Dropout dropout;
  dropout.rate = node.Float("ratio", dropout.rate);
  if (!node.Input(1).empty()) dropout.rate = static_cast<float>(graph.Number(node, 1));
  if (!node.Input(2).empty() && graph.Number(node, 2) != 0) {
    FailUnsupported("input training_mode: only false is supported");
  }
  node.Int("seed", 0);
  node.Int("is_test", 1);
  node.Ints("consumed_inputs", {});
  graph.Set(node, ApplyToEach(graph.builder(), node.Output(), graph.Input(node, 0), dropout));
}

void ImportLrn(OnnxGraph& graph, const OnnxNode& node) {
  const View x = graph.builder().Plain4d(graph.Input(node, 0));
  LocalResponseNorm norm;
  const int64_t size = node.Int("size", 0);
  if (size < 1 || size > 1 << 14) Fail("attribute size: expected 1 to 16384, found {}", size);
  if (size % 2 == 0) {
    FailUnsupported("attribute size: only an odd number of channels is supported, found {}", size);
  }
  norm.size = static_cast<int>(size);
  norm.alpha = node.Float("alpha", 1e-4f);
  norm.beta = node.Float("beta", 0.75f);
  norm.k = node.Float("bias", 1);
  graph.Set(node, graph.builder().Add(node.Output(), norm, {x.layer}));
}

// Between types of floating point: their numbers are float32 here.
void ImportCast(OnnxGraph& graph, const OnnxNode& node) {
  const int64_t to = node.Int("to", 0);
  node.Int("saturate", 1);
  using onnx::TensorProto;
  if (to != TensorProto::FLOAT && to != TensorProto::FLOAT16 && to != TensorProto::BFLOAT16 &&
      to != TensorProto::DOUBLE) {
    FailUnsupported("attribute to: only floating types are supported here, found {}",
                    OnnxTypeName(to));
  }
  graph.Set(node, graph.builder().Alias(node.Output(), graph.Input(node, 0)));
}

void ImportCastLike(OnnxGraph& graph, const OnnxNode& node) {
  node.Int("saturate", 1);
  if (!graph.IsView(node, 0)) {  // numbers of floating type are one type here
    return graph.Set(node, graph.Constant(node, 0).to(at::kFloat));
  }
  graph.Set(node, graph.builder().Alias(node.Output(), graph.Input(node, 0)));
}

// Rounded to multiples of the scale and cut off where the integers end. What follows is a
// DequantizeLinear of the same scale and zero point, which then changes nothing.
void ImportQuantize(OnnxGraph& graph, const OnnxNode& node) {
  const View x = graph.Input(node, 0);
  node.Int("axis", 1);
  node.Int("saturate", 1);
  const auto scale = static_cast<float>(graph.Number(node, 1));
  double zero = 0;
  double lowest = 0, highest = 255;
  if (!node.Input(2).empty()) {
    zero = graph.Number(node, 2);
    if (graph.TypeOf(node, 2) == onnx::TensorProto::INT8) {
      lowest = -128;
      highest = 127;
    } else if (graph.TypeOf(node, 2) != onnx::TensorProto::UINT8) {
      FailUnsupported("input \"{}\": only INT8 and UINT8 are supported, found {}", node.Input(2),
                      OnnxTypeName(graph.TypeOf(node, 2)));
    }
  }
  if (!(scale > 0)) Fail("input \"{}\": expected a positive scale, found {}", node.Input(1), scale);
  GraphBuilder& builder = graph.builder();
  const View rounded = ApplyToEach(builder, node.Output() + "/rounded", x,
                                   Function(Pointwise::Function::kRound, scale));
  graph.Set(node, ApplyToEach(builder, node.Output(), rounded,
                              Function(Pointwise::Function::kClip,
                                       static_cast<float>((lowest - zero) * scale),
                                       static_cast<float>((highest - zero) * scale))));
  graph.SetQuantized(node, scale, zero);
}

void ImportDequantize(OnnxGraph& graph, const OnnxNode& node) {
  node.Int("axis", 1);
  const double zero = node.Input(2).empty() ? 0 : graph.Number(node, 2);
  const auto scale = static_cast<float>(graph.Number(node, 1));
  if (!graph.IsQuantized(node, scale, zero)) {
    FailUnsupported("expected the scale and zero point that its input was quantised with");
  }
  graph.Set(node, graph.builder().Alias(node.Output(), graph.Input(node, 0)));
}

}  // namespace

const std::map<std::string, OnnxHandler>& OnnxArithmeticHandlers() {
  static const std::map<std::string, OnnxHandler> handlers = [] {
    std::map<std::string, OnnxHandler> all = {{"Add", ImportBinary},
                                              {"Cast", ImportCast},
                                              {"CastLike", ImportCastLike},
                                              {"Clip", ImportClip},
                                              {"DequantizeLinear", ImportDequantize},
                                              {"Div", ImportBinary},
                                              {"Dropout", ImportDropout},
                                              {"Gelu", ImportGelu},
                                              {"LRN", ImportLrn},
                                              {"LeakyRelu", ImportRelu},
                                              {"Max", ImportVariadic},
                                              {"Mean", ImportVariadic},
                                              {"Min", ImportVariadic},
                                              {"Mish", ImportMish},
                                              {"Mul", ImportBinary},
                                              {"Neg", ImportNeg},
                                              {"PRelu", ImportRelu},
                                              {"Pow", ImportPow},
                                              {"QuantizeLinear", ImportQuantize},
                                              {"Relu", ImportRelu},
                                              {"Softplus", ImportSoftplus},
                                              {"Sub", ImportBinary},
                                              {"Sum", ImportVariadic}};
    for (const auto& [op, unary] : Unaries()) all.emplace(op, ImportUnary);
    return all;
  }();
  return handlers;
}

}  // namespace netdissect
