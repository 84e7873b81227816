#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// The input's numbers, (C, H, W) one after the other, as a tensor of `sizes`, whose axes are put
/// in `order` (axis i of the new is axis order[i] of the old), and whose numbers, one after the
/// other, are those of `result`: whatever has no kind of its own. Said to see everything.
struct Rearrangement : GlobalKind {
  std::vector<int> sizes;
  std::vector<int> order;
  Shape result;

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
