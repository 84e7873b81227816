#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// Mean over all positions.
struct GlobalAveragePooling : GlobalKind {
  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  Recording RecordedAs() const override;
};

/// Maximum over all positions.
struct GlobalMaxPooling : GlobalKind {
  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
