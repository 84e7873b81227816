// What PyTorch does to each number by itself, or to two tensors number by number.

#include "nn/import/elementwise.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>

#include <limits>

#include "nn/import/not_supported.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/relu.h"
#include "nn/torchscript/call.h"

namespace netdissect::torchscript {
namespace {

using Function = Pointwise::Function;

std::vector<Value> Apply(const Call& call, AnyKind kind, const char* input = "self") {
  return {Fresh(ApplyToEach(call.graph(), call.name(), call.Input(input), std::move(kind)))};
}

template <Function FUNCTION>
std::vector<Value> Unary(const Call& call) {
  return Apply(call, Pointwise(FUNCTION));
}

std::vector<Value> HardSigmoid(const Call& call) {
  return Apply(call, Pointwise(Function::kHardSigmoid, 1.0f / 6, 0.5f));
}

std::vector<Value> Gelu(const Call& call) {
  const bool tanh = call.Has("approximate") && call.String("approximate") == "tanh";
  return Apply(call, Pointwise(tanh ? Function::kGeluTanh : Function::kGelu));
}

std::vector<Value> Elu(const Call& call) {
  if (call.Number("scale") != 1 || call.Number("input_scale") != 1) {
    FailUnsupported("argument scale: only 1 is supported");
  }
  return Apply(call, Pointwise(Function::kElu, static_cast<float>(call.Number("alpha"))));
}

std::vector<Value> Selu(const Call& call) {
  return Apply(call,
               Pointwise(Function::kSelu, 1.67326319217681884765625f, 1.05070102214813232421875f));
}

std::vector<Value> Softplus(const Call& call) {
  return Apply(call, Pointwise(Function::kSoftplus, static_cast<float>(call.Number("beta")),
                               static_cast<float>(call.Number("threshold"))));
}

std::vector<Value> Mish(const Call& call) {
  const View x = call.graph().Unpadded(call.Input());
  View gate = ApplyToEach(call.graph(), call.name() + "/softplus", x,
                          Pointwise(Function::kSoftplus, 1, 20));
  gate = ApplyToEach(call.graph(), call.name() + "/tanh", gate, Pointwise(Function::kTanh));
  return {Fresh(Combine(call.graph(), call.name(), Arithmetic::kMultiply, x, gate))};
}

std::vector<Value> Clip(const Call& call, double low, double high) {
  if (low == 0 && high == std::numeric_limits<double>::infinity()) return Apply(call, Relu{});
  if (low > high) FailUnsupported("expected a minimum below the maximum");
  return Apply(call, Pointwise(Function::kClip, static_cast<float>(low), static_cast<float>(high)));
}
constexpr double kOpen = std::numeric_limits<double>::infinity();

std::vector<Value> Clamp(const Call& call) {
  return Clip(call, call.IsNone("min") ? -kOpen : call.Number("min"),
              call.IsNone("max") ? kOpen : call.Number("max"));
}
std::vector<Value> Hardtanh(const Call& call) {
  return Clip(call, call.Number("min_val"), call.Number("max_val"));
}
std::vector<Value> ClampMin(const Call& call) { return Clip(call, call.Number("min"), kOpen); }
std::vector<Value> ClampMax(const Call& call) { return Clip(call, -kOpen, call.Number("max")); }
std::vector<Value> Relu6(const Call& call) { return Clip(call, 0, 6); }

std::vector<Value> Rectified(const Call& call) { return Apply(call, Relu{}); }

std::vector<Value> LeakyRelu(const Call& call) {
  Relu relu;
  relu.slope = static_cast<float>(call.Number("negative_slope"));
  return Apply(call, relu);
}

std::vector<Value> Prelu(const Call& call) {
  const View x = call.graph().Unpadded(call.Input());
  Relu relu;
  relu.slopes = call.Tensor("weight");
  if (relu.slopes.numel() != 1) relu.slopes = relu.slopes.reshape({-1, 1, 1});
  if (x.axes.size() == 2) relu.slopes = relu.slopes.reshape({-1});
  relu.slopes = PerChannel(call.graph(), x, relu.slopes);
  return {Fresh(ApplyToEach(call.graph(), call.name(), x, relu))};
}

std::vector<Value> Power(const Call& call) {
  return Apply(call, Pointwise(Function::kPower, static_cast<float>(call.Number("exponent"))));
}

std::vector<Value> Rsqrt(const Call& call) {
  return Apply(call, Pointwise(Function::kPower, -0.5f));
}

std::vector<Value> Negative(const Call& call) {
  return {Fresh(Combine(call.graph(), call.name(), Arithmetic::kMultiply, call.Input(),
                        at::full({}, -1.0f), false))};
}

std::vector<Value> DropoutOf(const Call& call) {
  if (call.Bool("train")) {
    FailUnsupported("traced for training: call model.eval() before the file is made");
  }
  Dropout dropout;
  dropout.rate = static_cast<float>(call.Number("p"));
  return Apply(call, dropout, call.Has("input") ? "input" : "self");
}

// Tensor or number `what` tensor or number, the second multiplied by `alpha`.
std::vector<Value> Binary(const Call& call, Arithmetic what, const char* first = "self",
                          const char* second = "other") {
  const double alpha = call.Has("alpha") ? call.Number("alpha") : 1;
  GraphBuilder& graph = call.graph();
  const auto scaled = [&](View view) {
    if (alpha == 1) return view;
    return Combine(graph, call.name() + "/alpha", Arithmetic::kMultiply, view,
                   at::full({}, alpha, at::kFloat), false);
  };
  if (call.IsSeen(first) && call.IsSeen(second)) {
    return {
        Fresh(Combine(graph, call.name(), what, call.Input(first), scaled(call.Input(second))))};
  }
  const bool is_first = !call.IsSeen(second);
  const auto constant = [&](const char* argument) {
    // A number, or a tensor of them.
    try {
      return at::full({}, call.Number(argument), at::kFloat);
    } catch (const NotSupported&) {
      return call.Tensor(argument);
    }
  };
  if (is_first) {
    return {Fresh(
        Combine(graph, call.name(), what, call.Input(first), constant(second) * alpha, false))};
  }
  return {
      Fresh(Combine(graph, call.name(), what, scaled(call.Input(second)), constant(first), true))};
}

template <Arithmetic WHAT>
std::vector<Value> BinaryOf(const Call& call) {
  if (call.Has("rounding_mode") && !call.IsNone("rounding_mode")) {
    FailUnsupported("argument rounding_mode: only None is supported");
  }
  return Binary(call, WHAT);
}

// other - self
std::vector<Value> ReverseSubtract(const Call& call) {
  return Binary(call, Arithmetic::kSubtract, "other", "self");
}

}  // namespace

const std::map<std::string, Handler>& ElementwiseHandlers() {
  static const std::map<std::string, Handler> handlers = {
      {"abs", Unary<Function::kAbs>},
      {"add", BinaryOf<Arithmetic::kAdd>},
      {"clamp", Clamp},
      {"clamp_max", ClampMax},
      {"clamp_min", ClampMin},
      {"clip", Clamp},
      {"div", BinaryOf<Arithmetic::kDivide>},
      {"divide", BinaryOf<Arithmetic::kDivide>},
      {"dropout", DropoutOf},
      {"elu", Elu},
      {"erf", Unary<Function::kErf>},
      {"exp", Unary<Function::kExp>},
      {"feature_dropout", DropoutOf},
      {"gelu", Gelu},
      {"hardsigmoid", HardSigmoid},
      {"hardswish", Unary<Function::kHardSwish>},
      {"hardtanh", Hardtanh},
      {"leaky_relu", LeakyRelu},
      {"log", Unary<Function::kLog>},
      {"maximum", BinaryOf<Arithmetic::kMaximum>},
      {"minimum", BinaryOf<Arithmetic::kMinimum>},
      {"mish", Mish},
      {"mul", BinaryOf<Arithmetic::kMultiply>},
      {"multiply", BinaryOf<Arithmetic::kMultiply>},
      {"neg", Negative},
      {"pow", Power},
      {"prelu", Prelu},
      {"reciprocal", Unary<Function::kReciprocal>},
      {"relu", Rectified},
      {"relu6", Relu6},
      {"rsqrt", Rsqrt},
      {"rsub", ReverseSubtract},
      {"selu", Selu},
      {"sigmoid", Unary<Function::kSigmoid>},
      {"silu", Unary<Function::kSwish>},
      {"softplus", Softplus},
      {"softsign", Unary<Function::kSoftsign>},
      {"sqrt", Unary<Function::kSqrt>},
      {"sub", BinaryOf<Arithmetic::kSubtract>},
      {"subtract", BinaryOf<Arithmetic::kSubtract>},
      {"tanh", Unary<Function::kTanh>}};
  return handlers;
}

}  // namespace netdissect::torchscript
