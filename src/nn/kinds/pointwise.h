#pragma once

#include "nn/kinds/families.h"
#include "nn/rows/row_kernels.h"

namespace netdissect {

/// A function of each number by itself:
///
///   sigmoid       1 / (1 + exp(-x))
///   hard sigmoid  max(0, min(1, a x + b))
///   hard swish    x max(0, min(1, x / 6 + 1 / 2))
///   swish         x / (1 + exp(-x))
///   tanh
///   elu           x, below 0: a (exp(x) - 1)
///   selu          b x, below 0: b a (exp(x) - 1)
///   gelu          x P(X <= x) of a standard normal X; by tanh: its approximation
///                 x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
///   softplus      log(1 + exp(a x)) / a, x where a x > b
///   softsign      x / (1 + |x|)
///   clip          max(a, min(b, x)), infinite where open
///   power         x^a
///   rounding      to the nearest multiple of a, of two the even one
///
/// and error function, absolute value, square root, exponential, logarithm and reciprocal.
struct Pointwise : ChannelwiseKind {
  using Function = PointwiseFunction;
  Function function = Function::kSigmoid;
  float a = 0;
  float b = 0;

  Pointwise() = default;
  explicit Pointwise(Function f, float first = 0, float second = 0)
      : function(f), a(first), b(second) {}

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
