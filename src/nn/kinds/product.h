#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// Of its inputs, number by number: a gate (C, 1, 1) that sees everything, or a map (1, H, W) that
/// weighs positions.
struct Product : ElementwiseKind {
  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
