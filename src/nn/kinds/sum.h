#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// sum_i coefficients[i] * x_i; all 1 where empty.
struct Sum : ElementwiseKind {
  std::vector<float> coefficients;

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
