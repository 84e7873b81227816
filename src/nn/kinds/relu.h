#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// max(x, 0) + slope * min(x, 0); with slopes a value for each channel (PReLU).
struct Relu : ChannelwiseKind {
  float slope = 0.0f;
  at::Tensor slopes;  // (C), or undefined

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
