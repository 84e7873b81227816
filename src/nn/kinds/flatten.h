#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// To (C * H * W, 1, 1).
struct Flatten : GlobalKind {
  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  bool HasRows(const std::vector<Shape>& inputs) const override;  // of one position
  void ComputeRows(const RowTask& task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
