#include "nn/kinds/pointwise.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/log.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/round.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/tanh.h>

#include <algorithm>
#include <cmath>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"

namespace netdissect {
namespace {

struct FunctionWord {
  const char* name;
  int parameters;  // of a and b, those that it has
};

FunctionWord WordOf(Pointwise::Function function) {
  using Function = Pointwise::Function;
  switch (function) {
    case Function::kSigmoid:
      return {"sigmoid", 0};
    case Function::kHardSigmoid:
      return {"hard sigmoid", 2};
    case Function::kHardSwish:
      return {"hard swish", 0};
    case Function::kSwish:
      return {"swish", 0};
    case Function::kTanh:
      return {"tanh", 0};
    case Function::kElu:
      return {"elu", 1};
    case Function::kSelu:
      return {"selu", 2};
    case Function::kGelu:
      return {"gelu", 0};
    case Function::kGeluTanh:
      return {"gelu by tanh", 0};
    case Function::kSoftplus:
      return {"softplus", 2};
    case Function::kSoftsign:
      return {"softsign", 0};
    case Function::kClip:
      return {"clip", 2};
    case Function::kAbs:
      return {"absolute value", 0};
    case Function::kSqrt:
      return {"square root", 0};
    case Function::kExp:
      return {"exponential", 0};
    case Function::kLog:
      return {"logarithm", 0};
    case Function::kPower:
      return {"power", 1};
    case Function::kReciprocal:
      return {"reciprocal", 0};
    case Function::kErf:
      return {"error function", 0};
    case Function::kRound:
      return {"rounding", 1};
  }
  Fail("expected a function, found number {}", static_cast<int>(function));
}

float Value(const Pointwise& p, float x) {
  using Function = Pointwise::Function;
  const auto sigmoid = [](float v) { return 1 / (1 + std::exp(-v)); };
  switch (p.function) {
    case Function::kSigmoid:
      return sigmoid(x);
    case Function::kHardSigmoid:
      return std::max(0.0f, std::min(1.0f, p.a * x + p.b));
    case Function::kHardSwish:
      return x * std::max(0.0f, std::min(1.0f, x / 6 + 0.5f));
    case Function::kSwish:
      return x * sigmoid(x);
    case Function::kTanh:
      return std::tanh(x);
    case Function::kElu:
      return x > 0 ? x : p.a * std::expm1(x);
    case Function::kSelu:
      return p.b * (x > 0 ? x : p.a * std::expm1(x));
    case Function::kGelu:
      return 0.5f * x * (1 + std::erf(x * 0.70710678f));
    case Function::kGeluTanh:
      return 0.5f * x * (1 + std::tanh(0.79788456f * (x + 0.044715f * x * x * x)));
    case Function::kSoftplus:
      return p.a * x > p.b ? x : std::log1p(std::exp(p.a * x)) / p.a;
    case Function::kSoftsign:
      return x / (1 + std::abs(x));
    case Function::kClip:
      return std::max(p.a, std::min(p.b, x));
    case Function::kAbs:
      return std::abs(x);
    case Function::kSqrt:
      return std::sqrt(x);
    case Function::kExp:
      return std::exp(x);
    case Function::kLog:
      return std::log(x);
    case Function::kPower:
      return std::pow(x, p.a);
    case Function::kReciprocal:
      return 1 / x;
    case Function::kErf:
      return std::erf(x);
    case Function::kRound:
      return p.a * std::nearbyint(x / p.a);
  }
  return x;
}

}  // namespace

std::string Pointwise::Name() const { return WordOf(function).name; }

void Pointwise::Visit(ParameterVisitor& visitor) {
  const int parameters = WordOf(function).parameters;
  if (parameters >= 1) visitor.Visit("a", " ", &a);
  if (parameters >= 2) visitor.Visit("b", " ", &b);
}

Shape Pointwise::OutputShape(const std::vector<Shape>& inputs) const {
  if (function == Function::kSoftplus && !(a > 0)) {
    Fail("softplus: expected a factor above 0, found {}", a);
  }
  if (function == Function::kRound && !(a > 0)) {
    Fail("rounding: expected a step above 0, found {}", a);
  }
  if (function == Function::kClip && !(a <= b)) {
    Fail("clip: expected a lowest value up to the highest, found {} and {}", a, b);
  }
  return OnlyInput(inputs);
}

at::Tensor Pointwise::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  const at::Tensor& x = inputs.front();
  switch (function) {
    case Function::kSigmoid:
      return at::sigmoid(x);
    case Function::kHardSigmoid:
      return at::clamp(x * a + b, 0, 1);
    case Function::kHardSwish:
      return at::hardswish(x);
    case Function::kSwish:
      return at::silu(x);
    case Function::kTanh:
      return at::tanh(x);
    case Function::kElu:
      return at::elu(x, a);
    case Function::kSelu:
      return at::elu(x, a, b);
    case Function::kGelu:
      return at::gelu(x);
    case Function::kGeluTanh:
      return at::gelu(x, "tanh");
    case Function::kSoftplus:
      return at::softplus(x, a, b);
    case Function::kSoftsign:
      return x / (at::abs(x) + 1);
    case Function::kClip:
      return at::clamp(x, a, b);
    case Function::kAbs:
      return at::abs(x);
    case Function::kSqrt:
      return at::sqrt(x);
    case Function::kExp:
      return at::exp(x);
    case Function::kLog:
      return at::log(x);
    case Function::kPower:
      return at::pow(x, a);
    case Function::kReciprocal:
      return at::reciprocal(x);
    case Function::kErf:
      return at::erf(x);
    case Function::kRound:
      return at::round(x / a) * a;
  }
  return x;
}

void Pointwise::ComputeRows(const RowTask& task) const {
  ForEachRow(task, [&](const float* row, float* out) {
    const float* from = row + task.hull.first;
    for (int c = 0; c < task.hull.count; ++c) out[c] = Value(*this, from[c]);
  });
}

Recording Pointwise::RecordedAs() const { return Recording::kPassesOn; }

}  // namespace netdissect
