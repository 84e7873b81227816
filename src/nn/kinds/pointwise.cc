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
  const PointwiseCall call = {function, a, b};
  ForEachRow(task, [&](const float* row, float* out) {
    task.kernels.pointwise(row + task.hull.first, call, task.hull.count, out);
  });
}

Recording Pointwise::RecordedAs() const { return Recording::kPassesOn; }

}  // namespace netdissect
