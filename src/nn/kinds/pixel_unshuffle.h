#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// (C, H r, W r) to (C r r, H, W), the inverse of PixelShuffle.
struct PixelUnshuffle : PlainKind {
  int factor = 2;

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  Reach GetReach(const Shape& input, const Shape& output) const override;
  void MarkChannels(const std::vector<char>& wanted,
                    const std::vector<std::vector<char>*>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  std::optional<float> Surroundings() const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
