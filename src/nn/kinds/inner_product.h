#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// Of the flattened input, in (C, H, W) order.
struct InnerProduct : GlobalKind {
  int units = 0;
  at::Tensor weight;  // (units, C * H * W)
  at::Tensor bias;    // (units), or undefined

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  int64_t MultiplyAdds(int64_t channels, int64_t positions) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
